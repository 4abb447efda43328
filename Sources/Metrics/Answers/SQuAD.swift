/// Exact match and F1 of short answers, as SQuAD 2.0's script `evaluate-v2.0.py` counts them (Rajpurkar et al., "Know
/// What You Don't Know: Unanswerable Questions for SQuAD", 2018).
///
/// Texts are compared in lower case, without ASCII punctuation, without the words "a", "an" and "the", and with single
/// spaces. Of several references the best one counts. References that are empty in this form are dropped; where none is
/// left, the question has no answer, and an empty prediction is right.
///
/// ```swift
/// let score = SQuAD.score("the Eiffel Tower!", references: ["Eiffel tower", "tower in Paris"])
/// score.exactMatch  // true
/// ```
public enum SQuAD {
  /// What a prediction reaches with its best reference.
  public struct Score: Sendable, Equatable {
    /// Whether a reference is the same in the compared form.
    public let exactMatch: Bool
    /// The harmonic mean of the words' precision and recall, from 0 to 1.
    public let f1: Double
  }

  /// Scores one prediction. Exact match and F1 may be of different references.
  public static func score(_ prediction: String, references: [String]) -> Score {
    let predicted = normalizedWords(prediction)
    var golds = references.map(normalizedWords).filter { !$0.isEmpty }
    if golds.isEmpty { golds = [[]] }
    return Score(
      exactMatch: golds.contains { $0 == predicted }, f1: golds.map { f1(predicted, $0) }.max() ?? 0)
  }

  /// A text in the form that is compared.
  public static func normalized(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for (number, word) in normalizedWords(text).enumerated() {
      if number > 0 { result.append(" ") }
      result.append(contentsOf: word)
    }
    return String(result)
  }

  static func normalizedWords(_ text: String) -> [Scalars] {
    let text = lowercased(text.unicodeScalars).filter { !$0.isASCIIPunctuation }
    return words(withoutArticles(text))
  }

  private static let articles: Set<Scalars> = [["a"], ["a", "n"], ["t", "h", "e"]]

  /// Has a space in place of each article that stands between ends of words, in the sense of `\b`.
  private static func withoutArticles(_ text: Scalars) -> Scalars {
    var result = Scalars()
    result.reserveCapacity(text.count)
    var start = 0
    while start < text.count {
      guard text[start].isPythonWord else {
        result.append(text[start])
        start += 1
        continue
      }
      let end = text[start...].firstIndex { !$0.isPythonWord } ?? text.count
      let word = Scalars(text[start..<end])
      if articles.contains(word) { result.append(" ") } else { result.append(contentsOf: word) }
      start = end
    }
    return result
  }

  private static func f1(_ predicted: [Scalars], _ gold: [Scalars]) -> Double {
    guard !predicted.isEmpty, !gold.isEmpty else { return predicted.isEmpty && gold.isEmpty ? 1 : 0 }
    var left = [Scalars: Int]()
    for word in gold { left[word, default: 0] += 1 }
    var same = 0
    for word in predicted {
      guard let count = left[word], count > 0 else { continue }
      left[word] = count - 1
      same += 1
    }
    guard same > 0 else { return 0 }
    let precision = Double(same) / Double(predicted.count)
    let recall = Double(same) / Double(gold.count)
    return 2 * precision * recall / (precision + recall)
  }
}
