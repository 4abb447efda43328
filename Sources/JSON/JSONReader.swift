/// Reads a JSON text from its start to its end, word by word, for texts that would take many times their size as
/// values: lists of vectors, say. It is as strict as ``JSON/init(parsing:maximumDepth:)``, but for duplicate keys,
/// which whoever reads an object sees for themselves.
///
/// ```swift
/// var reader = try JSONReader(Array(#"{"vector": [0.5, 2]}"#.utf8))
/// var vector: [Double] = []
/// try reader.readMembers { key, reader in try reader.readElements { vector.append(try $0.readDouble()) } }
/// try reader.readEnd()
/// ```
public struct JSONReader: Sendable {
  /// What kind of value comes next.
  public enum Kind: String, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool = "a boolean"
    /// A number.
    case number = "a number"
    /// A string.
    case string = "a string"
    /// An array.
    case array = "an array"
    /// An object.
    case object = "an object"
  }

  private var parser: JSONParser

  /// Begins at the start of a text.
  ///
  /// - Parameters:
  ///   - bytes: One JSON text in UTF-8.
  ///   - maximumDepth: How deep arrays and objects may nest.
  /// - Throws: ``JSONError`` where the text begins with a byte order mark.
  public init(_ bytes: [UInt8], maximumDepth: Int = 512) throws(JSONError) {
    parser = JSONParser(bytes: bytes, maximumDepth: maximumDepth)
    try parser.refuseByteOrderMark()
  }

  /// What the next value is; it stays unread.
  public mutating func nextKind() throws(JSONError) -> Kind {
    switch parser.scanner.peekPastSpace() {
    case 0x22: return .string
    case 0x7B: return .object
    case 0x5B: return .array
    case 0x2D, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39: return .number
    case 0x74, 0x66: return .bool
    case 0x6E: return .null
    default: throw parser.scanner.unexpected("a value")
    }
  }

  /// Reads an object. `visit` is given each key, and must read or skip its value.
  public mutating func readMembers(_ visit: (String, inout JSONReader) throws -> Void) throws {
    guard parser.scanner.peekPastSpace() == 0x7B else { throw parser.scanner.unexpected("'{'") }
    try parser.enter()
    guard parser.scanner.peekPastSpace() != 0x7D else { return parser.leave() }
    repeat {
      try visit(try parser.parseKey().key, &self)
    } while try parser.another(before: 0x7D, "',' or '}'")
  }

  /// Reads an array. `visit` must read or skip one element each time.
  public mutating func readElements(_ visit: (inout JSONReader) throws -> Void) throws {
    guard parser.scanner.peekPastSpace() == 0x5B else { throw parser.scanner.unexpected("'['") }
    try parser.enter()
    guard parser.scanner.peekPastSpace() != 0x5D else { return parser.leave() }
    repeat { try visit(&self) } while try parser.another(before: 0x5D, "',' or ']'")
  }

  /// Reads a string.
  public mutating func readString() throws(JSONError) -> String {
    guard parser.scanner.peekPastSpace() == 0x22 else { throw parser.scanner.unexpected("a string") }
    return try parser.scanner.readString()
  }

  /// Reads a number; infinite where it is too large for a `Double`.
  public mutating func readDouble() throws(JSONError) -> Double {
    _ = parser.scanner.peekPastSpace()
    let range = try parser.scanner.readNumber()
    if let value = exactly(range) { return value }
    return Double(String(decoding: parser.scanner.bytes[range], as: UTF8.self)) ?? .nan
  }

  /// Reads a value of any kind.
  public mutating func readValue() throws(JSONError) -> JSON { try parser.parseValue() }

  /// Passes over a value of any kind, and gives its text.
  @discardableResult
  public mutating func skipValue() throws -> ArraySlice<UInt8> {
    let kind = try nextKind()
    let start = parser.scanner.position
    switch kind {
    case .null: try parser.scanner.readName("null")
    case .bool: try parser.scanner.readName(parser.scanner.bytes[start] == 0x74 ? "true" : "false")
    case .number: _ = try parser.scanner.readNumber()
    case .string: _ = try parser.scanner.readString()
    case .array: try readElements { try $0.skipValue() }
    case .object: try readMembers { _, reader in try reader.skipValue() }
    }
    return parser.scanner.bytes[start..<parser.scanner.position]
  }

  /// Reads a value with `read`, and gives its text.
  public mutating func text(of read: (inout JSONReader) throws -> Void) throws -> ArraySlice<UInt8> {
    _ = try nextKind()
    let start = parser.scanner.position
    try read(&self)
    return parser.scanner.bytes[start..<parser.scanner.position]
  }

  /// Throws unless only white space is left.
  public mutating func readEnd() throws(JSONError) { try parser.expectEnd() }

  /// The number where a division or product of two exact doubles is right to the last bit (W. D. Clinger, 1990); most
  /// numbers that people write are such.
  private func exactly(_ range: Range<Int>) -> Double? {
    guard range.count <= 17 else { return nil }
    var (digits, fraction, afterPoint) = (0, 0, false)
    var isNegative = false
    for index in range {
      switch parser.scanner.bytes[index] {
      case 0x2D: isNegative = true
      case 0x2E: afterPoint = true
      case let byte where byte &- 0x30 < 10:
        digits = digits * 10 + Int(byte - 0x30)
        if afterPoint { fraction += 1 }
      default: return nil
      }
    }
    guard digits <= 1 << 53 else { return nil }
    let magnitude = Double(digits) / Self.powersOfTen[fraction]
    return isNegative ? -magnitude : magnitude
  }

  private static let powersOfTen: [Double] = (0...17).map { exponent in
    (0..<exponent).reduce(1) { power, _ in power * 10 }
  }
}
