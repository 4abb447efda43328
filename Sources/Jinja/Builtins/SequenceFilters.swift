extension FilterLibrary {
  /// Filters on sequences and mappings.
  static let sequenceFilters: [String: Filter] = [
    "length": length, "count": length, "first": first, "last": last, "list": list, "join": join,
    "reverse": reverse, "items": items, "dictsort": sortedItems, "sort": sort, "unique": unique,
    "batch": batch,
    "slice": slice, "sum": sum, "min": smallest, "max": largest, "default": defaultValue, "d": defaultValue,
    "attr": attribute,
  ]

  private static let length: Filter = { (value, arguments, _) throws(TemplateError) in
    try arguments.requireNone("the filter 'length'")
    guard let length = value.length else {
      throw TemplateError(.operation("a value of the kind \(value.kind) has no length"))
    }
    return .integer(length)
  }

  private static let first: Filter = { (value, arguments, _) throws(TemplateError) in
    try arguments.requireNone("the filter 'first'")
    return try value.makeIterator().next() ?? .undefined("there is no first item: the sequence is empty")
  }

  private static let last: Filter = { (value, arguments, _) throws(TemplateError) in
    try arguments.requireNone("the filter 'last'")
    if case .iterator = value {
      throw TemplateError(.operation("the filter 'last' does not work on a lazy sequence; '| list' helps"))
    }
    return try value.elements().last ?? .undefined("there is no last item: the sequence is empty")
  }

  private static let list: Filter = { (value, arguments, _) throws(TemplateError) in
    try arguments.requireNone("the filter 'list'")
    return try .list(try value.elements())
  }

  private static let join: Filter = { (value, arguments, renderer) throws(TemplateError) in
    let values = try arguments.bind("the filter 'join'", ["d", "attribute"])
    let separator = try (values[0] ?? .string("")).printed()
    var items = try value.elements()
    if let path = values[1].given {
      items = try items.mapThrowing { (item) throws(TemplateError) in try lookUp(path, in: item) }
    }
    var text = ""
    for (place, item) in items.enumerated() {
      if place > 0 { text += separator }
      text += try item.printed()
      try Text.requireRoom(text.utf8.count)
    }
    return .string(text)
  }

  private static let reverse: Filter = { (value, arguments, _) throws(TemplateError) in
    try arguments.requireNone("the filter 'reverse'")
    switch value {
    case .string(let text), .markup(let text):
      return .string(Text.string(text.unicodeScalars.reversed()))
    case .iterator: return try .list(try value.elements().reversed())
    // Python cannot reverse what has no order of its own, and makes a list of it first.
    case .undefined: return try .list([Value]())
    default: return .iterator(try ValueIterator(try value.elements().reversed()))
    }
  }

  private static let items: Filter = { (value, arguments, _) throws(TemplateError) in
    try arguments.requireNone("the filter 'items'")
    return .iterator(
      try ValueIterator(computingFrom: value) { () throws(TemplateError) in
        switch value {
        case .undefined: return []
        case .dictionary(let dictionary):
          return try DictionaryView(kind: .items, dictionary: dictionary).elements
        default: throw TemplateError(.operation("the filter 'items' needs a mapping, not \(value.kind)"))
        }
      })
  }

  private static let sortedItems: Filter = { (value, arguments, _) throws(TemplateError) in
    let callee = "the filter 'dictsort'"
    let values = try arguments.bind(callee, ["case_sensitive", "by", "reverse"])
    let by = try values[1]?.requireText(callee) ?? "key"
    guard by == "key" || by == "value" else {
      throw TemplateError(.operation("\(callee) sorts by 'key' or by 'value'"))
    }
    try value.requireDefined()
    guard case .dictionary(let dictionary) = value else {
      throw TemplateError(.operation("\(callee) needs a mapping, not \(value.kind)"))
    }
    let isCaseSensitive = values[0]?.isTruthy ?? false
    let pairs = try DictionaryView(kind: .items, dictionary: dictionary).elements
    let keys = by == "key" ? dictionary.keys : dictionary.values
    return try .list(
      try sorted(
        pairs, by: isCaseSensitive ? keys : keys.map(ignoringCase), isReversed: values[2]?.isTruthy ?? false))
  }

  private static let sort: Filter = { (value, arguments, _) throws(TemplateError) in
    let values = try arguments.bind("the filter 'sort'", ["reverse", "case_sensitive", "attribute"])
    let isCaseSensitive = values[1]?.isTruthy ?? false
    var paths: [Value] = [values[2] ?? .none]
    if let text = paths[0].text {
      paths = Text.split(text, by: ",", limit: -1, fromRight: false).map { .string($0) }
    }
    let items = try value.elements()
    let keys = try items.mapThrowing { (item) throws(TemplateError) -> Value in
      let parts = try paths.mapThrowing { (path) throws(TemplateError) in try lookUp(path, in: item) }
      return try .list(isCaseSensitive ? parts : parts.map(ignoringCase))
    }
    return try .list(try sorted(items, by: keys, isReversed: values[0]?.isTruthy ?? false))
  }

  /// `items` in the order of their keys; equal ones keep their order, reversed too.
  private static func sorted(
    _ items: [Value], by keys: [Value], isReversed: Bool
  ) throws(TemplateError) -> [Value] {
    let keyed = Array(zip(keys, items))
    return try stablySorted(keyed) { (left, right) throws(TemplateError) in
      isReversed ? try right.0.isLess(than: left.0) : try left.0.isLess(than: right.0)
    }.map(\.1)
  }

  private static let unique: Filter = { (value, arguments, _) throws(TemplateError) in
    let values = try arguments.bind("the filter 'unique'", ["case_sensitive", "attribute"])
    let isCaseSensitive = values[0]?.isTruthy ?? false
    let path = values[1] ?? .none
    var seen: Set<HashKey> = []
    return .iterator(
      try ValueIterator(drawingFrom: value) { (source) throws(TemplateError) -> Value? in
        while let item = try source.next() {
          let key = try lookUp(path, in: item)
          if seen.insert(try HashKey(isCaseSensitive ? key : ignoringCase(key))).inserted { return item }
        }
        return nil
      })
  }

  private static let batch: Filter = { (value, arguments, _) throws(TemplateError) in
    let values = try arguments.bind("the filter 'batch'", ["linecount", "fill_with"], required: 1)
    let size = try (values[0] ?? .none).requireInteger("the filter 'batch'")
    guard size > 0, size <= RangeValue.maximumCount else {
      throw TemplateError(.unsupported("the filter 'batch' with \(size) items"))
    }
    return .iterator(
      try ValueIterator(drawingFrom: value) { (source) throws(TemplateError) -> Value? in
        var line: [Value] = []
        while line.count < size, let item = try source.next() { line.append(item) }
        guard !line.isEmpty else { return nil }
        if let fill = values[1].given { line += repeatElement(fill, count: size - line.count) }
        return try .list(line)
      })
  }

  private static let slice: Filter = { (value, arguments, _) throws(TemplateError) in
    let values = try arguments.bind("the filter 'slice'", ["slices", "fill_with"], required: 1)
    let count = try (values[0] ?? .none).requireInteger("the filter 'slice'")
    guard count > 0, count <= RangeValue.maximumCount else {
      throw TemplateError(.operation("the filter 'slice' cannot make \(count) slices"))
    }
    return .iterator(
      try ValueIterator(computingFrom: value) { () throws(TemplateError) in
        try slices(of: try value.elements(), count: count, fill: values[1].given)
      })
  }

  private static func slices(of items: [Value], count: Int, fill: Value?) throws(TemplateError) -> [Value] {
    var rest = ArraySlice(items)
    let (size, longer) = rest.count.quotientAndRemainder(dividingBy: count)
    var slices: [Value] = []
    for place in 0..<count {
      var part = Array(rest.prefix(size + (place < longer ? 1 : 0)))
      rest = rest.dropFirst(part.count)
      if let fill, place >= longer { part.append(fill) }
      slices.append(try .list(part))
    }
    return slices
  }

  private static let sum: Filter = { (value, arguments, _) throws(TemplateError) in
    let values = try arguments.bind("the filter 'sum'", ["attribute", "start"])
    var total = values[1] ?? .integer(0)
    if total.text != nil { throw TemplateError(.operation("the filter 'sum' does not add texts")) }
    for item in try value.elements() {
      let term =
        try values[0].given.map { (path) throws(TemplateError) in try lookUp(path, in: item) } ?? item
      total = try Value.compute(total, .add, term)
    }
    return total
  }

  private static let smallest: Filter = { (value, arguments, _) throws(TemplateError) in
    try extreme("min", value, arguments) { (candidate, best) throws(TemplateError) in
      try candidate.isLess(than: best)
    }
  }

  private static let largest: Filter = { (value, arguments, _) throws(TemplateError) in
    try extreme("max", value, arguments) { (candidate, best) throws(TemplateError) in
      try best.isLess(than: candidate)
    }
  }

  private static func extreme(
    _ name: String, _ value: Value, _ arguments: Arguments,
    _ isBetter: (Value, Value) throws(TemplateError) -> Bool
  ) throws(TemplateError) -> Value {
    let values = try arguments.bind("the filter '\(name)'", ["case_sensitive", "attribute"])
    let isCaseSensitive = values[0]?.isTruthy ?? false
    var best: (key: Value, item: Value)?
    for item in try value.elements() {
      let found = try lookUp(values[1] ?? .none, in: item)
      let key = isCaseSensitive ? found : ignoringCase(found)
      if let current = best {
        if try isBetter(key, current.key) { best = (key, item) }
      } else {
        best = (key, item)
      }
    }
    return best?.item ?? .undefined("there is no \(name): the sequence is empty")
  }

  private static let defaultValue: Filter = { (value, arguments, _) throws(TemplateError) in
    let values = try arguments.bind("the filter 'default'", ["default_value", "boolean"])
    let replaces = value.isUndefined || values[1]?.isTruthy ?? false && !value.isTruthy
    return replaces ? values[0] ?? .string("") : value
  }

  private static let attribute: Filter = { (value, arguments, _) throws(TemplateError) in
    let name = try arguments.bind("the filter 'attr'", ["name"], required: 1)[0] ?? .none
    let text = try name.requireText("the filter 'attr'")
    // Unlike '.', 'attr' does not fall back on a mapping's elements.
    if case .dictionary(let dictionary) = value, dictionary.value(for: text) != nil,
      Methods.standing(of: text, on: value) == .absent
    {
      return .undefined("'dict object' has no attribute '\(text)'")
    }
    return try value.attribute(text)
  }
}

extension Array {
  /// `map` with a typed error.
  func mapThrowing<Result>(
    _ transform: (Element) throws(TemplateError) -> Result
  ) throws(TemplateError) -> [Result] {
    var results: [Result] = []
    results.reserveCapacity(count)
    for element in self { results.append(try transform(element)) }
    return results
  }
}
