/// A text from outside without the characters that command a terminal: a document or a file's name could else move the
/// cursor, change colours or the window's title, or hide what stands there. Each control character becomes its picture
/// (␛), or U+FFFD where it has none; line breaks and tabs stay.
func printable(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control && $0 != "\n" })
  else {
    return text
  }
  var out = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    switch scalar.value {
    case 0x09, 0x0A: out.append(scalar)
    // These end lines, too, where nothing but words is to be seen.
    case 0x0B, 0x0C, 0x0D, 0x85: out.append(" ")
    case 0x00...0x1F: out.append(Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}")
    case 0x7F: out.append("\u{2421}")
    case 0x80...0x9F: out.append("\u{FFFD}")
    default: out.append(scalar)
    }
  }
  return String(out)
}
