extension MetadataIndex {
  /// The slots that a filter lets through. A slot that holds no record any more has the metadata that it had.
  ///
  /// - Parameters:
  ///   - filter: The filter.
  ///   - slots: How many slots there are.
  ///   - deadline: Looked at before each condition.
  ///   - documents: Finds the slots whose texts a condition holds for; asked last, and not at all where the metadata
  ///     leave none.
  func allowed(
    _ filter: Filter, slots: Int, until deadline: Deadline? = nil,
    documents: (DocumentCondition) throws -> SlotSet
  ) throws -> SlotSet {
    try deadline?.check()
    switch filter {
    case .all(let filters): return try all(filters, slots, deadline, documents)
    case .any(let filters):
      return try filters.reduce(into: SlotSet(count: slots)) {
        $0.formUnion(try allowed($1, slots: slots, until: deadline, documents: documents))
      }
    case .metadata(let name, let condition): return allowed(name, condition, slots)
    case .document(let condition): return try documents(condition)
    }
  }

  // MARK: Parts

  private func all(
    _ filters: [Filter], _ slots: Int, _ deadline: Deadline?,
    _ documents: (DocumentCondition) throws -> SlotSet
  ) throws -> SlotSet {
    var result: SlotSet?
    func intersect(_ other: SlotSet) {
      if result == nil { result = other } else { result?.formIntersection(other) }
    }
    var intervals = [(name: String, interval: NumberInterval)]()
    var later = [Filter]()
    for filter in filters {
      try deadline?.check()
      switch filter {
      case .metadata(let name, .ordered(let order, let number)):
        // Both ends of a range at once: each by itself may let half of the records through.
        let interval = NumberInterval(order, number)
        if let place = intervals.firstIndex(where: { $0.name.utf8.elementsEqual(name.utf8) }) {
          intervals[place].interval.formIntersection(interval)
        } else {
          intervals.append((name, interval))
        }
      case .metadata(let name, let condition): intersect(allowed(name, condition, slots))
      case .document, .all, .any: later.append(filter)
      }
    }
    for (name, interval) in intervals { intersect(allowed(name, interval, slots)) }
    // Texts have to be read from disk.
    for filter in later {
      if let result, result.isEmpty { return result }
      intersect(try allowed(filter, slots: slots, until: deadline, documents: documents))
    }
    return result ?? SlotSet(count: slots, full: true)
  }

  private func allowed(_ name: String, _ condition: MetadataCondition, _ slots: Int) -> SlotSet {
    switch condition {
    case .equal(let value): having([value], name, slots)
    case .notEqual(let value): having([value], name, slots).inverted
    case .oneOf(let values): having(values, name, slots)
    case .noneOf(let values): having(values, name, slots).inverted
    case .contains(let value): containing(value, name, slots)
    case .notContains(let value): containing(value, name, slots).inverted
    case .ordered(let order, let number): allowed(name, NumberInterval(order, number), slots)
    }
  }

  private func having(_ values: [FilterValue], _ name: String, _ slots: Int) -> SlotSet {
    guard let key = key(name) else { return SlotSet(count: slots) }
    return SlotSet(count: slots) { words in
      // A list may name one value a million times.
      for value in Set(values.map(\.canonical)) { key.values.insert(value, into: words) }
    }
  }

  private func containing(_ value: FilterValue, _ name: String, _ slots: Int) -> SlotSet {
    guard let key = key(name) else { return SlotSet(count: slots) }
    return SlotSet(count: slots) { key.elements.insert(value, into: $0) }
  }

  private func allowed(_ name: String, _ interval: NumberInterval, _ slots: Int) -> SlotSet {
    guard let key = key(name) else { return SlotSet(count: slots) }
    return SlotSet(count: slots) { key.values.insert(interval, key.order, into: $0) }
  }
}

extension FilterValue {
  /// The same value with a whole number as an integer.
  var canonical: FilterValue {
    if case .number(let number) = self { .number(number.canonical) } else { self }
  }
}

extension SlotSet {
  /// The set that `fill` makes of the words of the empty one.
  fileprivate init(count: Int, _ fill: (UnsafeMutableBufferPointer<UInt64>) -> Void) {
    var words = [UInt64](repeating: 0, count: (count + 63) / 64)
    words.withUnsafeMutableBufferPointer { fill($0) }
    self.init(count: count, words: words)
  }

  fileprivate var isEmpty: Bool { !words.contains { $0 != 0 } }

  fileprivate var inverted: SlotSet {
    var others = self
    others.invert()
    return others
  }
}
