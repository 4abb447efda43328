/// Finds the numbers that people write in texts.
package enum NumberReader {
  /// A number and how it is written.
  package struct Found {
    package let text: String
    package let value: Double
  }

  /// The numbers from left to right: `42`, `-3.5`, `1,234.50`, `.5`, `6e23`. A minus counts where no letter or digit is
  /// before it.
  package static func numbers(in text: String) -> [Found] {
    let scalars = Array(text.unicodeScalars)
    var found: [Found] = []
    var index = 0
    while index < scalars.count {
      guard let end = end(of: scalars, from: index) else {
        index += 1
        continue
      }
      let start = index
      var digits = String(String.UnicodeScalarView(scalars[start..<end].filter { $0 != "," }))
      var shown = String(String.UnicodeScalarView(scalars[start..<end]))
      if start > 0, scalars[start - 1] == "-" || scalars[start - 1] == "\u{2212}",
        start < 2 || !(scalars[start - 2].properties.isAlphabetic || isDigit(scalars[start - 2]))
      {
        (digits, shown) = ("-" + digits, "-" + shown)
      }
      if let value = Double(digits.hasPrefix(".") ? "0" + digits : digits), value.isFinite {
        found.append(Found(text: shown, value: value))
      }
      index = end
    }
    return found
  }

  /// Where a number without its sign ends; nil where none begins.
  private static func end(of scalars: [Unicode.Scalar], from start: Int) -> Int? {
    func digits(from index: Int) -> Int {
      var end = index
      while end < scalars.count, isDigit(scalars[end]) { end += 1 }
      return end
    }
    func has(_ scalar: Unicode.Scalar, at index: Int) -> Bool {
      index < scalars.count && scalars[index] == scalar
    }
    var end = digits(from: start)
    if end == start {
      guard has(".", at: start), digits(from: start + 1) > start + 1 else { return nil }
    } else if end - start <= 3 {
      // Groups of three behind commas.
      while has(",", at: end), digits(from: end + 1) == end + 4 { end += 4 }
    }
    if has(".", at: end), digits(from: end + 1) > end + 1 { end = digits(from: end + 1) }
    if has("e", at: end) || has("E", at: end) {
      let sign = has("+", at: end + 1) || has("-", at: end + 1) ? 1 : 0
      let exponent = digits(from: end + 1 + sign)
      if exponent > end + 1 + sign { end = exponent }
    }
    return end
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar >= "0" && scalar <= "9" }
}
