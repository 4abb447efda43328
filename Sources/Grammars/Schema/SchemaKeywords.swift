import MartletJSON

/// Reads the keywords of one schema.
struct SchemaKeywords {
  let path: String
  let places: [SchemaReader.Place]
  let depth: Int

  /// Keywords that say nothing about which values are valid.
  private static let annotations: Set<String> = [
    "title", "description", "default", "examples", "$comment", "$id", "deprecated", "readOnly", "writeOnly",
    "contentMediaType", "contentEncoding",
  ]

  /// Reads all members of a schema. `reader` has a place for it already.
  mutating func read(_ members: JSONObject, into index: Int, _ reader: inout SchemaReader)
    throws(GrammarError) -> Schema
  {
    var schema = Schema(path: path)
    for (name, value) in members where !Self.annotations.contains(name) {
      if try readApplicator(name, value, members, index, &schema, &reader) { continue }
      if try readNumbersAndTexts(name, value, &schema) { continue }
      if try readParts(name, value, &schema) { continue }
      throw .schema(
        path: keyword(name), problem: "the keyword \(name) is not supported, so it could not be enforced")
    }
    // The automaton of host names does not count their bytes.
    if members["format"]?.stringValue == "hostname" {
      schema.maximumLength = min(schema.maximumLength ?? 253, 253)
    }
    return schema
  }

  private func keyword(_ name: String) -> String { path + "/" + SchemaReader.escaped(name) }

  private func wrong(_ name: String, _ expected: String) -> GrammarError {
    .schema(path: keyword(name), problem: "it must be \(expected)")
  }

  private func subschema(_ json: JSON, _ steps: [String], _ reader: inout SchemaReader) throws(GrammarError)
    -> Int
  {
    let path = steps.reduce(path) { $0 + "/" + SchemaReader.escaped($1) }
    let places = places.map { place in
      SchemaReader.Place(
        base: place.base, pointer: steps.reduce(place.pointer) { $0 + "/" + SchemaReader.escaped($1) })
    }
    return try reader.read(json, path: path, places: places, depth: depth + 1)
  }

  private func list(_ name: String, _ value: JSON, _ reader: inout SchemaReader) throws(GrammarError) -> [Int]
  {
    guard let elements = value.arrayValue, !elements.isEmpty else {
      throw wrong(name, "a list of schemas, not empty")
    }
    var result: [Int] = []
    for (place, element) in elements.enumerated() {
      result.append(try subschema(element, [name, String(place)], &reader))
    }
    return result
  }

  private func table(
    _ name: String, _ value: JSON, _ reader: inout SchemaReader
  ) throws(GrammarError) -> [(name: String, schema: Int)] {
    guard let members = value.objectValue else { throw wrong(name, "an object of schemas") }
    var result: [(name: String, schema: Int)] = []
    for (key, member) in members { result.append((key, try subschema(member, [name, key], &reader))) }
    return result
  }

  private func count(_ name: String, _ value: JSON) throws(GrammarError) -> Int {
    guard let number = value.intValue, number >= 0 else {
      // More than can be counted is more than can be made.
      if case .number(let number) = value, case let decimal = Decimal(number), decimal.isInteger,
        !decimal.isNegative
      {
        return Int(Int32.max)
      }
      throw wrong(name, "a whole number from 0 on")
    }
    return min(number, Int(Int32.max) - 1)
  }

  private func names(_ name: String, _ value: JSON) throws(GrammarError) -> [String] {
    guard let names = value.arrayValue?.map(\.stringValue), !names.contains(nil) else {
      throw wrong(name, "a list of property names")
    }
    return names.compactMap(\.self)
  }

  /// Keywords that hold schemas, and those that name them.
  private func readApplicator(
    _ name: String, _ value: JSON, _ members: JSONObject, _ index: Int, _ schema: inout Schema,
    _ reader: inout SchemaReader
  ) throws(GrammarError) -> Bool {
    switch name {
    case "$schema":
      guard let address = value.stringValue, address.contains("//json-schema.org/") else {
        throw .schema(path: keyword(name), problem: "the only dialect supported is draft 2020-12")
      }
    case "$ref":
      guard let reference = value.stringValue else { throw wrong(name, "a reference such as #/$defs/name") }
      reader.addReference(reference, from: index, base: places.last?.base ?? "", path: keyword(name))
    case "$anchor":
      guard let anchor = value.stringValue else { throw wrong(name, "a name") }
      reader.addAnchor(anchor, base: places.last?.base ?? "", schema: index)
    case "$defs", "definitions": _ = try table(name, value, &reader)
    case "allOf": schema.allOf = try list(name, value, &reader)
    case "anyOf": schema.anyOf = [try list(name, value, &reader)]
    case "oneOf": schema.oneOf = try list(name, value, &reader)
    case "not": schema.not = [try subschema(value, [name], &reader)]
    case "if":
      schema.condition = (
        try subschema(value, [name], &reader),
        try members["then"].map { then throws(GrammarError) in try subschema(then, ["then"], &reader) },
        try members["else"].map { other throws(GrammarError) in try subschema(other, ["else"], &reader) }
      )
    case "then", "else": if members["if"] == nil { _ = try subschema(value, [name], &reader) }
    case "prefixItems": schema.prefixItems = try list(name, value, &reader)
    case "items": schema.items = try subschema(value, [name], &reader)
    case "contains": schema.contains = try subschema(value, [name], &reader)
    case "properties": schema.properties = try table(name, value, &reader)
    case "patternProperties":
      for (pattern, member) in try table(name, value, &reader) {
        schema.patternProperties.append((try self.pattern(pattern, at: name), member))
      }
    case "additionalProperties": schema.additionalProperties = try subschema(value, [name], &reader)
    case "propertyNames": schema.propertyNames = try subschema(value, [name], &reader)
    case "dependentSchemas": schema.dependentSchemas = try table(name, value, &reader)
    default: return false
    }
    return true
  }

