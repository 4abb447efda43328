/// Finds the words of a text, as people see them.
///
/// A word is a run of letters, marks, digits and underscores; an apostrophe between letters (don't) and a point or comma
/// between digits (3.5) belong to it. An ideograph is a word of its own, as in BERT's tokenizer. What is left is signs,
/// whose runs are one word each; white space belongs to none.
enum Words {
  /// The ranges of the words, in Unicode scalars.
  static func ranges(in scalars: [Unicode.Scalar]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var index = 0
    while index < scalars.count {
      let kind = Kind(scalars[index])
      let start = index
      index += 1
      switch kind {
      case .space: continue
      case .ideograph: break
      case .letter, .digit:
        while index < scalars.count, joins(scalars, at: index) { index += 1 }
      case .sign:
        while index < scalars.count, Kind(scalars[index]) == .sign { index += 1 }
      }
      ranges.append(start..<index)
    }
    return ranges
  }

  /// Whether the scalar at `index` continues the word that the one before it belongs to.
  private static func joins(_ scalars: [Unicode.Scalar], at index: Int) -> Bool {
    switch Kind(scalars[index]) {
    case .letter, .digit: return true
    case .space, .ideograph: return false
    case .sign:
      guard index + 1 < scalars.count else { return false }
      let (before, after) = (Kind(scalars[index - 1]), Kind(scalars[index + 1]))
      switch scalars[index] {
      case "'", "’": return before == .letter && after == .letter
      case ".", ",": return before == .digit && after == .digit
      default: return false
      }
    }
  }

  private enum Kind {
    case space, letter, digit, ideograph, sign

    init(_ scalar: Unicode.Scalar) {
      if scalar == "_" { self = .letter; return }
      let properties = scalar.properties
      switch properties.generalCategory {
      case .decimalNumber: self = .digit
      case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .nonspacingMark,
        .spacingMark,
        .enclosingMark, .letterNumber, .otherNumber:
        self = .letter
      case .otherLetter: self = properties.isIdeographic ? .ideograph : .letter
      case .control, .spaceSeparator, .lineSeparator, .paragraphSeparator: self = .space
      default: self = properties.isWhitespace ? .space : .sign
      }
    }
  }
}
