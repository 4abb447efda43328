/// One record of a JSON-lines file. Members that are not set keep their order and their literal text,
/// so that a record passes through with nothing changed but what was added.
public struct RawJSONObject: Sendable, Equatable {
  private struct Member: Sendable, Equatable {
    let key: String
    let keyText: [UInt8]
    var valueText: [UInt8]
  }

  private var members: [Member] = []
  private var separators: (item: String, key: String) { spaced ? (", ", ": ") : (",", ":") }
  /// Whether the source put a space after its colons, which the output then does as well.
  private var spaced = true

  /// Reads a record. The whole of it is checked, as ``JSON/init(parsing:maximumDepth:)`` does.
  ///
  /// - Throws: ``JSONError`` where it is not JSON or not an object.
  public init(parsing line: some Collection<UInt8>) throws(JSONError) {
    var parser = JSONParser(bytes: Array(line), maximumDepth: 512)
    try parser.refuseByteOrderMark()
    guard parser.scanner.peekPastSpace() == 0x7B else {
      let value = try parser.parseDocument()
      throw parser.scanner.error(.notAnObject(found: value.kind), at: 0)
    }
    try parser.enter()
    if parser.scanner.peekPastSpace() == 0x7D {
      parser.leave()
    } else {
      try readMembers(&parser)
    }
    try parser.expectEnd()
  }

  /// Reads a record.
  ///
  /// - Throws: ``JSONError`` where it is not JSON or not an object.
  public init(parsing line: String) throws(JSONError) { try self.init(parsing: Array(line.utf8)) }

  private mutating func readMembers(_ parser: inout JSONParser) throws(JSONError) {
    var seen = JSONObject()
    repeat {
      let (key, start) = try parser.parseKey()
      if seen.append(key: key, value: .null) != nil {
        throw parser.scanner.error(.duplicateKey(key), at: start)
      }
      let colonEnd = parser.scanner.position
      _ = parser.scanner.peekPastSpace()
      let valueStart = parser.scanner.position
      if members.isEmpty { spaced = valueStart > colonEnd }
      _ = try parser.parseValue()
      let valueText = parser.scanner.bytes[valueStart..<parser.scanner.position]
      members.append(
        Member(
          key: key, keyText: Self.trimmedKey(parser.scanner.bytes[start..<colonEnd]),
          valueText: valueText.map(Self.withoutLineBreak)))
    } while try parser.another(before: 0x7D, "',' or '}'")
  }

  /// The key's literal text without its colon and the space before that.
  private static func trimmedKey(_ text: ArraySlice<UInt8>) -> [UInt8] {
    var text = text.dropLast()
    while let last = text.last, last != 0x22 { text = text.dropLast() }
    return Array(text)
  }

  /// A line break can only stand between two words here: inside a string it would be an escape.
  private static func withoutLineBreak(_ byte: UInt8) -> UInt8 { byte == 0x0A || byte == 0x0D ? 0x20 : byte }

  /// The names, in order.
  public var keys: [String] { members.map(\.key) }

  /// The value of a member; nil if the object has no member of that name.
  public func value(for key: String) throws(JSONError) -> JSON? {
    guard let index = index(of: key) else { return nil }
    return try JSON(parsing: members[index].valueText)
  }

  /// The literal text of a member's value; nil if the object has no member of that name.
  public func rawValue(for key: String) -> String? {
    index(of: key).map { String(decoding: members[$0].valueText, as: UTF8.self) }
  }

  /// Replaces a member's value in its place, or appends the member.
  ///
  /// - Parameters:
  ///   - key: The member's name, its escapes resolved.
  ///   - rawJSON: A JSON value as text. It is written as it is; that it is valid is the caller's part.
  public mutating func set(_ key: String, rawJSON: String) {
    let text = rawJSON.utf8.map(Self.withoutLineBreak)
    if let index = index(of: key) {
      members[index].valueText = text
    } else {
      members.append(Member(key: key, keyText: Array(JSON.quoted(key).utf8), valueText: text))
    }
  }

  /// Replaces a member's value in its place, or appends the member.
  public mutating func set(_ key: String, _ value: JSON) {
    set(key, rawJSON: value.serialized(style: spaced ? .python : .compact))
  }

  /// The record on one line, without a line break at its end.
  public var text: String {
    var output: [UInt8] = [0x7B]
    for (index, member) in members.enumerated() {
      if index > 0 { output += separators.item.utf8 }
      output += member.keyText
      output += separators.key.utf8
      output += member.valueText
    }
    output.append(0x7D)
    return String(decoding: output, as: UTF8.self)
  }

  private func index(of key: String) -> Int? {
    members.firstIndex { $0.key.utf8.elementsEqual(key.utf8) }
  }
}
