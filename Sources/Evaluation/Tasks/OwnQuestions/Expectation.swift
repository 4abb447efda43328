import MartletJSON

/// What the answer to a question of one's own must be.
struct Expectation: Sendable {
  enum Check: Sendable {
    /// The whole answer, without white space around it.
    case equals([String])
    /// Some part of the answer.
    case contains([String])
    /// Found somewhere in the answer.
    case regex([AnswerPattern])
    /// The last number in the answer, within the tolerance.
    case number([Double], tolerance: Double)
  }

  let check: Check
  /// Whether capital and small letters differ for `equals` and `contains`.
  let isCaseSensitive: Bool

  /// What was read in the answer, and whether it is right; nothing is right where there is no answer.
  func judge(_ answer: String?) -> (extracted: String?, isCorrect: Bool) {
    guard let answer else { return (nil, false) }
    switch check {
    case .equals(let texts):
      let given = PlainText.stripped(answer)
      return (given, texts.contains { PlainText.equal(folded(PlainText.stripped($0)), folded(given)) })
    case .contains(let texts):
      let given = folded(answer)
      let found = texts.first { PlainText.contains(given, folded($0)) }
      return (found, found != nil)
    case .regex(let patterns):
      for pattern in patterns {
        let bytes = Array(answer.utf8)
        guard let match = pattern.matches(in: bytes).first else { continue }
        return (String(decoding: bytes[match.whole], as: UTF8.self), true)
      }
      return (nil, false)
    case .number(let values, let tolerance):
      guard let last = NumberReader.numbers(in: answer).last else { return (nil, false) }
      let isNear = values.contains { abs(last.value - $0) <= max(tolerance, 1e-9 * abs($0)) }
      return (last.text, isNear)
    }
  }

  /// The expected answer as people read it, and as an example shows it where there is one to show.
  var shown: (text: String, example: String?) {
    switch check {
    case .equals(let texts): return (texts.joined(separator: " or "), texts.first)
    case .contains(let texts):
      return ("contains " + texts.map { JSON.quoted($0) }.joined(separator: " or "), texts.first)
    case .regex(let patterns): return ("matches " + patterns.map(\.pattern).joined(separator: " or "), nil)
    case .number(let values, let tolerance):
      let texts = values.map { JSON($0).serialized() }.map {
        $0.hasSuffix(".0") ? String($0.dropLast(2)) : $0
      }
      let within = tolerance > 0 ? " ± \(JSON(tolerance).serialized())" : ""
      return (texts.joined(separator: " or ") + within, texts.first)
    }
  }

  private func folded(_ text: String) -> String { isCaseSensitive ? text : text.lowercased() }
}

/// Finds the numbers that people write in texts.
enum NumberReader {
  /// A number and how it is written.
  struct Found {
    let text: String
    let value: Double
  }

  /// The numbers from left to right: `42`, `-3.5`, `1,234.50`, `.5`, `6e23`. A minus counts where no letter or digit is
  /// before it.
  static func numbers(in text: String) -> [Found] {
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
