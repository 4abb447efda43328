/// GPT-2's way of writing bytes as visible characters (openai/gpt-2 `encoder.py`, `bytes_to_unicode`).
enum ByteAlphabet {
  /// The scalar that stands for each byte.
  static let scalars: [UInt32] = {
    var next: UInt32 = 0x100
    return (0..<256).map { byte -> UInt32 in
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return UInt32(byte)
      default:
        defer { next += 1 }
        return next
      }
    }
  }()

  private static let bytes: [UInt8?] = {
    var bytes = [UInt8?](repeating: nil, count: 0x180)
    for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar)] = UInt8(byte) }
    return bytes
  }()

  /// How each byte is spelled, in UTF-8.
  static let spellings: [[UInt8]] = scalars.map { scalar in
    scalar < 0x80 ? [UInt8(scalar)] : [UInt8(0xC0 | scalar >> 6), UInt8(0x80 | scalar & 0x3F)]
  }

  /// The bytes that a token's spelling stands for; the spelling itself where it is not in the alphabet, as special
  /// tokens may be.
  static func decode(_ spelling: ArraySlice<UInt8>) -> [UInt8] { bytes(of: spelling) ?? Array(spelling) }

  /// The bytes that a token's spelling stands for; nil where it is not in the alphabet.
  static func bytes(of spelling: ArraySlice<UInt8>) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(spelling.count)
    var index = spelling.startIndex
    while index < spelling.endIndex {
      let first = UInt32(spelling[index])
      if first < 0x80 {
        guard let byte = bytes[Int(first)] else { return nil }
        result.append(byte)
        index += 1
        continue
      }
      guard first < 0xE0, index + 1 < spelling.endIndex else { return nil }
      let scalar = Int((first & 0x1F) << 6 | UInt32(spelling[index + 1] & 0x3F))
      guard scalar < bytes.count, let byte = bytes[scalar] else { return nil }
      result.append(byte)
      index += 2
    }
    return result
  }
}
