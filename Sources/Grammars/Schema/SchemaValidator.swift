import MartletJSON

/// Compares values with the schemas of a document.
struct SchemaValidator {
  let document: SchemaDocument

  /// Whether two values are equal as JSON Schema has it: numbers by their value, objects in any order.
  static func areEqual(_ left: JSON, _ right: JSON) -> Bool {
    switch (left, right) {
    case (.number(let one), .number(let other)): Decimal(one) == Decimal(other)
    case (.array(let one), .array(let other)):
      one.count == other.count && zip(one, other).allSatisfy { areEqual($0, $1) }
    case (.object(let one), .object(let other)):
      one.count == other.count
        && one.allSatisfy { member in other[member.key].map { areEqual(member.value, $0) } ?? false }
    default: left == right
    }
  }

  /// Whether a value fulfils a schema.
  func fulfils(_ value: JSON, _ schema: Int) -> Bool {
    var report = ViolationReport(isNeeded: false)
    check(value, schema, at: "", &report)
    return report.isEmpty
  }

  /// Whether a value fulfils the keywords of a schema that are about the value itself, not those that combine schemas.
  func fulfils(_ value: JSON, ownKeywordsOf schema: Int) -> Bool {
    var report = ViolationReport(isNeeded: false)
    checkOwn(value, document.schemas[schema], at: "", &report)
    return report.isEmpty
  }

  /// Adds all violations of a schema.
  func check(_ value: JSON, _ index: Int, at path: String, _ report: inout ViolationReport) {
    let schema = document.schemas[index]
    if let boolean = schema.boolean {
      if !boolean { report.add(path, "no value is allowed here") }
      return
    }
    checkOwn(value, schema, at: path, &report)
    guard report.goesOn else { return }
    for part in schema.references + schema.allOf { check(value, part, at: path, &report) }
    for group in schema.anyOf where !group.contains(where: { fulfils(value, $0) }) {
      report.add(path, "it fulfils none of the schemas of \(schema.path)/anyOf")
    }
    if !schema.oneOf.isEmpty {
      let count = schema.oneOf.count { fulfils(value, $0) }
      if count != 1 {
        report.add(path, "it fulfils \(count) of the schemas of \(schema.path)/oneOf, not exactly one")
      }
    }
    for part in schema.not where fulfils(value, part) { report.add(path, "it fulfils \(schema.path)/not") }
    if let condition = schema.condition {
      let branch = fulfils(value, condition.test) ? condition.then : condition.otherwise
      if let branch { check(value, branch, at: path, &report) }
    }
    for (name, part) in schema.dependentSchemas where value[name] != nil {
      check(value, part, at: path, &report)
    }
  }

  private func checkOwn(_ value: JSON, _ schema: Schema, at path: String, _ report: inout ViolationReport) {
    if !schema.types.contains(SchemaTypes(of: value)) {
      report.add(path, "\(value.kind) has not the type that \(schema.path)/type asks for")
    }
    for list in schema.values where !list.contains(where: { Self.areEqual($0, value) }) {
      report.add(path, "it is not one of the values of \(schema.path)")
    }
    if schema.excluded.contains(where: { Self.areEqual($0, value) }) {
      report.add(path, "the value is excluded")
    }
    switch value {
    case .number(let number): checkNumber(Decimal(number), schema, at: path, &report)
    case .string(let text): checkString(text, schema, at: path, &report)
    case .array(let elements): checkArray(elements, schema, at: path, &report)
    case .object(let members): checkObject(members, schema, at: path, &report)
    case .null, .bool: break
    }
  }

  private func checkNumber(
    _ number: Decimal, _ schema: Schema, at path: String, _ report: inout ViolationReport
  ) {
    let shown = number.text ?? "the number"
    for bound in schema.lower where number < bound.value || (number == bound.value && !bound.isInclusive) {
      report.add(
        path,
        "\(shown) is too small; the least is \(bound.isInclusive ? "" : "above ")\(bound.value.text ?? "")")
    }
    for bound in schema.upper where number > bound.value || (number == bound.value && !bound.isInclusive) {
      report.add(
        path,
        "\(shown) is too large; the most is \(bound.isInclusive ? "" : "below ")\(bound.value.text ?? "")")
    }
    for divisor in schema.divisors where number.isMultiple(of: divisor) != true {
      report.add(path, "\(shown) is not a multiple of \(divisor.text ?? "its divisor")")
    }
  }

