/// Text as the reference tools see it: they are written in Python, whose strings are sequences of code points.
///
/// Swift's `Character` would compare `é` with `e` and an accent as equal, and count a flag of two code points as one
/// character. All metrics therefore work on Unicode scalars.
typealias Scalars = [Unicode.Scalar]

extension Unicode.Scalar {
  /// Whether Python's `str.split()` and `\s` take it for white space.
  package var isPythonSpace: Bool {
    switch value {
    case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F,
      0x3000:
      true
    default: false
    }
  }

  /// Whether Python's `\w` matches it: letters, everything with a numeric value, and the underscore. Combining marks
  /// are none of these, so that a word ends before them.
  var isPythonWord: Bool {
    if value < 0x80 {
      return switch self {
      case "a"..."z", "A"..."Z", "0"..."9", "_": true
      default: false
      }
    }
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return true
    default: return properties.numericType != nil
    }
  }

  /// Whether it is in Python's `string.punctuation`.
  var isASCIIPunctuation: Bool {
    switch value {
    case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
    default: false
    }
  }

  /// Whether it is one of 0 to 9.
  var isASCIIDigit: Bool { (0x30...0x39).contains(value) }

  /// Whether Unicode takes it for punctuation (P).
  var isPunctuation: Bool {
    switch properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation:
      true
    default: false
    }
  }

  /// Whether Unicode takes it for a number (N).
  var isNumber: Bool {
    switch properties.generalCategory {
    case .decimalNumber, .letterNumber, .otherNumber: true
    default: false
    }
  }

  /// Whether Unicode takes it for a symbol (S).
  var isSymbol: Bool {
    switch properties.generalCategory {
    case .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol: true
    default: false
    }
  }
}

/// What Python's `str.lower()` gives.
func lowercased(_ text: some BidirectionalCollection<Unicode.Scalar>) -> Scalars {
  var result = Scalars()
  result.reserveCapacity(text.underestimatedCount)
  for index in text.indices {
    let scalar = text[index]
    if scalar.value < 0x80 {
      result.append(
        (0x41...0x5A).contains(scalar.value) ? Unicode.Scalar(UInt8(scalar.value) + 0x20) : scalar)
    } else if scalar == "\u{3A3}" {
      result.append(isFinalSigma(text, at: index) ? "\u{3C2}" : "\u{3C3}")
    } else {
      result.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
    }
  }
  return result
}

/// A capital sigma at the end of a word becomes another letter than one within (Unicode's condition Final_Sigma).
private func isFinalSigma<Text: BidirectionalCollection<Unicode.Scalar>>(_ text: Text, at index: Text.Index)
  -> Bool
{
  guard let before = text[..<index].last(where: { !$0.properties.isCaseIgnorable }), before.properties.isCased
  else { return false }
  let after = text[text.index(after: index)...].first { !$0.properties.isCaseIgnorable }
  return after?.properties.isCased != true
}

/// What Python's `str.split()` gives: the words between runs of white space.
func words(_ text: Scalars) -> [Scalars] {
  text.split(whereSeparator: \.isPythonSpace).map { Scalars($0) }
}
