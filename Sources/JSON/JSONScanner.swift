/// The words of RFC 8259 over bytes: white space, strings, numbers and names, each checked strictly.
/// What they mean together is the business of ``JSONParser``.
struct JSONScanner {
  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  func error(_ problem: JSONError.Problem, at offset: Int? = nil) -> JSONError {
    JSONError(problem, at: offset ?? position, in: bytes)
  }

  /// The next byte that is not white space, which stays unread; nil at the end.
  @inline(__always)
  mutating func peekPastSpace() -> UInt8? {
    while position < bytes.count {
      let byte = bytes[position]
      if byte > 0x20 { return byte }
      if byte != 0x20 && byte != 0x0A && byte != 0x0D && byte != 0x09 { return byte }
      position += 1
    }
    return nil
  }

  /// Reads one byte that must be there.
  mutating func expect(_ byte: UInt8, _ expected: String) throws(JSONError) {
    guard let next = peekPastSpace() else { throw error(.unexpectedEnd(expected: expected)) }
    guard next == byte else { throw unexpected(expected) }
    position += 1
  }

  func unexpected(_ expected: String) -> JSONError {
    guard position < bytes.count else { return error(.unexpectedEnd(expected: expected)) }
    return error(.unexpected(found: describeNext(), expected: expected))
  }

  /// The character at the position, for an error message.
  func describeNext() -> String {
    let byte = bytes[position]
    if byte < 0x20 || byte == 0x7F { return "the byte \(byte)" }
    let tail = String(decoding: bytes[position..<min(position + 4, bytes.count)], as: UTF8.self)
    guard let scalar = tail.unicodeScalars.first, scalar != "\u{FFFD}" else { return "the byte \(byte)" }
    return "'\(scalar)'"
  }

  /// `true`, `false` or `null`, whose first letter is at the position.
  mutating func readName(_ name: StaticString) throws(JSONError) {
    let start = position
    let matches = name.withUTF8Buffer { expected in
      bytes.count - start >= expected.count
        && expected.indices.allSatisfy { bytes[start + $0] == expected[$0] }
    }
    guard matches else { throw unexpected("a value") }
    position += name.utf8CodeUnitCount
  }

  /// Reads a number and returns where it stood.
  mutating func readNumber() throws(JSONError) -> Range<Int> {
    let start = position
    if byte(at: position) == 0x2D { position += 1 }
    if byte(at: position) == 0x30 {
      position += 1
    } else {
      try readDigits(of: start)
    }
    if byte(at: position) == 0x2E {
      position += 1
      try readDigits(of: start)
    }
    if let letter = byte(at: position), letter | 0x20 == 0x65 {
      position += 1
      if let sign = byte(at: position), sign == 0x2B || sign == 0x2D { position += 1 }
      try readDigits(of: start)
    }
    if let next = byte(at: position), Self.isDigit(next) || next == 0x2E || next | 0x20 == 0x65 {
      throw invalidNumber(from: start)
    }
    return start..<position
  }

  private mutating func readDigits(of start: Int) throws(JSONError) {
    let first = position
    while let next = byte(at: position), Self.isDigit(next) { position += 1 }
    guard position > first else { throw invalidNumber(from: start) }
  }

  private func invalidNumber(from start: Int) -> JSONError {
    var end = position
    while let next = byte(at: end), end < start + 40, next > 0x20, next < 0x7F, next != 0x2C, next != 0x5D,
      next != 0x7D
    { end += 1 }
    return error(.invalidNumber(String(decoding: bytes[start..<end], as: UTF8.self)), at: start)
  }

  private func byte(at index: Int) -> UInt8? { index < bytes.count ? bytes[index] : nil }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
}
