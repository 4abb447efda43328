import MartletGrammars
import MartletJSON
import Testing

@Suite struct SchemaTests {
  /// Texts that fit a schema, and texts that do not.
  struct Example: Sendable, CustomTestStringConvertible {
    let schema: String
    let fits: [String]
    let others: [String]
    var testDescription: String { schema }

    init(_ schema: String, fits: [String], others: [String]) {
      (self.schema, self.fits, self.others) = (schema, fits, others)
    }
  }

  static let examples = [
    Example(
      #"{"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}, "required": ["b"], "additionalProperties": false}"#,
      fits: [#"{"b":"x","a":1}"#, #"{"a": 1, "b": ""}"#, #"{"b":""}"#, "{\n  \"b\": \"\"\n}"],
      others: [
        #"{"a":1}"#, #"{"b":"x","b":"y"}"#, #"{"b":"x","c":1}"#, #"{"b":"x",}"#, "{}", #"{"\u0062":"x"}"#,
      ]),
    Example(
      #"{"type": "object", "properties": {"a": {"const": 1}}, "additionalProperties": {"const": 2}}"#,
      fits: [#"{"a":1,"c":2}"#, #"{"c":2,"d":2,"aa":2}"#, #"{"é":2,"\n":2}"#],
      others: [#"{"a":2}"#, #"{"\u0061":2}"#, #"{"c":2,"c":2}"#, #"{"c":1}"#, #"{"c\/":2}"#]),
    Example(
      #"{"type": "number", "minimum": -1.5, "exclusiveMaximum": 20}"#,
      fits: ["-1.5", "-1.50", "-1", "-0", "0.25", "19.999", "7.0"],
      others: ["-1.51", "20", "20.0", "-2", "100", "1e1", "01", "1.", "-"]),
    Example(
      #"{"type": "integer"}"#,
      fits: ["0", "-12", "98249283749234923498293171823948729348710298301928331"],
      // An integer by the specification, but many readers of integers do not take it.
      others: ["1.0", "0.5", "00", "1.5", "+1", "\"1\""]),
    Example(
      #"{"type": "number"}"#, fits: ["1e5", "-0.5E-10", "1.25", "12"],
      others: ["1e999", ".5", "1e", "NaN", "Infinity"]),
    Example(
      #"{"type": "string", "minLength": 2, "maxLength": 3}"#,
      fits: [#""ab""#, #""éé日""#, #""😀\n""#, #""\ud83d\ude00a""#, #""\u00e9\"""#],
      others: [#""a""#, #""abcd""#, #""\ud83d""#, #""\ud83da""#, #""\x""#, "\"a\nb\"", #""ab"#]),
    Example(
      #"{"type": "string", "pattern": "^[^\\d]+$", "maxLength": 4}"#,
      fits: [#""abA""#, #""日""#, #""\u65e5""#],
      others: [#""ab\u0041""#, #""a1""#, #""""#, #""\u0031""#, #""abcde""#]),
    Example(
      #"{"type": "array", "prefixItems": [{"const": 1}], "items": {"type": "null"}, "minItems": 2, "maxItems": 3}"#,
      fits: ["[1,null]", "[1, null, null]", "[\n  1,\n  null\n]"],
      others: ["[1]", "[null,1]", "[1,null,null,null]", "[]"]),
    Example(
      #"{"enum": [1, "a\"b", {"x": [1.5], "y": null}]}"#,
      fits: ["1", #""a\"b""#, #"{"y": null, "x": [1.5]}"#],
      others: ["2", "1.5", #"{"x":[1.5]}"#, "null"]),
    Example(
      #"{"allOf": [{"type": "string", "pattern": "a"}, {"pattern": "b"}], "not": {"const": "ab"}}"#,
      fits: [#""ba""#, #""xaxbx""#], others: [#""ab""#, #""a""#, "1"]),
    Example(
      #"{"type": "string", "format": "date"}"#, fits: [#""2024-02-29""#, #""2000-02-29""#, #""2023-12-31""#],
      others: [#""2023-02-29""#, #""1900-02-29""#, #""2023-13-01""#, #""2023-04-31""#, #""2023-1-1""#]),
    Example(
      #"{"type": "object", "minProperties": 1, "maxProperties": 2, "patternProperties": {"^n": {"type": "integer"}}, "additionalProperties": false}"#,
      fits: [#"{"n":1}"#, #"{"n1":1,"n2":2}"#],
      others: ["{}", #"{"n":1,"n2":1,"n3":1}"#, #"{"x":1}"#, #"{"n":"x"}"#]),
    Example(
      ##"{"$defs": {"list": {"type": ["object", "null"], "properties": {"next": {"$ref": "#/$defs/list"}}, "required": ["next"], "additionalProperties": false}}, "$ref": "#/$defs/list"}"##,
      fits: ["null", #"{"next":{"next":null}}"#], others: ["{}", #"{"next":{}}"#, #"{"next":null"#]),
  ]

  @Test(arguments: examples) func textsFitAsTheSchemaSays(_ example: Example) throws {
    let json = try JSON(parsing: example.schema)
    let grammar = try Grammar(jsonSchema: json)
    let schema = try JSONSchema(json)
    for text in example.fits {
      #expect(grammar.matches(text), "\(text)")
      #expect(try schema.violations(of: JSON(parsing: text)).isEmpty, "\(text)")
    }
    for text in example.others { #expect(!grammar.matches(text), "\(text)") }
  }

  /// Schemas that cannot be enforced, and where.
  static let refusals = [
    (#"{"properties": {"a": {"unevaluatedItems": false}}}"#, "#/properties/a/unevaluatedItems"),
    (#"{"type": "object", "minLenght": 3}"#, "#/minLenght"), (#"{"items": [true]}"#, "#/items"),
    (#"{"pattern": "(?=a)"}"#, "#/pattern"), (#"{"pattern": "(a)\\1"}"#, "#/pattern"),
    (#"{"pattern": "["}"#, "#/pattern"),
    (#"{"format": "iri"}"#, "#/format"), (##"{"$ref": "#/$defs/x"}"##, "#/$ref"), (##"{"$ref": "#"}"##, "#"),
    (#"{"$ref": "other.json"}"#, "#/$ref"), (#"{"type": "text"}"#, "#/type"),
    (#"{"minLength": -1}"#, "#/minLength"),
    (#"{"allOf": []}"#, "#/allOf"), (#"{"multipleOf": 0}"#, "#/multipleOf"), ("3", "#"),
    (#"{"type": "array", "uniqueItems": true}"#, "#/uniqueItems"),
    (#"{"oneOf": [{"multipleOf": 3}, {"multipleOf": 5}]}"#, "#/oneOf"),
    (#"{"properties": {"x/y~": {"contentSchema": true}}}"#, "#/properties/x~1y~0/contentSchema"),
    (#"{"$schema": "http://example.org/other"}"#, "#/$schema"),
  ]

  @Test(arguments: refusals) func whatCannotBeEnforcedIsRefusedWithItsPath(_ text: String, _ path: String)
    throws
  {
    let json = try JSON(parsing: text)
    do {
      _ = try Grammar(jsonSchema: json)
      Issue.record("\(text) was not refused")
    } catch .schema(let found, _) {
      #expect(found == path)
    }
  }

  static let contradictions = [
    ("false", "#"), (#"{"type": "string", "const": 1}"#, "#"),
    (#"{"minimum": 3, "maximum": 2, "type": "number"}"#, "#"),
    (
      #"{"type": "object", "properties": {"a": {"type": "object", "required": ["b"], "properties": {"b": false}}}, "required": ["a"]}"#,
      "#/properties/a/properties/b"
    ),
    (#"{"type": "string", "pattern": "^a$", "minLength": 2}"#, "#"),
    (#"{"type": "array", "items": false, "minItems": 1}"#, "#/items"),
    (
      ##"{"$defs": {"x": {"type": "array", "items": {"$ref": "#/$defs/x"}, "minItems": 1}}, "$ref": "#/$defs/x"}"##,
      "#/$defs/x/items"
    ),
    (#"{"allOf": [{"type": "string"}, {"type": "null"}]}"#, "#"),
    (#"{"type": "object", "maxProperties": 1, "required": ["a", "b"]}"#, "#"),
  ]

  @Test(arguments: contradictions) func schemasThatNothingFulfilsAreRefused(_ text: String, _ path: String)
    throws
  {
    let json = try JSON(parsing: text)
    do {
      _ = try Grammar(jsonSchema: json)
      Issue.record("\(text) was not refused")
    } catch .unsatisfiable(let found) {
      #expect(found == path, "\(text)")
    }
  }

  @Test func violationsNameTheirPlace() throws {
    let schema = try JSONSchema(
      JSON(
        parsing:
          #"{"properties": {"a/b": {"items": {"maximum": 3}}}, "required": ["c"], "additionalProperties": false}"#
      ))
    let violations = schema.violations(of: try JSON(parsing: #"{"a/b": [1, 4], "d": 1}"#))
    #expect(violations.count == 3)
    #expect(violations.contains { $0.hasPrefix("the value: ") && $0.contains("c is missing") })
    #expect(violations.contains { $0.hasPrefix("/a~1b/1: 4 is too large") })
    #expect(violations.contains { $0.hasPrefix("/d: ") })
  }

  @Test func deepTextsEndBeforeReadersGiveUp() throws {
    let grammar = try Grammar(jsonSchema: true)
    let deep = { String(repeating: "[", count: $0) + String(repeating: "]", count: $0) }
    #expect(grammar.matches(deep(300)))
    #expect(!grammar.matches(deep(600)))
  }
}
