/// A text from outside without the characters that command a terminal: a document or a file's name could else move the
/// cursor, change colours or the window's title, or hide what stands there. Each control character becomes its picture
/// (␛), or U+FFFD where it has none, and one that turns the direction of a text its number (<U+202E>); line breaks and
/// tabs stay.
func printable(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: { $0 != "\n" && commands($0) }) else { return text }
  var out = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    switch scalar.value {
    case 0x09, 0x0A: out.append(scalar)
    // These end lines, too, where nothing but words is to be seen.
    case 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029: out.append(" ")
    case 0x00...0x1F: out.append(Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}")
    case 0x7F: out.append("\u{2421}")
    case 0x80...0x9F: out.append("\u{FFFD}")
    case _ where commands(scalar): out.append(contentsOf: "<U+\(hexadecimal(scalar))>".unicodeScalars)
    default: out.append(scalar)
    }
  }
  return String(out)
}

/// Whether a character is no part of a text but does something: control characters, ends of lines, and those that make
/// text run the other way.
private func commands(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .lineSeparator, .paragraphSeparator: true
  // Joiners and soft hyphens belong to the writing of many languages.
  case .format: scalar.properties.isBidiControl || (0xFFF9...0xFFFB).contains(scalar.value)
  default: false
  }
}

private func hexadecimal(_ scalar: Unicode.Scalar) -> String {
  let digits = String(scalar.value, radix: 16, uppercase: true)
  return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}