  private func checkString(_ text: String, _ schema: Schema, at path: String, _ report: inout ViolationReport)
  {
    let length = text.unicodeScalars.count
    if length < schema.minimumLength {
      report.add(path, "it has \(length) characters, fewer than \(schema.minimumLength)")
    }
    if let maximum = schema.maximumLength, length > maximum {
      report.add(path, "it has \(length) characters, more than \(maximum)")
    }
    for pattern in schema.patterns where !pattern.automaton.contains(text) {
      report.add(path, "it does not match the \(pattern.name)")
    }
    for pattern in schema.opposites where pattern.automaton.contains(text) {
      report.add(path, "it matches the \(pattern.name)")
    }
  }

  private func checkArray(
    _ elements: [JSON], _ schema: Schema, at path: String, _ report: inout ViolationReport
  ) {
    if elements.count < schema.minimumItems {
      report.add(path, "it has \(elements.count) elements, fewer than \(schema.minimumItems)")
    }
    if let maximum = schema.maximumItems, elements.count > maximum {
      report.add(path, "it has \(elements.count) elements, more than \(maximum)")
    }
    if schema.isUnique {
      for place in elements.indices
      where elements[..<place].contains(where: { Self.areEqual($0, elements[place]) }) {
        report.add("\(path)/\(place)", "the element was there before")
      }
    }
    for (place, element) in elements.enumerated() where report.goesOn {
      guard let part = place < schema.prefixItems.count ? schema.prefixItems[place] : schema.items else {
        continue
      }
      check(element, part, at: "\(path)/\(place)", &report)
    }
    guard let contains = schema.contains else { return }
    let count = elements.dropFirst(schema.containsFrom).count { fulfils($0, contains) }
    if count < schema.minimumContains {
      report.add(
        path, "\(count) elements fulfil \(schema.path)/contains, fewer than \(schema.minimumContains)")
    }
    if let maximum = schema.maximumContains, count > maximum {
      report.add(path, "\(count) elements fulfil \(schema.path)/contains, more than \(maximum)")
    }
  }

  private func checkObject(
    _ members: JSONObject, _ schema: Schema, at path: String, _ report: inout ViolationReport
  ) {
    for name in schema.required where members[name] == nil {
      report.add(path, "the property \(name) is missing")
    }
    if members.count < schema.minimumProperties {
      report.add(path, "it has \(members.count) properties, fewer than \(schema.minimumProperties)")
    }
    if let maximum = schema.maximumProperties, members.count > maximum {
      report.add(path, "it has \(members.count) properties, more than \(maximum)")
    }
    for (name, others) in schema.dependentRequired where members[name] != nil {
      for other in others where members[other] == nil {
        report.add(path, "\(other) is missing, which \(name) needs")
      }
    }
    for names in schema.needsOtherThan
    where !members.contains(where: { member in !names.contains(member.key) }) {
      report.add(path, "it has no further property")
    }
    for (name, value) in members where report.goesOn {
      let place = path + "/" + SchemaReader.escaped(name)
      if let names = schema.propertyNames, !fulfils(.string(name), names) {
        report.add(place, "the name is not one that \(schema.path)/propertyNames allows")
      }
      var parts = schema.properties.filter { $0.name == name }.map(\.schema)
      parts += schema.patternProperties.filter { $0.pattern.automaton.contains(name) }.map(\.schema)
      if parts.isEmpty, let others = schema.additionalProperties { parts = [others] }
      for part in parts { check(value, part, at: place, &report) }
    }
  }
}

/// Violations, or only whether there is one.
struct ViolationReport {
  private(set) var violations: [String] = []
  private(set) var isEmpty = true
  private let isNeeded: Bool

  init(isNeeded: Bool) { self.isNeeded = isNeeded }

  /// Whether more need be found.
  var goesOn: Bool { isNeeded || isEmpty }

  mutating func add(_ path: String, _ problem: @autoclosure () -> String) {
    isEmpty = false
    if isNeeded { violations.append("\(path.isEmpty ? "the value" : path): \(problem())") }
  }
}
