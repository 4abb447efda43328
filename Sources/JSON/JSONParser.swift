/// Builds values from the words that ``JSONScanner`` reads.
struct JSONParser {
  var scanner: JSONScanner
  private let maximumDepth: Int
  private var depth = 0

  init(bytes: [UInt8], maximumDepth: Int) {
    scanner = JSONScanner(bytes: bytes)
    self.maximumDepth = maximumDepth
  }

  /// The one value that the text consists of.
  mutating func parseDocument() throws(JSONError) -> JSON {
    try refuseByteOrderMark()
    let value = try parseValue()
    try expectEnd()
    return value
  }

  func refuseByteOrderMark() throws(JSONError) {
    if scanner.bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw scanner.error(.byteOrderMark, at: 0) }
  }

  mutating func expectEnd() throws(JSONError) {
    guard scanner.peekPastSpace() == nil else {
      throw scanner.error(.trailingText(found: scanner.describeNext()))
    }
  }

  mutating func parseValue() throws(JSONError) -> JSON {
    switch scanner.peekPastSpace() {
    case 0x22: return .string(try scanner.readString())
    case 0x7B: return .object(try parseObject())
    case 0x5B: return .array(try parseArray())
    case 0x2D, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39:
      let range = try scanner.readNumber()
      return .number(JSONNumber(checkedLiteral: String(decoding: scanner.bytes[range], as: UTF8.self)))
    case 0x74:
      try scanner.readName("true")
      return .bool(true)
    case 0x66:
      try scanner.readName("false")
      return .bool(false)
    case 0x6E:
      try scanner.readName("null")
      return .null
    default: throw scanner.unexpected("a value")
    }
  }

  private mutating func parseArray() throws(JSONError) -> [JSON] {
    try enter()
    var elements: [JSON] = []
    if scanner.peekPastSpace() == 0x5D {
      leave()
      return elements
    }
    while true {
      elements.append(try parseValue())
      guard try another(before: 0x5D, "',' or ']'") else { return elements }
    }
  }

  private mutating func parseObject() throws(JSONError) -> JSONObject {
    try enter()
    var object = JSONObject()
    if scanner.peekPastSpace() == 0x7D {
      leave()
      return object
    }
    while true {
      let (key, start) = try parseKey()
      let value = try parseValue()
      if object.append(key: key, value: value) != nil { throw scanner.error(.duplicateKey(key), at: start) }
      guard try another(before: 0x7D, "',' or '}'") else { return object }
    }
  }

  /// A key and its colon; also says where the key began.
  mutating func parseKey() throws(JSONError) -> (key: String, start: Int) {
    guard scanner.peekPastSpace() == 0x22 else { throw scanner.unexpected("a key in double quotes") }
    let start = scanner.position
    let key = try scanner.readString()
    try scanner.expect(0x3A, "':'")
    return (key, start)
  }

  /// Reads the comma before another element (true), or the closing bracket (false).
  mutating func another(before close: UInt8, _ expected: String) throws(JSONError) -> Bool {
    switch scanner.peekPastSpace() {
    case 0x2C:
      scanner.position += 1
      return true
    case close:
      leave()
      return false
    default: throw scanner.unexpected(expected)
    }
  }

  mutating func enter() throws(JSONError) {
    guard depth < maximumDepth else { throw scanner.error(.tooDeep(maximum: maximumDepth)) }
    depth += 1
    scanner.position += 1
  }

  mutating func leave() {
    depth -= 1
    scanner.position += 1
  }
}
