import MartletJSON

/// The kinds of JSON values that schemas tell apart. A number without a fraction is an integer, however it is written.
struct SchemaTypes: OptionSet, Hashable, Sendable {
  let rawValue: Int

  static let null = SchemaTypes(rawValue: 1)
  static let boolean = SchemaTypes(rawValue: 2)
  static let integer = SchemaTypes(rawValue: 4)
  static let fraction = SchemaTypes(rawValue: 8)
  static let string = SchemaTypes(rawValue: 16)
  static let array = SchemaTypes(rawValue: 32)
  static let object = SchemaTypes(rawValue: 64)
  static let number: SchemaTypes = [.integer, .fraction]
  static let all = SchemaTypes(rawValue: 127)

  init(rawValue: Int) { self.rawValue = rawValue }

  init?(named name: String) {
    switch name {
    case "null": self = .null
    case "boolean": self = .boolean
    case "integer": self = .integer
    case "number": self = .number
    case "string": self = .string
    case "array": self = .array
    case "object": self = .object
    default: return nil
    }
  }

  /// The type of a value.
  init(of value: JSON) {
    switch value {
    case .null: self = .null
    case .bool: self = .boolean
    case .number(let number): self = Decimal(number).isInteger ? .integer : .fraction
    case .string: self = .string
    case .array: self = .array
    case .object: self = .object
    }
  }
}

/// The keywords of one schema. Schemas inside it are places in ``SchemaDocument/schemas``.
struct Schema: Sendable {
  /// Where it is in the document: `#/properties/a`.
  let path: String
  /// The value of a boolean schema.
  var boolean: Bool?
  var types = SchemaTypes.all
  /// `enum` and `const`: each list is one keyword.
  var values: [[JSON]] = []
  /// Values that are not allowed.
  var excluded: [JSON] = []

  var references: [Int] = []
  var allOf: [Int] = []
  var anyOf: [[Int]] = []
  var oneOf: [Int] = []
  var not: [Int] = []
  var condition: (test: Int, then: Int?, otherwise: Int?)?

  var lower: [NumberBound] = []
  var upper: [NumberBound] = []
  var divisors: [Decimal] = []

  var minimumLength = 0
  var maximumLength: Int?
  /// Texts must be in all of these languages: those of `pattern` and `format`.
  var patterns: [TextPattern] = []
  /// Texts must be in none of these.
  var opposites: [TextPattern] = []

  var prefixItems: [Int] = []
  var items: Int?
  var contains: Int?
  /// The first place whose element counts as contained.
  var containsFrom = 0
  var minimumContains = 1
  var maximumContains: Int?
  var minimumItems = 0
  var maximumItems: Int?
  var isUnique = false

  var properties: [(name: String, schema: Int)] = []
  var patternProperties: [(pattern: TextPattern, schema: Int)] = []
  var additionalProperties: Int?
  var propertyNames: Int?
  var required: [String] = []
  var dependentRequired: [(name: String, others: [String])] = []
  var dependentSchemas: [(name: String, schema: Int)] = []
  /// For each list of names, a property of another name must be there.
  var needsOtherThan: [[String]] = []
  var minimumProperties = 0
  var maximumProperties: Int?

  init(path: String) { self.path = path }

  /// The schemas that apply to the same value.
  var applied: [Int] {
    references + allOf + anyOf.flatMap { $0 } + oneOf + not + dependentSchemas.map(\.schema)
      + (condition.map { [$0.test] + [$0.then, $0.otherwise].compactMap(\.self) } ?? [])
  }
}

/// A regular language of strings with the words that name it in messages.
struct TextPattern: Sendable {
  let automaton: TextAutomaton
  let name: String
}
