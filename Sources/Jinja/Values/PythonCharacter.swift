extension Unicode.Scalar {
  /// Whether Python's `str.isspace` holds for this character.
  var isPythonSpace: Bool {
    switch value {
    case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F,
      0x3000:
      true
    default: false
    }
  }

  /// Whether Python's `\w` matches this character.
  var isPythonWord: Bool {
    if isASCII {
      return isASCIIDigit || (value | 0x20) >= 0x61 && (value | 0x20) <= 0x7A || self == "_"
    }
    return isPythonAlphabetic || properties.numericType != nil
  }

  /// Whether Python's `str.isalpha` holds: a letter of any kind.
  var isPythonAlphabetic: Bool {
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: false
    }
  }

  var isASCIIDigit: Bool { self >= "0" && self <= "9" }

  /// Whether Python's `repr` shows the character as it is.
  var isPythonPrintable: Bool {
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
    case .spaceSeparator: self == " "
    default: true
    }
  }

  /// Whether `str.splitlines` ends a line here.
  var isLineBoundary: Bool {
    switch value {
    case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
    default: false
    }
  }
}
