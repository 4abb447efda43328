extension JSONScanner {
  /// Reads a string whose opening quote is at the position.
  mutating func readString() throws(JSONError) -> String {
    let start = position + 1
    var index = start
    while index < bytes.count {
      let byte = bytes[index]
      if byte == 0x22 {
        position = index + 1
        return try text(start..<index)
      }
      if byte == 0x5C { return try readEscapedString(from: start, firstEscape: index) }
      if byte < 0x20 { throw error(.controlCharacter(byte), at: index) }
      index += 1
    }
    throw error(.unexpectedEnd(expected: "the end of a string"), at: bytes.count)
  }

  /// The bytes as text, if they are UTF-8.
  private func text(_ range: Range<Int>) throws(JSONError) -> String {
    guard let text = String(validating: bytes[range], as: UTF8.self) else {
      throw error(.invalidUTF8, at: firstInvalidByte(in: range))
    }
    return text
  }

  private func firstInvalidByte(in range: Range<Int>) -> Int {
    var decoder = UTF8()
    var input = bytes[range].makeIterator()
    var offset = range.lowerBound
    while case .scalarValue(let scalar) = decoder.decode(&input) { offset += UTF8.width(scalar) }
    return offset
  }

  private mutating func readEscapedString(from start: Int, firstEscape: Int) throws(JSONError) -> String {
    var result: [UInt8] = []
    var index = firstEscape
    var runStart = start
    while index < bytes.count {
      let byte = bytes[index]
      if byte == 0x22 {
        result += bytes[runStart..<index]
        guard let text = String(validating: result, as: UTF8.self) else {
          throw error(.invalidUTF8, at: firstInvalidByte(in: start..<index))
        }
        position = index + 1
        return text
      }
      if byte < 0x20 { throw error(.controlCharacter(byte), at: index) }
      if byte == 0x5C {
        result += bytes[runStart..<index]
        try readEscape(&index, into: &result)
        runStart = index
      } else {
        index += 1
      }
    }
    throw error(.unexpectedEnd(expected: "the end of a string"), at: bytes.count)
  }

  /// Reads the escape whose backslash is at `index`, and moves past it.
  private func readEscape(_ index: inout Int, into result: inout [UInt8]) throws(JSONError) {
    guard index + 1 < bytes.count else {
      throw error(.unexpectedEnd(expected: "the rest of an escape"), at: bytes.count)
    }
    let start = index
    let letter = bytes[index + 1]
    index += 2
    switch letter {
    case 0x22, 0x5C, 0x2F: result.append(letter)
    case 0x62: result.append(0x08)
    case 0x66: result.append(0x0C)
    case 0x6E: result.append(0x0A)
    case 0x72: result.append(0x0D)
    case 0x74: result.append(0x09)
    case 0x75: result += UTF8.encode(try readScalar(escapeAt: start, digits: &index)) ?? .init()
    default: throw error(.invalidEscape(describeEscape(at: start)), at: start)
    }
  }

  /// The scalar of `\uXXXX`, or of two of them that are a surrogate pair.
  private func readScalar(escapeAt start: Int, digits index: inout Int) throws(JSONError) -> Unicode.Scalar {
    let high = try readHexadecimal(&index, escapeAt: start)
    if let scalar = Unicode.Scalar(high) { return scalar }
    guard UTF16.isLeadSurrogate(high), index + 1 < bytes.count, bytes[index] == 0x5C, bytes[index + 1] == 0x75
    else { throw error(.loneSurrogate(high), at: start) }
    let secondStart = index
    index += 2
    let low = try readHexadecimal(&index, escapeAt: secondStart)
    guard UTF16.isTrailSurrogate(low) else { throw error(.loneSurrogate(high), at: start) }
    let value = 0x10000 + (UInt32(high - 0xD800) << 10 | UInt32(low - 0xDC00))
    guard let scalar = Unicode.Scalar(value) else { throw error(.loneSurrogate(high), at: start) }
    return scalar
  }

  private func readHexadecimal(_ index: inout Int, escapeAt start: Int) throws(JSONError) -> UInt16 {
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard index < bytes.count else {
        throw error(.unexpectedEnd(expected: "the rest of an escape"), at: bytes.count)
      }
      let byte = bytes[index]
      let digit: UInt8
      switch byte {
      case 0x30...0x39: digit = byte - 0x30
      case 0x41...0x46: digit = byte - 0x41 + 10
      case 0x61...0x66: digit = byte - 0x61 + 10
      default: throw error(.invalidEscape(describeEscape(at: start)), at: start)
      }
      value = value << 4 | UInt16(digit)
      index += 1
    }
    return value
  }

  private func describeEscape(at start: Int) -> String {
    let length = start + 1 < bytes.count && bytes[start + 1] == 0x75 ? 6 : 2
    return String(decoding: bytes[start..<min(start + length, bytes.count)], as: UTF8.self)
  }
}
