import MartletCUchardet

/// Tells the encoding of text that is not UTF-8, by uchardet's models of languages.
enum EncodingDetector {
  /// As many bytes are looked at.
  static let sampleBytes = 256 << 10

  /// The name of the encoding; nil where Windows-1252 is as good a guess.
  ///
  /// What uchardet says is not taken on trust: the sample must be valid in that encoding, and a few letters outside ASCII
  /// tell nothing.
  static func encoding(of sample: [UInt8]) -> String? {
    guard let detector = uchardet_new() else { return nil }
    defer { uchardet_delete(detector) }
    let status = sample.withUnsafeBytes { buffer in
      uchardet_handle_data(detector, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count)
    }
    guard status == 0 else { return nil }
    uchardet_data_end(detector)
    guard let charset = uchardet_get_charset(detector) else { return nil }
    let name = String(cString: charset).uppercased()
    let high = sample.count { $0 >= 0x80 }
    let letters = sample.count { 0x41...0x5A ~= $0 || 0x61...0x7A ~= $0 }
    switch name {
    case "", "ASCII", "UTF-8", "WINDOWS-1252", "ISO-8859-1", "ISO-8859-15", "UTF-16", "UTF-16LE", "UTF-16BE":
      return nil
    case _ where name.hasPrefix("ISO-2022") || name.hasPrefix("HZ"): break
    case "SHIFT_JIS", "EUC-JP", "GB18030", "BIG5", "EUC-KR", "UHC", "EUC-TW", "JOHAB":
      if high < 4 { return nil }
    case "KOI8-R", "WINDOWS-1251", "ISO-8859-5", "MAC-CYRILLIC", "IBM866", "IBM855", "WINDOWS-1253",
      "ISO-8859-7",
      "WINDOWS-1255", "ISO-8859-8", "WINDOWS-1256", "ISO-8859-6", "TIS-620", "ISO-8859-11":
      // These scripts have no ASCII letters, so that most letters lie above it.
      if high < 8 || high * 2 < letters { return nil }
    default: if high < 24 { return nil }
    }
    guard let converter = CharacterConverter(from: name) else { return nil }
    _ = converter.convert(sample[...], isLast: false)
    return converter.replaced == 0 ? name : nil
  }

  /// Whether bytes of ASCII hold the escape sequences by which ISO-2022 changes between character sets.
  static func hasShifts(_ sample: [UInt8]) -> Bool {
    var rest = sample[...]
    while let at = rest.firstIndex(of: 0x1B) {
      rest = rest[(at + 1)...]
      if let next = rest.first, next == UInt8(ascii: "$") || next == UInt8(ascii: "(") { return true }
    }
    return false
  }
}