  private func pattern(_ text: String, at name: String) throws(GrammarError) -> TextPattern {
    do {
      return TextPattern(
        automaton: try PatternParser.parse(text).automaton(searching: true), name: "pattern \(text)")
    } catch {
      throw .schema(path: keyword(name), problem: error.problem)
    }
  }

  private func readNumbersAndTexts(_ name: String, _ value: JSON, _ schema: inout Schema) throws(GrammarError)
    -> Bool
  {
    switch name {
    case "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf":
      guard case .number(let number) = value else { throw wrong(name, "a number") }
      let decimal = Decimal(number)
      let bound = NumberBound(value: decimal, isInclusive: name.hasPrefix("m"))
      if name.hasSuffix("inimum") { schema.lower.append(bound) }
      if name.hasSuffix("aximum") { schema.upper.append(bound) }
      guard name == "multipleOf" else { return true }
      guard !decimal.isZero && !decimal.isNegative else { throw wrong(name, "a number above 0") }
      schema.divisors = [decimal]
    case "minLength": schema.minimumLength = try count(name, value)
    case "maxLength": schema.maximumLength = try count(name, value)
    case "pattern":
      guard let text = value.stringValue else { throw wrong(name, "a regular expression") }
      schema.patterns.append(try pattern(text, at: name))
    case "format":
      guard let format = value.stringValue else { throw wrong(name, "the name of a format") }
      guard let pattern = try StringFormat.pattern(named: format) else {
        throw .schema(
          path: keyword(name),
          problem:
            "the format \(format) is not supported; supported are \(StringFormat.names.joined(separator: ", "))"
        )
      }
      schema.patterns.append(pattern)
    default: return false
    }
    return true
  }

  private func readParts(_ name: String, _ value: JSON, _ schema: inout Schema) throws(GrammarError) -> Bool {
    switch name {
    case "type":
      let names = value.stringValue.map { [JSON.string($0)] } ?? value.arrayValue
      guard let types = names?.map({ $0.stringValue.flatMap(SchemaTypes.init(named:)) }), !types.contains(nil)
      else {
        throw wrong(name, "null, boolean, integer, number, string, array, object, or a list of these")
      }
      schema.types = types.reduce(into: []) { $0.formUnion($1 ?? []) }
    case "const": schema.values.append([value])
    case "enum":
      guard let values = value.arrayValue else { throw wrong(name, "a list of values") }
      schema.values.append(values)
    case "minItems": schema.minimumItems = try count(name, value)
    case "maxItems": schema.maximumItems = try count(name, value)
    case "minContains": schema.minimumContains = try count(name, value)
    case "maxContains": schema.maximumContains = try count(name, value)
    case "uniqueItems":
      guard let isUnique = value.boolValue else { throw wrong(name, "a boolean") }
      schema.isUnique = isUnique
    case "required": schema.required = try names(name, value)
    case "minProperties": schema.minimumProperties = try count(name, value)
    case "maxProperties": schema.maximumProperties = try count(name, value)
    case "dependentRequired":
      guard let members = value.objectValue else { throw wrong(name, "an object of lists of property names") }
      for (key, others) in members { schema.dependentRequired.append((key, try names(name, others))) }
    default: return false
    }
    return true
  }
}

extension GrammarError {
  /// What was wrong, without the beginning that names the whole.
  var problem: String {
    switch self {
    case .pattern(let pattern, let character, let problem):
      "in \(pattern), \(problem), at character \(character)"
    case .gbnf(let line, let problem): "line \(line): \(problem)"
    case .schema(_, let problem): problem
    case .tooComplex(let what): "it is too large: \(what)"
    case .unsatisfiable, .noText, .noChoices: description
    }
  }
}
