import MartletPrompting

/// Whether two texts are equal after both are cleaned: lm-evaluation-harness's `exact_match`.
struct ExactMatch: Sendable {
  var removed: [AnswerPattern] = []
  var ignoresCase = false
  var ignoresPunctuation = false

  /// A text without what does not count.
  func cleaned(_ text: String) -> String {
    var text = removed.reduce(text) { $1.removing(from: $0) }
    if ignoresCase { text = text.lowercased() }
    if ignoresPunctuation {
      text = String(String.UnicodeScalarView(text.unicodeScalars.filter { !Self.isPunctuation($0) }))
    }
    // NumPy's arrays of texts, which the reference compares, drop zeros at the end.
    while text.unicodeScalars.last == "\0" { text.unicodeScalars.removeLast() }
    return text
  }

  func holds(_ prediction: String, _ reference: String) -> Bool {
    PlainText.equal(cleaned(prediction), cleaned(reference))
  }

  /// Python's `string.punctuation`.
  private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
    default: false
    }
  }
}
