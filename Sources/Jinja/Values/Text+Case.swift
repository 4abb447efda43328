extension Text {
  static func uppercased(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars { result += scalar.properties.uppercaseMapping }
    return result
  }

  static func lowercased(_ text: String) -> String {
    let scalars = Array(text.unicodeScalars)
    var result = ""
    for place in scalars.indices { result += lowercaseMapping(at: place, in: scalars) }
    return result
  }

  /// `str.capitalize`: the first character in title case, the rest in lower case.
  static func capitalized(_ text: String) -> String {
    let scalars = Array(text.unicodeScalars)
    var result = scalars.first?.properties.titlecaseMapping ?? ""
    for place in scalars.indices.dropFirst() { result += lowercaseMapping(at: place, in: scalars) }
    return result
  }

  /// `str.title`: every letter that follows no letter in title case.
  static func titlecased(_ text: String) -> String {
    let scalars = Array(text.unicodeScalars)
    var result = ""
    var followsCased = false
    for (place, scalar) in scalars.enumerated() {
      result += followsCased ? lowercaseMapping(at: place, in: scalars) : scalar.properties.titlecaseMapping
      followsCased = scalar.properties.isCased
    }
    return result
  }

  /// Jinja2's `title` filter: words begin after blanks, hyphens and opening brackets only.
  static func titlecasedWords(_ text: String) -> String {
    var result = ""
    var word: [Unicode.Scalar] = []
    func finish() {
      guard let first = word.first else { return }
      result += first.properties.uppercaseMapping + lowercased(string(word.dropFirst()))
      word.removeAll()
    }
    for scalar in text.unicodeScalars {
      if scalar.isPythonSpace || "-({[<".unicodeScalars.contains(scalar) {
        finish()
        result.unicodeScalars.append(scalar)
      } else {
        word.append(scalar)
      }
    }
    finish()
    return result
  }

  static func swappedCase(_ text: String) -> String {
    let scalars = Array(text.unicodeScalars)
    var result = ""
    for (place, scalar) in scalars.enumerated() {
      if scalar.properties.isUppercase {
        result += lowercaseMapping(at: place, in: scalars)
      } else {
        result += scalar.properties.isLowercase ? scalar.properties.uppercaseMapping : String(scalar)
      }
    }
    return result
  }

  /// Lower case, with the Greek sigma that ends a word in its own form.
  private static func lowercaseMapping(at place: Int, in scalars: [Unicode.Scalar]) -> String {
    guard scalars[place] == "\u{3A3}" else { return scalars[place].properties.lowercaseMapping }
    let before = scalars[..<place].last { !$0.properties.isCaseIgnorable }
    let after = scalars[(place + 1)...].first { !$0.properties.isCaseIgnorable }
    let endsWord = before?.properties.isCased == true && after?.properties.isCased != true
    return endsWord ? "\u{3C2}" : "\u{3C3}"
  }

  /// Whether cased letters exist and all have the wanted case.
  static func hasCase(_ text: String, upper: Bool) -> Bool {
    var found = false
    for scalar in text.unicodeScalars {
      let properties = scalar.properties
      if properties.generalCategory == .titlecaseLetter { return false }
      if upper ? properties.isLowercase : properties.isUppercase { return false }
      if upper ? properties.isUppercase : properties.isLowercase { found = true }
    }
    return found
  }
}
