import MartletJSON

extension SchemaCompiler {
  /// The rule of objects.
  mutating func object(_ value: SchemaConjunction) throws(GrammarError) -> Int {
    let names = Self.names(of: value)
    var numbers: [String: Int] = [:]
    for (number, name) in names.enumerated() { numbers[name] = number }
    let patterns = value.schemas.flatMap { $0.patternProperties.map(\.pattern) }
    let (automaton, masks) = try nameAutomaton(value, names, patterns.map(\.automaton))
    var rule = ObjectRule(
      classes: names.map { self.rule(for: value.valueSchemas(of: $0)) }, namedCount: names.count,
      names: automaton,
      required: NameSet(value.required.compactMap { numbers[$0] }))
    rule.classes += masks.map { self.rule(for: openSchemas(value, matching: $0)) }
    for (name, others) in value.schemas.flatMap(\.dependentRequired) {
      guard let number = numbers[name] else { continue }
      rule.dependents[number, default: NameSet()].formUnion(NameSet(others.compactMap { numbers[$0] }))
    }
    rule.minimum = value.minimumProperties
    rule.maximum = value.maximumProperties ?? .max
    rule.needsOneOf = value.schemas.flatMap(\.needsOtherThan).map { list in
      NameSet(names.indices.filter { !list.contains(names[$0]) })
    }
    if (!rule.dependents.isEmpty && rule.minimum > 0 || !rule.needsOneOf.isEmpty) && rule.maximum != .max {
      throw .schema(
        path: value.path + "/maxProperties",
        problem: "it cannot be enforced together with the other rules of which properties there are")
    }
    return try builder.add(.object(rule))
  }

  /// Names that a schema mentions.
  private static func names(of value: SchemaConjunction) -> [String] {
    var (names, seen): ([String], Set<[UInt8]>) = ([], [])
    func add(_ name: String) { if seen.insert(Array(name.utf8)).inserted { names.append(name) } }
    for schema in value.schemas {
      for (name, _) in schema.properties { add(name) }
    }
    for schema in value.schemas {
      for name in schema.required { add(name) }
      for (name, others) in schema.dependentRequired {
        add(name)
        for other in others { add(other) }
      }
      for name in schema.needsOtherThan.flatMap(\.self) { add(name) }
    }
    return names
  }

  /// The schemas of a property that no schema names, if its name matches some of the patterns.
  private func openSchemas(_ value: SchemaConjunction, matching mask: [Bool]) -> [Int] {
    var place = 0
    var found: [Int] = []
    for schema in value.schemas {
      var own: [Int] = []
      for (_, part) in schema.patternProperties {
        if mask[place] { own.append(part) }
        place += 1
      }
      found += own.isEmpty ? [schema.additionalProperties].compactMap(\.self) : own
    }
    return found
  }

  /// The automaton of all names: labels are the named ones, then the sets of patterns that others match.
  private mutating func nameAutomaton(
    _ value: SchemaConjunction, _ names: [String], _ patterns: [TextAutomaton]
  ) throws(GrammarError) -> (TextAutomaton, masks: [[Bool]]) {
    var limits: [TextAutomaton] = []
    for part in value.schemas.compactMap(\.propertyNames) { limits.append(try strings(part)) }
    let automata = [try TextAutomaton.words(names)] + patterns + limits + [.everything]
    var (masks, numbers): ([[Bool]], [[Bool]: Int32]) = ([], [:])
    do {
      let automaton = try TextAutomaton.product(automata, needsAll: false) { labels in
        if labels.dropFirst(1 + patterns.count).contains(-1) { return -1 }
        if labels[0] >= 0 { return labels[0] }
        let mask = labels[1...].prefix(patterns.count).map { $0 >= 0 }
        if let known = numbers[mask] { return known }
        numbers[mask] = Int32(names.count + masks.count)
        masks.append(mask)
        return Int32(names.count + masks.count - 1)
      }
      return (automaton, masks)
    } catch {
      throw .schema(path: value.path, problem: error.problem)
    }
  }

  /// The strings that a schema allows.
  private mutating func strings(_ schema: Int) throws(GrammarError) -> TextAutomaton {
    var parts: [TextAutomaton] = []
    for alternative in try options.alternatives(of: [schema]) {
      var value = try SchemaConjunction(alternative, options.document)
      try value.reduce()
      guard value.types.contains(.string) else { continue }
      if let values = value.values {
        parts.append(try .words(values.compactMap(\.stringValue)))
      } else {
        do {
          parts.append(try value.boundedStringAutomaton())
        } catch {
          throw .schema(path: value.path, problem: error.problem)
        }
      }
    }
    return try parts.isEmpty ? .words([]) : .union(parts)
  }
}
