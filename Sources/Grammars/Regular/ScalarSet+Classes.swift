extension ScalarSet {
  /// `\d`
  static let digits = ScalarSet([0x30...0x39])
  /// `\w`
  static let wordCharacters = ScalarSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
  /// `\s` of ECMA-262: white space and line ends.
  static let spaces = ScalarSet([
    0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029,
    0x202F...0x202F, 0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
  ])

  /// A general category of Unicode by its short name or the long name of a group: `L`, `Lu`, `Letter`.
  static func category(named given: String) -> ScalarSet? {
    var name = given
    for prefix in ["gc=", "General_Category="] where name.hasPrefix(prefix) {
      name.removeFirst(prefix.count)
    }
    name = groups[name] ?? name
    if name == "Any" { return .all }
    if name == "ASCII" { return ScalarSet([0...0x7F]) }
    let wanted = categories.filter { $0.key == name || (name.count == 1 && $0.key.hasPrefix(name)) }
    guard !wanted.isEmpty else { return nil }
    return ScalarSet(wanted.flatMap { rangesByCategory[$0.value] ?? [] })
  }

  private static let groups = [
    "Letter": "L", "Mark": "M", "Number": "N", "Punctuation": "P", "Symbol": "S", "Separator": "Z",
    "Other": "C",
    "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Titlecase_Letter": "Lt", "Decimal_Number": "Nd",
    "digit": "Nd", "Space_Separator": "Zs", "Control": "Cc",
  ]

  private static let categories: [String: Unicode.GeneralCategory] = [
    "Lu": .uppercaseLetter, "Ll": .lowercaseLetter, "Lt": .titlecaseLetter, "Lm": .modifierLetter,
    "Lo": .otherLetter, "Mn": .nonspacingMark, "Mc": .spacingMark, "Me": .enclosingMark, "Nd": .decimalNumber,
    "Nl": .letterNumber, "No": .otherNumber, "Pc": .connectorPunctuation, "Pd": .dashPunctuation,
    "Ps": .openPunctuation, "Pe": .closePunctuation, "Pi": .initialPunctuation, "Pf": .finalPunctuation,
    "Po": .otherPunctuation, "Sm": .mathSymbol, "Sc": .currencySymbol, "Sk": .modifierSymbol,
    "So": .otherSymbol, "Zs": .spaceSeparator, "Zl": .lineSeparator, "Zp": .paragraphSeparator,
    "Cc": .control, "Cf": .format, "Cs": .surrogate, "Co": .privateUse, "Cn": .unassigned,
  ]

  private static let rangesByCategory: [Unicode.GeneralCategory: [ClosedRange<UInt32>]] = {
    var result: [Unicode.GeneralCategory: [ClosedRange<UInt32>]] = [:]
    var (first, current) = (UInt32(0), Unicode.GeneralCategory.control)
    for value in UInt32(0)...0x110000 {
      let category = Unicode.Scalar(value)?.properties.generalCategory ?? .surrogate
      if category == current && value < 0x110000 { continue }
      result[current, default: []].append(first...(value - 1))
      (first, current) = (value, category)
    }
    return result
  }()
}
