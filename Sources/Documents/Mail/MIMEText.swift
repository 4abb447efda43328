import MartletCGMime

/// Text of a message, decoded from the charset that it states.
struct MIMEText {
  var text: String
  /// What a user should know of how it was decoded, to be read after "its text".
  var warning: String?

  /// - Parameters:
  ///   - bytes: The text without its transfer encoding.
  ///   - charset: What its header names; nil where it names none.
  init(_ bytes: [UInt8], charset: String?) {
    // ASCII alone is what it says in nearly every charset; the exceptions name themselves.
    let name = charset?.lowercased() ?? "us-ascii"
    let isASCII = !bytes.contains { $0 >= 0x80 || $0 == 0x1B || $0 == 0 }
    if isASCII, !Self.reusesASCII(name) {
      text = String(decoding: bytes, as: UTF8.self)
    } else if ["utf-8", "utf8", "us-ascii", "ascii", "unknown-8bit", "x-unknown", "binary", ""].contains(name)
    {
      (text, warning) = Self.guess(bytes, isDeclared: name.hasPrefix("utf"))
    } else if let decoded = Self.convert(bytes, from: Self.superset(of: name)) {
      text = decoded.text
      if decoded.replaced > 0 {
        warning = "is not all valid \(name); \(Self.byteCount(decoded.replaced)) replaced by U+FFFD"
      }
    } else {
      (text, _) = Self.guess(bytes, isDeclared: false)
      warning = "has the unknown charset \(name), and its encoding was guessed"
    }
    text = text.replacingLineEnds()
  }

  private static func reusesASCII(_ name: String) -> Bool {
    name.hasPrefix("utf-16") || name.hasPrefix("utf-32") || name.hasPrefix("utf-7")
      || name.hasPrefix("unicode")
      || name.hasPrefix("ucs") || name.hasPrefix("hz") || name.hasPrefix("ebcdic") || name.hasPrefix("cp037")
  }

  /// Valid UTF-8 is taken for what it is, and other bytes for Windows-1252 where nothing says otherwise.
  private static func guess(_ bytes: [UInt8], isDeclared: Bool) -> (String, String?) {
    var check = UTF8Check()
    check.append(bytes)
    check.finish()
    if check.invalid == 0 { return (String(decoding: bytes, as: UTF8.self), nil) }
    if isDeclared || check.multibyte > check.invalid {
      return (
        String(decoding: bytes, as: UTF8.self),
        "is not all valid UTF-8; \(byteCount(check.invalid)) replaced by U+FFFD"
      )
    }
    var decoder = TextDecoder(.windows1252)
    let text = String(decoding: decoder.decode(bytes[...], isLast: true), as: UTF8.self)
    return (text, "states no charset and was read as Windows-1252, which is a guess")
  }

  private static func byteCount(_ count: Int) -> String { count == 1 ? "1 byte was" : "\(count) bytes were" }

  /// The charset that programs mean by a name: they write the characters of a larger one under it.
  private static func superset(of name: String) -> String {
    switch name {
    case "iso-8859-1", "latin1", "iso8859-1", "iso_8859-1": "windows-1252"
    case "gb2312", "gbk", "x-gbk": "gb18030"
    case "ks_c_5601-1987", "euc-kr": "cp949"
    case "shift_jis", "shift-jis", "x-sjis": "cp932"
    default: name
    }
  }

  /// The text in UTF-8; nil where the charset is unknown. What is not valid in it becomes U+FFFD.
  private static func convert(_ bytes: [UInt8], from charset: String) -> (text: String, replaced: Int)? {
    guard let converter = martlet_mime_converter(charset) else { return nil }
    defer { g_iconv_close(converter) }
    var input = bytes.map { CChar(bitPattern: $0) }
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count + bytes.count / 2)
    var replaced = 0
    var buffer = [CChar](repeating: 0, count: 16 * 1024)
    input.withUnsafeMutableBufferPointer { input in
      buffer.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return }
        var next = input.baseAddress
        var left = gsize(input.count)
        while true {
          var end: UnsafeMutablePointer<CChar>? = base
          var room = gsize(buffer.count)
          let isFlush = left == 0
          let code =
            isFlush
            ? g_iconv(converter, nil, nil, &end, &room) : g_iconv(converter, &next, &left, &end, &room)
          let made = buffer.count - Int(room)
          for byte in buffer[..<made] { out.append(UInt8(bitPattern: byte)) }
          if isFlush { break }
          if code == gsize.max, made == 0, left > 0 {
            // A byte that is not valid where it is, or a character that is cut off at the end.
            out += [0xEF, 0xBF, 0xBD]
            replaced += 1
            next = next?.advanced(by: 1)
            left -= 1
          }
        }
      }
    }
    return (String(decoding: out, as: UTF8.self), replaced)
  }
}

extension String {
  /// The text with `\n` alone at the end of each line, and without NUL.
  func replacingLineEnds() -> String {
    guard utf8.contains(where: { $0 == 0x0D || $0 == 0 }) else { return self }
    var out: [UInt8] = []
    out.reserveCapacity(utf8.count)
    var lastWasReturn = false
    for byte in utf8 {
      if byte == 0x0A, lastWasReturn {
        lastWasReturn = false
        continue
      }
      lastWasReturn = byte == 0x0D
      if byte != 0 { out.append(lastWasReturn ? 0x0A : byte) }
    }
    return String(decoding: out, as: UTF8.self)
  }
}
