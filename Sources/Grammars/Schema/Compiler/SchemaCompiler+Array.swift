import MartletJSON

extension SchemaCompiler {
  /// The rule of arrays.
  mutating func array(_ value: SchemaConjunction) throws(GrammarError) -> Int {
    let maximum = value.maximumItems.map { Int32(clamping: $0) } ?? .max
    let minimum = Int32(clamping: value.minimumItems)
    let counted = value.schemas.filter {
      $0.contains != nil && ($0.minimumContains > 0 || $0.maximumContains != nil)
    }
    let own = value.schemas.map(\.prefixItems.count).max() ?? 0
    let length = max(own, counted.map(\.containsFrom).max() ?? 0)
    if value.isUnique && maximum > 1 {
      guard counted.isEmpty, own == 0, let values = try elementValues(value) else {
        throw .schema(
          path: value.path + "/uniqueItems",
          problem:
            "it can be enforced only where the elements are of an enum or constant, or there is one at most")
      }
      var parts: [Int] = []
      for value in values { parts += try literals([value]) }
      var rule = ArrayRule(
        prefix: [], rest: nil, minimum: minimum, maximum: min(maximum, Int32(clamping: parts.count)))
      rule.unique = parts
      return try builder.add(.array(rule))
    }
    guard counted.count <= 1 else {
      throw .schema(
        path: value.path + "/contains",
        problem: "more than one contains for the same array cannot be enforced")
    }
    guard let contains = counted.first, let containedSchema = contains.contains else {
      let prefix = (0..<length).map { self.rule(for: value.elementSchemas(at: $0)) }
      return try builder.add(
        .array(
          ArrayRule(
            prefix: prefix, rest: self.rule(for: value.elementSchemas(at: length)), minimum: minimum,
            maximum: maximum)))
    }
    var rule = ArrayRule(prefix: [], rest: nil, minimum: minimum, maximum: maximum)
    rule.contained = Int32(clamping: contains.minimumContains)
    var others: [Int] = []
    if let most = contains.maximumContains {
      guard length == 0 else {
        throw .schema(
          path: contains.path + "/maxContains", problem: "it cannot be enforced together with prefixItems")
      }
      guard most >= contains.minimumContains else { return try builder.add(Rule.choice([])) }
      // What is not counted must not be what is.
      others = [options.document.add(path: contains.path) { $0.not = [containedSchema] }]
      rule.mostContained = Int32(clamping: most)
    }
    for place in 0..<length {
      let element = value.elementSchemas(at: place)
      rule.prefix.append(self.rule(for: element))
      rule.containedPrefix.append(
        place < contains.containsFrom ? nil : self.rule(for: element + [containedSchema]))
    }
    let element = value.elementSchemas(at: length)
    rule.rest = self.rule(for: element + others)
    rule.containedRest = self.rule(for: element + [containedSchema])
    return try builder.add(.array(rule))
  }

  /// The values that elements may have, if they are few and listed.
  private mutating func elementValues(_ array: SchemaConjunction) throws(GrammarError) -> [JSON]? {
    var found: [JSON] = []
    for alternative in try options.alternatives(of: array.elementSchemas(at: 0)) {
      var value = try SchemaConjunction(alternative, options.document)
      try value.reduce()
      var values = value.values
      if values == nil && value.types.subtracting([.null, .boolean]).isEmpty {
        values =
          (value.types.contains(.null) ? [.null] : [])
          + (value.types.contains(.boolean) ? [true, false] : [])
        values?.removeAll { other in value.excluded.contains { SchemaValidator.areEqual($0, other) } }
      }
      guard let values else { return nil }
      found += values.filter { other in !found.contains { SchemaValidator.areEqual($0, other) } }
    }
    return found
  }
}
