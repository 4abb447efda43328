extension Lexer {
  /// Scans a quoted text and resolves its escapes as Python's `unicode-escape` does.
  mutating func scanString() throws(TemplateError) -> String {
    let start = offset
    let quote = source[offset]
    offset += 1
    var text = String.UnicodeScalarView()
    while offset < source.count, source[offset] != quote {
      if source[offset] == "\\" {
        try scanEscape(into: &text)
      } else {
        text.append(source[offset])
        offset += 1
      }
    }
    guard offset < source.count else {
      throw TemplateError(.syntax("the text in quotes is never closed"), at: position(of: start))
    }
    offset += 1
    return String(text)
  }

  private mutating func scanEscape(into text: inout String.UnicodeScalarView) throws(TemplateError) {
    let place = position(of: offset)
    guard offset + 1 < source.count else {
      throw TemplateError(.syntax("the text in quotes is never closed"), at: place)
    }
    let escape = source[offset + 1]
    offset += 2
    if let simple = Self.simpleEscapes[escape] {
      text.append(simple)
      return
    }
    switch escape {
    case "\n": break
    case "x": text.append(try scanHexadecimal(digits: 2, at: place))
    case "u": text.append(try scanHexadecimal(digits: 4, at: place))
    case "U": text.append(try scanHexadecimal(digits: 8, at: place))
    case "N": throw TemplateError(.unsupported("the escape '\\N' in a text"), at: place)
    case "0"..."7": text.append(scanOctal(first: escape))
    default:
      text.append("\\")
      text.append(contentsOf: Self.escapedByPython(escape))
    }
  }

  private static let simpleEscapes: [Unicode.Scalar: Unicode.Scalar] = [
    "\\": "\\", "'": "'", "\"": "\"", "n": "\n", "r": "\r", "t": "\t", "a": "\u{7}", "b": "\u{8}",
    "f": "\u{C}", "v": "\u{B}",
  ]

  private mutating func scanHexadecimal(
    digits: Int, at place: SourcePosition
  ) throws(TemplateError) -> Unicode.Scalar {
    let end = offset + digits
    guard end <= source.count, source[offset..<end].allSatisfy({ $0.properties.isASCIIHexDigit }),
      let value = UInt32(text(offset..<end), radix: 16)
    else {
      throw TemplateError(.syntax("the escape needs \(digits) hexadecimal digits"), at: place)
    }
    guard let scalar = Unicode.Scalar(value) else {
      throw TemplateError(.unsupported("the escape \(text(offset..<end)) is not a character"), at: place)
    }
    offset = end
    return scalar
  }

  private mutating func scanOctal(first: Unicode.Scalar) -> Unicode.Scalar {
    var value = first.value - 48
    var count = 1
    while count < 3, offset < source.count, source[offset] >= "0", source[offset] <= "7" {
      value = value * 8 + source[offset].value - 48
      offset += 1
      count += 1
    }
    return Unicode.Scalar(value) ?? " "
  }

  /// An unknown escape stays as it is. Python writes characters beyond ASCII as escapes first, so that of a
  /// backslash before one of them only that escape's letters remain.
  private static func escapedByPython(_ scalar: Unicode.Scalar) -> String.UnicodeScalarView {
    if scalar.isASCII { return String(Character(scalar)).unicodeScalars }
    let digits = String(scalar.value, radix: 16)
    let (letter, width) = scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
    return (letter + String(repeating: "0", count: width - digits.count) + digits).unicodeScalars
  }
}
