/// What kind of character a Unicode scalar is.
enum CharacterClasses {
  /// General categories by the numbers below (Unicode 16).
  static let categories = ScalarTable(runs: CategoryData.runs)
  /// Bits as below.
  static let flags = ScalarTable(runs: FlagData.runs)

  /// Lu, Ll, Lt, Lm, Lo.
  @inline(__always) static func isLetter(_ category: UInt8) -> Bool { category &- 1 < 5 }
  /// Mn, Mc, Me.
  @inline(__always) static func isMark(_ category: UInt8) -> Bool { category &- 6 < 3 }
  /// Nd, Nl, No.
  @inline(__always) static func isNumber(_ category: UInt8) -> Bool { category &- 9 < 3 }
  /// Pc to Po.
  @inline(__always) static func isPunctuation(_ category: UInt8) -> Bool { category &- 12 < 7 }
  /// Sm, Sc, Sk, So.
  @inline(__always) static func isSymbol(_ category: UInt8) -> Bool { category &- 19 < 4 }

  /// Lu or Lt, Lm, Lo, marks: what may stand in the capital part of a word.
  static func isUpperish(_ category: UInt8) -> Bool {
    category == 1 || category &- 3 < 3 || isMark(category)
  }
  /// Ll or Lm, Lo, marks: what may stand in the small part of a word.
  static func isLowerish(_ category: UInt8) -> Bool {
    category == 2 || category &- 4 < 2 || isMark(category)
  }

  /// White space as Unicode's property White_Space has it.
  @inline(__always)
  static func isSpace(_ scalar: UInt32) -> Bool {
    if scalar < 0x80 { return scalar == 0x20 || scalar &- 9 < 5 }
    switch scalar {
    case 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: return true
    default: return false
    }
  }

  /// Punctuation in BERT's eyes.
  static let bertPunctuation: UInt8 = 1
  /// Removed by BERT's cleaning.
  static let bertRemoved: UInt8 = 2
  /// Turned into a space by BERT's cleaning.
  static let bertSpace: UInt8 = 4
  /// Set apart by spaces in BERT's eyes (Chinese characters).
  static let bertChinese: UInt8 = 8
  /// Removed when BERT strips accents.
  static let bertAccent: UInt8 = 16
  /// Removed by the normalizer StripAccents.
  static let accent: UInt8 = 32
  /// A digit or number to the pre-tokenizer Digits.
  static let numeric: UInt8 = 64
  /// `\w` as the pre-tokenizer Whitespace has it, and the borders of words around added tokens.
  static let word: UInt8 = 128
}
