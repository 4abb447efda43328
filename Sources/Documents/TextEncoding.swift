/// How the bytes of a text file stand for characters.
enum TextEncoding: Sendable, Equatable {
  case utf8
  case utf16(bigEndian: Bool)
  /// The superset of Latin-1 that web browsers take for it.
  case windows1252
  /// Any other that the system's iconv knows.
  case named(String)

  /// Bytes of the byte order mark.
  static func mark(_ head: ArraySlice<UInt8>) -> (encoding: TextEncoding, length: Int)? {
    if head.starts(with: [0xEF, 0xBB, 0xBF]) { return (.utf8, 3) }
    if head.starts(with: [0xFF, 0xFE]) { return (.utf16(bigEndian: false), 2) }
    if head.starts(with: [0xFE, 0xFF]) { return (.utf16(bigEndian: true), 2) }
    return nil
  }

  /// The characters of Windows-1252 for the bytes 0x80 to 0x9F; the others are those of Latin-1.
  static let windows1252High: [UInt32] = [
    0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152,
    0x8D,
    0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161,
    0x203A,
    0x0153, 0x9D, 0x017E, 0x0178,
  ]
}

/// Counts what is right and wrong with bytes as UTF-8, piece by piece.
struct UTF8Check {
  /// Characters of more than one byte, complete and valid.
  private(set) var multibyte = 0
  /// Bytes, or beginnings of characters, that are not valid.
  private(set) var invalid = 0
  /// The offset of the first NUL byte.
  private(set) var firstNUL: Int?
  /// NUL bytes.
  private(set) var nulCount = 0
  /// Control characters besides NUL that text has no use for; escape, which terminals have, is not among them.
  private(set) var controlCount = 0
  /// All bytes.
  var count: Int { offset }
  private var offset = 0
  private var pending = 0
  private var minimumNext: UInt8 = 0x80
  private var maximumNext: UInt8 = 0xBF

  mutating func append(_ bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { buffer in
      for i in 0..<buffer.count { step(buffer[i], at: offset + i) }
    }
    offset += bytes.count
  }

  mutating func finish() {
    if pending > 0 { invalid += 1 }
    pending = 0
  }

  @inline(__always)
  private mutating func step(_ byte: UInt8, at position: Int) {
    if pending > 0 {
      if byte >= minimumNext && byte <= maximumNext {
        minimumNext = 0x80
        maximumNext = 0xBF
        pending -= 1
        if pending == 0 { multibyte += 1 }
        return
      }
      invalid += 1
      pending = 0
      minimumNext = 0x80
      maximumNext = 0xBF
    }
    if byte < 0x80 {
      if byte < 0x20 { countControl(byte, at: position) }
      return
    }
    startCharacter(byte)
  }

  private mutating func countControl(_ byte: UInt8, at position: Int) {
    if byte == 0 {
      if firstNUL == nil { firstNUL = position }
      nulCount += 1
    } else if byte < 0x07 || 0x0E...0x1A ~= byte || byte > 0x1B {
      controlCount += 1
    }
  }

  /// The ranges of the second byte exclude overlong forms, surrogates and what lies past U+10FFFF.
  private mutating func startCharacter(_ byte: UInt8) {
    switch byte {
    case 0xC2...0xDF: pending = 1
    case 0xE0: (pending, minimumNext) = (2, 0xA0)
    case 0xED: (pending, maximumNext) = (2, 0x9F)
    case 0xE1...0xEF: pending = 2
    case 0xF0: (pending, minimumNext) = (3, 0x90)
    case 0xF4: (pending, maximumNext) = (3, 0x8F)
    case 0xF1...0xF3: pending = 3
    default: invalid += 1
    }
  }
}

/// Turns the bytes of a file, piece by piece, into valid UTF-8 with `\n` at the end of each line.
struct TextDecoder {
  private let encoding: TextEncoding
  private let converter: CharacterConverter?
  private var carry: [UInt8] = []
  private var highSurrogate: UInt32?
  private var lastWasReturn = false
  /// Characters that had to be replaced by U+FFFD.
  private(set) var replaced = 0

  init(_ encoding: TextEncoding) {
    self.encoding = encoding
    converter = if case .named(let name) = encoding { CharacterConverter(from: name) } else { nil }
  }

