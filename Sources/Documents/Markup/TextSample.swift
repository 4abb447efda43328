/// What the first bytes of a file tell of it as text.
enum TextSample {
  /// A text has one NUL byte in so many, at most: a log has one where a program crashed.
  static let bytesPerNUL = 500

  /// Whether a file that begins so is text in some encoding.
  static func isText(_ head: [UInt8]) -> Bool {
    if !head.contains(0) || TextEncoding.mark(head[...]) != nil { return true }
    if utf16WithoutMark(head) != nil { return true }
    var check = UTF8Check()
    check.append(head)
    return isTextWithNULs(check)
  }

  /// Whether the NUL bytes are accidents in text.
  static func isTextWithNULs(_ check: UTF8Check) -> Bool {
    check.count >= check.nulCount * bytesPerNUL && check.controlCount * 100 <= check.count
      && check.invalid <= max(1, check.multibyte)
  }

  /// The byte order of UTF-16 that has no mark: nil where the bytes are something else. Its letters of ASCII, blanks and
  /// line ends among them, have NUL bytes on one side.
  static func utf16WithoutMark(_ sample: [UInt8]) -> TextEncoding? {
    let units = sample.count / 2
    guard units >= 4 else { return nil }
    for bigEndian in [false, true] {
      var (ascii, odd, eastern) = (0, 0, 0)
      for index in 0..<units {
        let high = sample[index * 2 + (bigEndian ? 0 : 1)]
        let low = sample[index * 2 + (bigEndian ? 1 : 0)]
        if high == 0, 0x20...0x7E ~= low || low == 0x0A || low == 0x0D || low == 0x09 {
          ascii += 1
        } else if high == 0, low < 0x20 || 0x7F...0x9F ~= low {
          odd += 1
        } else if low == 0, high < 0x30 {
          // The same unit is a letter or a blank of ASCII in the other order.
          odd += 1
        }
        // Kana, Han and Hangul, half of what random bytes would be.
        if 0x30...0x31 ~= high || 0x4E...0x9F ~= high || 0xAC...0xD7 ~= high || high == 0xFF { eastern += 1 }
      }
      if ascii * 20 >= units || (ascii > 0 && (eastern + ascii) * 10 >= units * 9), odd * 50 <= units {
        return .utf16(bigEndian: bigEndian)
      }
    }
    return nil
  }
}
