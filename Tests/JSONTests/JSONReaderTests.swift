import Testing

@testable import MartletJSON

@Suite("Reading JSON word by word")
struct JSONReaderTests {
  /// The text read with the reader alone.
  private func rebuilt(_ reader: inout JSONReader) throws -> JSON {
    switch try reader.nextKind() {
    case .object:
      var object = JSONObject()
      try reader.readMembers { object[$0] = try rebuilt(&$1) }
      return .object(object)
    case .array:
      var elements: [JSON] = []
      try reader.readElements { elements.append(try rebuilt(&$0)) }
      return .array(elements)
    case .string: return .string(try reader.readString())
    default: return try reader.readValue()
    }
  }

  @Test(
    "It reads what the parser reads",
    arguments: [
      "null", " true ", "-1.5e3", "\"a\\u00e9\\n\"", "[]", "{}", "[1, [2, {\"a\": []}], \"x\"]",
      "{\"a\": {\"b\": [null, false]}, \"c\": 1}",
    ])
  func same(_ text: String) throws {
    var reader = try JSONReader(Array(text.utf8))
    let value = try rebuilt(&reader)
    try reader.readEnd()
    #expect(value == (try JSON(parsing: text)))
    var skipping = try JSONReader(Array(text.utf8))
    let skipped = try skipping.skipValue()
    try skipping.readEnd()
    #expect(try JSON(parsing: skipped) == value)
    var telling = try JSONReader(Array((" " + text + " ").utf8))
    var told: JSON?
    let read = try telling.text { told = try $0.readValue() }
    #expect(told == value && Array(read) == Array(skipped))
  }

  @Test(
    "It refuses what the parser refuses, with the same error",
    arguments: [
      "", "{", "[1,]", "[1 2]", "{\"a\" 1}", "{a: 1}", "nul", "tru", "01", "1.", "\"\\x\"", "[\"\u{1}\"]",
      "{\"a\":1,}", "[1]]", "\u{FEFF}1",
    ])
  func refused(_ text: String) {
    let expected = #expect(throws: JSONError.self) { try JSON(parsing: text) }
    let found = #expect(throws: JSONError.self) {
      var reader = try JSONReader(Array(text.utf8))
      try reader.skipValue()
      try reader.readEnd()
    }
    #expect(expected == found)
  }

  @Test("It nests as deep as was said, and no deeper")
  func depth() throws {
    func nested(_ depth: Int) -> [UInt8] {
      Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
    }
    var fits = try JSONReader(nested(64), maximumDepth: 64)
    try fits.skipValue()
    for depth in [65, 10_000, 1_000_000] {
      var tooDeep = try JSONReader(nested(depth), maximumDepth: 64)
      #expect(throws: JSONError.self) { try tooDeep.skipValue() }
    }
  }

  @Test(
    "Numbers are the nearest doubles",
    arguments: [
      "0", "-0", "1", "-1", "0.1", "-0.1", "3.14159265358979", "0.10000000149011612", "123456789012345678",
      "9007199254740993", "1e-5", "1E+10", "0.000001", "1.7976931348623157e308", "4.9e-324",
      "12345.678901234567",
    ])
  func numbers(_ text: String) throws {
    var reader = try JSONReader(Array(text.utf8))
    #expect(try reader.readDouble().bitPattern == Double(text)?.bitPattern)
  }
}