  /// The text of the next piece; what is cut off inside a character waits for the piece after.
  mutating func decode(_ bytes: ArraySlice<UInt8>, isLast: Bool) -> [UInt8] {
    switch encoding {
    case .utf8: normalized(repaired(bytes, isLast: isLast))
    case .windows1252: normalized(decodeWindows1252(bytes))
    case .named: normalized(convert(bytes, isLast: isLast))
    case .utf16(let bigEndian): normalized(decodeUTF16(bytes, bigEndian: bigEndian, isLast: isLast))
    }
  }

  /// An encoding that the system does not know is looked for before it is named.
  private mutating func convert(_ bytes: ArraySlice<UInt8>, isLast: Bool) -> [UInt8] {
    guard let converter else { return repaired(bytes, isLast: isLast) }
    let text = converter.convert(bytes, isLast: isLast)
    replaced = converter.replaced
    return text
  }

  private mutating func repaired(_ bytes: ArraySlice<UInt8>, isLast: Bool) -> [UInt8] {
    var piece = carry + bytes
    carry = []
    if !isLast {
      // A character that is cut off at the end of the piece starts within its last three bytes.
      var start = piece.count
      while start > 0, piece.count - start < 3, piece[start - 1] & 0xC0 == 0x80 { start -= 1 }
      if start > 0, piece[start - 1] >= 0xC0 {
        let length = piece[start - 1] >= 0xF0 ? 4 : piece[start - 1] >= 0xE0 ? 3 : 2
        if piece.count - (start - 1) < length {
          carry = Array(piece[(start - 1)...])
          piece.removeLast(carry.count)
        }
      }
    }
    // Valid text, which is nearly all text, is passed on as it is.
    var check = UTF8Check()
    check.append(piece)
    check.finish()
    if check.invalid == 0 { return piece }
    replaced += check.invalid
    return Array(String(decoding: piece, as: UTF8.self).utf8)
  }

  private func decodeWindows1252(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var out = [UInt8]()
    out.reserveCapacity(bytes.count + bytes.count / 8)
    for byte in bytes {
      if byte < 0x80 {
        out.append(byte)
      } else {
        let scalar = byte < 0xA0 ? TextEncoding.windows1252High[Int(byte) - 0x80] : UInt32(byte)
        appendUTF8(scalar, to: &out)
      }
    }
    return out
  }

  private mutating func decodeUTF16(_ bytes: ArraySlice<UInt8>, bigEndian: Bool, isLast: Bool) -> [UInt8] {
    var out = [UInt8]()
    let piece = carry + bytes
    carry = piece.count % 2 == 1 ? [piece[piece.count - 1]] : []
    for i in stride(from: 0, to: piece.count - 1, by: 2) {
      let unit =
        bigEndian
        ? UInt32(piece[i]) << 8 | UInt32(piece[i + 1]) : UInt32(piece[i + 1]) << 8 | UInt32(piece[i])
      appendUnit(unit, to: &out)
    }
    if isLast && (highSurrogate != nil || !carry.isEmpty) {
      appendReplacement(to: &out)
      highSurrogate = nil
      carry = []
    }
    return out
  }

  private mutating func appendUnit(_ unit: UInt32, to out: inout [UInt8]) {
    if let high = highSurrogate {
      highSurrogate = nil
      if 0xDC00...0xDFFF ~= unit {
        return appendUTF8(0x10000 + (high - 0xD800) << 10 + (unit - 0xDC00), to: &out)
      }
      appendReplacement(to: &out)
    }
    switch unit {
    case 0xD800...0xDBFF: highSurrogate = unit
    case 0xDC00...0xDFFF: appendReplacement(to: &out)
    default: appendUTF8(unit, to: &out)
    }
  }

  private mutating func appendReplacement(to out: inout [UInt8]) {
    replaced += 1
    appendUTF8(0xFFFD, to: &out)
  }

  private func appendUTF8(_ scalar: UInt32, to out: inout [UInt8]) {
    guard let scalar = Unicode.Scalar(scalar) else { return }
    out.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
  }

  /// Ends every line with `\n` alone, whether the file has `\r\n` or the old Macintosh's `\r`.
  private mutating func normalized(_ bytes: [UInt8]) -> [UInt8] {
    guard lastWasReturn || bytes.contains(UInt8(ascii: "\r")) else { return bytes }
    var out = [UInt8]()
    out.reserveCapacity(bytes.count)
    for byte in bytes {
      if byte == UInt8(ascii: "\n") && lastWasReturn {
        lastWasReturn = false
        continue
      }
      lastWasReturn = byte == UInt8(ascii: "\r")
      out.append(lastWasReturn ? UInt8(ascii: "\n") : byte)
    }
    return out
  }
}
