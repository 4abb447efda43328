extension Machine {
  /// Adds what follows a part of an object.
  func complete(_ frame: Frame, _ rule: ObjectRule, _ result: inout MachineState) {
    guard let marks, let properties = frame.properties else { return }
    switch frame.phase {
    case .lead: enterName(frame, rule, &result)
    case .comma:
      result.add(Configuration(marks.space, state: 0, parent: frame.with(.lead)))
      enterName(frame, rule, &result)
    case .name: break
    case .colon:
      result.add(Configuration(marks.space, state: 0, parent: frame.with(.valueLead)))
      enter(rule.classes[Int(frame.place)], frame.with(.value), &result)
    case .valueLead: enter(rule.classes[Int(frame.place)], frame.with(.value), &result)
    case .open, .value, .part:
      if canClose(properties, rule) {
        result.add(Configuration(marks.closeObject, state: 0, parent: frame.parent))
      }
      guard let next = namesToCome(properties, rule, depth: frame.depth) else { return }
      let following = frame.with(.lead, place: 0, properties: next)
      if frame.phase == .open {
        result.add(Configuration(marks.space, state: 0, parent: following))
        enterName(following, rule, &result)
      } else {
        result.add(Configuration(marks.comma, state: 0, parent: following.with(.comma)))
      }
    }
  }

  private func canClose(_ properties: Properties, _ rule: ObjectRule) -> Bool {
    properties.count >= rule.minimum
      && rule.closure(of: rule.required.union(properties.seen)).isSubset(of: properties.seen)
      && (rule.needsOneOf.isEmpty || !properties.others.isEmpty
        || rule.needsOneOf.allSatisfy { $0.intersects(properties.seen) })
  }

  /// Which names may come next such that the object can still be ended; nil where none may.
  private func namesToCome(_ properties: Properties, _ rule: ObjectRule, depth: Int32) -> Properties? {
    guard properties.count < rule.maximum, let possible = rule.reachable.first else { return nil }
    let needed = rule.closure(of: rule.required.union(properties.seen)).count(notIn: properties.seen)
    let isTight = rule.maximum != .max
    var allowed = NameSet()
    var isAny = false
    for name in 0..<rule.namedCount where possible.contains(name) && !properties.seen.contains(name) {
      let value = rule.classes[name]
      guard depth + depths[value] <= maximumDepth else { continue }
      if isTight || !rule.dependents.isEmpty {
        let all = rule.closure(of: rule.required.union(properties.seen).union(NameSet([name])))
        // Those that come with it must be possible, and all must find room.
        guard properties.count + all.count(notIn: properties.seen) <= rule.maximum,
          (0..<rule.namedCount).allSatisfy({
            !all.contains($0) || properties.seen.contains($0)
              || depth + depths[rule.classes[$0]] <= maximumDepth
          })
        else { continue }
      }
      allowed.insert(name)
      isAny = true
    }
    let openFits = (rule.namedCount..<rule.classes.count).allSatisfy {
      depths[rule.classes[$0]] == Self.unreachable || depth + depths[rule.classes[$0]] <= maximumDepth
    }
    let allowsOthers =
      openFits && (rule.openCounts.first ?? 0) > properties.others.count
      && (!isTight || properties.count + 1 + needed <= rule.maximum)
    guard isAny || allowsOthers else { return nil }
    return Properties(
      seen: properties.seen, others: properties.others, count: properties.count, allowed: allowed,
      allowsOthers: allowsOthers)
  }

  private func enterName(_ frame: Frame, _ rule: ObjectRule, _ result: inout MachineState) {
    guard let properties = frame.properties else { return }
    var name = Configuration(
      rule.terminal, state: Terminal.beforeQuote, parent: frame.with(.name))
    (name.low, name.high) = (0, Int32(properties.others.count))
    result.add(name)
  }

  /// Adds what becomes of a name by a byte. `configuration` has the terminal's new state.
  func advanceName(
    _ given: Configuration, _ advanced: Configuration, _ byte: UInt8, _ frame: Frame,
    _ result: inout MachineState
  ) {
    guard case .object(let rule) = rules[Int(frame.rule)], let properties = frame.properties else { return }
    if advanced.state == Terminal.closed {
      guard let next = afterName(given, rule, properties), let marks else { return }
      return result.add(
        Configuration(
          marks.colon, state: 0, parent: frame.with(.colon, place: next.place, properties: next.properties)))
    }
    var configuration = advanced
    if given.state != Terminal.beforeQuote && rule.classes.count > rule.namedCount {
      configuration.name.append(byte)
      narrow(&configuration, properties.others)
    }
    if leadsToName(configuration, rule, properties) { result.add(configuration) }
  }

  /// The object's properties with the name that has ended; nil where it may not be there.
  private func afterName(
    _ configuration: Configuration, _ rule: ObjectRule, _ properties: Properties
  ) -> (place: Int32, properties: Properties)? {
    guard let state = terminals[Int(configuration.terminal)].boundary(configuration.state) else { return nil }
    let label = rule.names.labels[state]
    guard label >= 0 else { return nil }
    if Int(label) < rule.namedCount {
      guard properties.allowed.contains(Int(label)) else { return nil }
      return (
        label,
        Properties(
          seen: properties.seen.union(NameSet([Int(label)])), others: properties.others,
          count: properties.count + 1)
      )
    }
    guard properties.allowsOthers else { return nil }
    let place = Int(configuration.low)
    if configuration.low < configuration.high && properties.others[place].count == configuration.name.count {
      return nil
    }
    var others = properties.others
    others.insert(
      configuration.name,
      at: others.firstIndex { configuration.name.lexicographicallyPrecedes($0) } ?? others.count)
    return (label, Properties(seen: properties.seen, others: others, count: properties.count + 1))
  }

  /// Leaves the range of the names that begin with the bytes so far.
  private func narrow(_ configuration: inout Configuration, _ others: [[UInt8]]) {
    let place = configuration.name.count - 1
    while configuration.low < configuration.high {
      let first = others[Int(configuration.low)]
      let last = others[Int(configuration.high) - 1]
      if place >= first.count || first[place] != configuration.name[place] {
        configuration.low += 1
      } else if place >= last.count || last[place] != configuration.name[place] {
        configuration.high -= 1
      } else {
        return
      }
    }
    (configuration.low, configuration.high) = (0, 0)
  }

  /// Whether the name so far can become one that may be there.
  private func leadsToName(_ configuration: Configuration, _ rule: ObjectRule, _ properties: Properties)
    -> Bool
  {
    let terminal = terminals[Int(configuration.terminal)]
    let taken = Int(configuration.high - configuration.low)
    if let state = terminal.boundary(configuration.state) {
      return (properties.allowsOthers && rule.openCounts[state] > taken)
        || rule.reachable[state].intersects(properties.allowed)
    }
    var count = 0
    for (state, size) in terminal.characters(of: configuration.state) {
      if rule.reachable[state].intersects(properties.allowed) { return true }
      let (product, overflows) = rule.openCounts[state].multipliedReportingOverflow(by: size)
      let (sum, overflowsToo) = count.addingReportingOverflow(product)
      count = overflows || overflowsToo ? .max : sum
    }
    return properties.allowsOthers && count > taken
  }
}
