extension Unicode.Scalar {
  /// The columns that a terminal gives this scalar: none for marks that join the character before and for format
  /// characters, two for East Asian wide and fullwidth characters (Unicode Standard Annex #11), else one.
  var displayWidth: Int {
    if value < 0x300 { return value < 0x20 || (0x7F..<0xA0).contains(value) ? 0 : 1 }
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .lineSeparator, .paragraphSeparator: return 0
    default: break
    }
    // Vowels and final consonants of Hangul stand in the block of the consonant before them.
    if (0x1160...0x11FF).contains(value) || (0xD7B0...0xD7FF).contains(value) { return 0 }
    return Self.isWide(value) ? 2 : 1
  }

  private static func isWide(_ value: UInt32) -> Bool {
    guard value >= 0x1100 else { return false }
    var (low, high) = (0, wideRanges.count)
    while low < high {
      let middle = (low + high) / 2
      if wideRanges[middle].upperBound < value { low = middle + 1 } else { high = middle }
    }
    return low < wideRanges.count && wideRanges[low].contains(value)
  }

  /// East_Asian_Width W and F in EastAsianWidth.txt of Unicode 14; gaps without an assigned character are closed.
  private static let wideRanges: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x231A...0x231B, 0x2329...0x232A, 0x23E9...0x23EC, 0x23F0...0x23F0, 0x23F3...0x23F3,
    0x25FD...0x25FE, 0x2614...0x2615, 0x2648...0x2653, 0x267F...0x267F, 0x2693...0x2693, 0x26A1...0x26A1,
    0x26AA...0x26AB, 0x26BD...0x26BE, 0x26C4...0x26C5, 0x26CE...0x26CE, 0x26D4...0x26D4, 0x26EA...0x26EA,
    0x26F2...0x26F3, 0x26F5...0x26F5, 0x26FA...0x26FA, 0x26FD...0x26FD, 0x2705...0x2705, 0x270A...0x270B,
    0x2728...0x2728, 0x274C...0x274C, 0x274E...0x274E, 0x2753...0x2755, 0x2757...0x2757, 0x2795...0x2797,
    0x27B0...0x27B0, 0x27BF...0x27BF, 0x2B1B...0x2B1C, 0x2B50...0x2B50, 0x2B55...0x2B55, 0x2E80...0x303E,
    0x3041...0x3247, 0x3250...0x4DBF, 0x4E00...0xA4C6, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAD9,
    0xFE10...0xFE19, 0xFE30...0xFE6B, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x1B2FB, 0x1F004...0x1F004,
    0x1F0CF...0x1F0CF, 0x1F18E...0x1F18E, 0x1F191...0x1F19A, 0x1F200...0x1F320, 0x1F32D...0x1F335,
    0x1F337...0x1F37C, 0x1F37E...0x1F393, 0x1F3A0...0x1F3CA, 0x1F3CF...0x1F3D3, 0x1F3E0...0x1F3F0,
    0x1F3F4...0x1F3F4, 0x1F3F8...0x1F43E, 0x1F440...0x1F440, 0x1F442...0x1F4FC, 0x1F4FF...0x1F53D,
    0x1F54B...0x1F54E, 0x1F550...0x1F567, 0x1F57A...0x1F57A, 0x1F595...0x1F596, 0x1F5A4...0x1F5A4,
    0x1F5FB...0x1F64F, 0x1F680...0x1F6C5, 0x1F6CC...0x1F6CC, 0x1F6D0...0x1F6D2, 0x1F6D5...0x1F6DF,
    0x1F6EB...0x1F6EC, 0x1F6F4...0x1F6FC, 0x1F7E0...0x1F7F0, 0x1F90C...0x1F93A, 0x1F93C...0x1F945,
    0x1F947...0x1F9FF, 0x1FA70...0x1FAFF, 0x20000...0x3FFFD,
  ]
}

extension Character {
  /// The columns that a terminal gives this character.
  var displayWidth: Int {
    let scalars = unicodeScalars
    guard let first = scalars.first else { return 0 }
    if scalars.count == 1 { return first.displayWidth }
    // Flags, joined emoji, and symbols that a variation selector makes emoji are drawn in one wide cell.
    let isEmoji = scalars.contains { scalar in
      scalar.value == 0xFE0F || scalar.value == 0x200D || (0x1F1E6...0x1F1FF).contains(scalar.value)
        || (0x1F3FB...0x1F3FF).contains(scalar.value)
    }
    if isEmoji, first.properties.isEmoji { return 2 }
    return scalars.reduce(0) { $0 + $1.displayWidth }
  }

  /// Whether lines may be broken beside it without a space: ideographs, kana and the like.
  var isIdeographic: Bool {
    guard let first = unicodeScalars.first, first.displayWidth == 2 else { return false }
    return first.value < 0x1F000 || first.value >= 0x20000
  }
}

extension StringProtocol {
  /// The columns that a terminal gives this text; codes for colours take none.
  var displayWidth: Int {
    var width = 0
    var escape = EscapeSequence()
    for character in self where !escape.contains(character) { width += character.displayWidth }
    return width
  }

  /// As much of the text's beginning as fits into so many columns.
  func prefix(columns: Int) -> SubSequence {
    var left = columns
    var escape = EscapeSequence()
    return prefix { character in
      if escape.contains(character) { return true }
      left -= character.displayWidth
      return left >= 0
    }
  }
}

/// Tells the characters of a terminal's control sequences (`ESC [ … letter`) from those that are seen.
struct EscapeSequence {
  private var state = State.outside
  private enum State { case outside, begun, inside }

  /// Whether the next character of a text belongs to a control sequence.
  mutating func contains(_ character: Character) -> Bool {
    switch state {
    case .outside:
      guard character == "\u{1B}" else { return false }
      state = .begun
    case .begun: state = character == "[" ? .inside : .outside
    case .inside: if ("@"..."~").contains(character) { state = .outside }
    }
    return true
  }
}
