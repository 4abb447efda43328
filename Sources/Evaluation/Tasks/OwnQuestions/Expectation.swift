import MartletJSON
import MartletPrompting

/// What the answer to a question of one's own must be.
struct Expectation: Sendable {
  enum Check: Sendable {
    /// The whole answer, without white space around it.
    case equals([String])
    /// Some part of the answer.
    case contains([String])
    /// Found somewhere in the answer.
    case regex([AnswerPattern])
    /// The last number in the answer, or any of them, within the tolerance.
    case number([Double], tolerance: Double, anywhere: Bool = false)
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
    case .number(let values, let tolerance, let anywhere):
      let numbers = NumberReader.numbers(in: answer)
      guard let last = numbers.last else { return (nil, false) }
      func isNear(_ number: NumberReader.Found) -> Bool {
        values.contains { abs(number.value - $0) <= max(tolerance, 1e-9 * abs($0)) }
      }
      if anywhere, let found = numbers.first(where: isNear) { return (found.text, true) }
      return (last.text, !anywhere && isNear(last))
    }
  }

  /// The expected answer as people read it, and as an example shows it where there is one to show.
  var shown: (text: String, example: String?) {
    switch check {
    case .equals(let texts): return (texts.joined(separator: " or "), texts.first)
    case .contains(let texts):
      return ("contains " + texts.map { JSON.quoted($0) }.joined(separator: " or "), texts.first)
    case .regex(let patterns): return ("matches " + patterns.map(\.pattern).joined(separator: " or "), nil)
    case .number(let values, let tolerance, let anywhere):
      let texts = values.map { JSON($0).serialized() }.map {
        $0.hasSuffix(".0") ? String($0.dropLast(2)) : $0
      }
      let within = tolerance > 0 ? " ± \(JSON(tolerance).serialized())" : ""
      let place = anywhere ? " anywhere" : ""
      return (texts.joined(separator: " or ") + within + place, texts.first)
    }
  }

  private func folded(_ text: String) -> String { isCaseSensitive ? text : text.lowercased() }
}
