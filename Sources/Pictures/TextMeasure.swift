/// About how wide texts are drawn. A picture does not know the reader's font; that of most screens is near this.
enum TextMeasure {
  /// The width of a text in pixels, a little on the wide side.
  static func width(_ text: String, size: Double) -> Double {
    var ems = 0.0
    for scalar in text.unicodeScalars { ems += Self.ems(scalar) }
    return ems * size
  }

  private static func ems(_ scalar: Unicode.Scalar) -> Double {
    switch scalar {
    case "i", "j", "l", "I", "t", "f", "r", ".", ",", ":", ";", "'", "|", "!", " ", "(", ")", "[", "]": 0.38
    case "m", "w", "M", "W", "@", "%": 0.95
    case "A"..."Z": 0.7
    case _ where scalar.value < 0x300: 0.6
    case _ where scalar.value >= 0x1100: 1
    default: 0.65
    }
  }

  /// As much of a text as fits, with an ellipsis where that is not all.
  static func cut(_ text: String, toWidth widest: Double, size: Double) -> String {
    guard width(text, size: size) > widest else { return text }
    var kept = ""
    var width = Self.width("…", size: size)
    for character in text {
      width += Self.width(String(character), size: size)
      if width > widest { break }
      kept.append(character)
    }
    return kept + "…"
  }
}
