/// What keeps a text from being JSON, and where.
public struct JSONError: Error, Sendable, Equatable {
  /// The byte at which it was found, from 0.
  public let byteOffset: Int
  /// The line, from 1.
  public let line: Int
  /// The column in characters (Unicode scalars), from 1.
  public let column: Int
  /// What was wrong.
  public let problem: Problem

  /// The things that can be wrong.
  public enum Problem: Sendable, Equatable {
    /// The text ends too early.
    case unexpectedEnd(expected: String)
    /// Something stands where it may not.
    case unexpected(found: String, expected: String)
    /// More text follows the value.
    case trailingText(found: String)
    /// A control character stands unescaped in a string.
    case controlCharacter(UInt8)
    /// A backslash is followed by something other than `"\/bfnrtu`.
    case invalidEscape(String)
    /// `\uD800` to `\uDFFF` without its other half.
    case loneSurrogate(UInt16)
    /// The bytes are not UTF-8.
    case invalidUTF8
    /// A number is not written as RFC 8259 has it.
    case invalidNumber(String)
    /// An object has two members of one name.
    case duplicateKey(String)
    /// Arrays and objects nest deeper than allowed.
    case tooDeep(maximum: Int)
    /// The text begins with a byte order mark.
    case byteOrderMark
    /// A record of a JSON-lines file is not an object.
    case notAnObject(found: String)
  }

  init(_ problem: Problem, at offset: Int, in bytes: [UInt8]) {
    var line = 1
    var lineStart = 0
    let end = min(offset, bytes.count)
    for index in 0..<end where bytes[index] == 0x0A {
      line += 1
      lineStart = index + 1
    }
    self.byteOffset = offset
    self.line = line
    column = 1 + bytes[lineStart..<end].reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
    self.problem = problem
  }
}

extension JSONError: CustomStringConvertible {
  /// One sentence with line and column.
  public var description: String { "Not valid JSON at line \(line), column \(column): \(problem)." }
}

extension JSONError.Problem: CustomStringConvertible {
  /// What was wrong, in words.
  public var description: String {
    switch self {
    case .unexpectedEnd(let expected): "the text ends where \(expected) should follow"
    case .unexpected(let found, let expected): "found \(found) where \(expected) should stand"
    case .trailingText(let found): "the value has ended, but \(found) follows"
    case .controlCharacter(let byte):
      "a string holds the control character \(Self.hexadecimal(UInt16(byte))); write it as an escape"
    case .invalidEscape(let text):
      "\(text) is no escape; allowed are \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX"
    case .loneSurrogate(let unit):
      "\\u\(Self.digits(unit)) is half of a surrogate pair without the other half"
    case .invalidUTF8: "the bytes are not UTF-8"
    case .invalidNumber(let text): "\(text) is not a number as JSON writes it"
    case .duplicateKey(let key): "the key \"\(key)\" appears twice in one object"
    case .tooDeep(let maximum): "arrays and objects nest deeper than \(maximum)"
    case .byteOrderMark: "the text begins with a byte order mark; save it as UTF-8 without one"
    case .notAnObject(let found): "a record must be an object, but this is \(found)"
    }
  }

  private static func hexadecimal(_ value: UInt16) -> String { "U+\(digits(value))" }

  private static func digits(_ value: UInt16) -> String {
    let text = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: 4 - text.count) + text
  }
}
