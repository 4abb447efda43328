/// A JSON value (RFC 8259) as it stood in its source: object members keep their order, numbers keep
/// their literal text, and strings are compared scalar by scalar (never by canonical equivalence).
///
/// ```swift
/// let value = try JSON(parsing: #"{"layers": 30, "tied": true}"#)
/// let layers = value["layers"]?.intValue  // 30
/// ```
public enum JSON: Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number with its literal text.
  case number(JSONNumber)
  /// A string with its escapes resolved.
  case string(String)
  /// An array.
  case array([JSON])
  /// An object whose members keep their order.
  case object(JSONObject)
}

extension JSON {
  /// Reads one JSON text from UTF-8 bytes. White space around it is allowed, anything else is not.
  ///
  /// - Parameters:
  ///   - bytes: One JSON text in UTF-8.
  ///   - maximumDepth: How deep arrays and objects may nest.
  /// - Throws: ``JSONError`` with the place of the first thing that RFC 8259 does not allow; also for
  ///   invalid UTF-8, lone surrogates, duplicate keys and a byte order mark.
  public init(parsing bytes: some Collection<UInt8>, maximumDepth: Int = 512) throws(JSONError) {
    var parser = JSONParser(bytes: Array(bytes), maximumDepth: maximumDepth)
    self = try parser.parseDocument()
  }

  /// Reads one JSON text.
  ///
  /// - Throws: ``JSONError``, as ``init(parsing:maximumDepth:)`` for bytes.
  public init(parsing text: String) throws(JSONError) {
    var parser = JSONParser(bytes: Array(text.utf8), maximumDepth: 512)
    self = try parser.parseDocument()
  }

  /// A number, or `null` where the value is not finite (JSON has no text for it).
  public init(_ value: Double) { self = JSONNumber(value).map(JSON.number) ?? .null }

  /// A number in the shortest text that reads back as the same `Float`; `null` where it is not finite.
  public init(_ value: Float) { self = JSONNumber(value).map(JSON.number) ?? .null }

  /// A whole number.
  public init(_ value: Int) { self = .number(JSONNumber(value)) }
}

extension JSON {
  /// The string, if this is one.
  public var stringValue: String? { if case .string(let value) = self { value } else { nil } }
  /// The whole number, if this is a number that has no fraction and fits an `Int`.
  public var intValue: Int? { if case .number(let value) = self { value.intValue } else { nil } }
  /// The number, if this is one.
  public var doubleValue: Double? { if case .number(let value) = self { value.doubleValue } else { nil } }
  /// The truth value, if this is one.
  public var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }
  /// The elements, if this is an array.
  public var arrayValue: [JSON]? { if case .array(let value) = self { value } else { nil } }
  /// The object, if this is one.
  public var objectValue: JSONObject? { if case .object(let value) = self { value } else { nil } }
  /// Whether this is `null`.
  public var isNull: Bool { if case .null = self { true } else { false } }

  /// The member of that name, if this is an object that has one.
  public subscript(key: String) -> JSON? { objectValue?[key] }

  /// The element at that place, if this is an array that is long enough.
  public subscript(index: Int) -> JSON? {
    guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
    return elements[index]
  }

  /// What kind of value this is, in the words of the standard; for error messages.
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

extension JSON: Equatable {
  /// Equal kind and content. Strings are equal when their scalars are, numbers when their text is, and
  /// objects when their members are, in the same order.
  public static func == (left: JSON, right: JSON) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.number(let a), .number(let b)): a == b
    case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
    case (.array(let a), .array(let b)): a == b
    case (.object(let a), .object(let b)): a == b
    default: false
    }
  }
}

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  /// `null`.
  public init(nilLiteral: ()) { self = .null }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A whole number.
  public init(integerLiteral value: Int) { self.init(value) }
  /// A number.
  public init(floatLiteral value: Double) { self.init(value) }
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// An array.
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  /// An object in the order written; a later member replaces an earlier one of the same name.
  public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(JSONObject(elements)) }
}
