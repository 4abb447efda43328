import Foundation
import MartletVectorStore

/// The words of a question that say what it is about, each with a weight: the rarer in the collection, the heavier
/// (BM25's inverse document frequency, Robertson and Zaragoza 2009, section 3.1).
struct QuestionWords: Sendable {
  private let weights: [String: Double]
  private let total: Double

  init(_ question: String, in collection: any DocumentCollection) throws {
    let words = KeywordQuery(question).contentWords
    let (frequencies, recordCount) = try collection.documentFrequencies(of: words)
    var weights: [String: Double] = [:]
    for (word, frequency) in zip(words, frequencies) {
      let weight = log(1 + (Double(recordCount - frequency) + 0.5) / (Double(frequency) + 0.5))
      weights[Stem.of(word), default: 0] = max(weights[Stem.of(word)] ?? 0, weight)
    }
    self.weights = weights
    total = weights.values.reduce(0, +)
  }

  /// How much of the question's words, by weight, a text has: from 0 to 1.
  func coverage(by text: String) -> Double {
    guard total > 0 else { return 0 }
    let stems = Stem.all(in: text)
    return weights.reduce(0) { $0 + (stems.contains($1.key) ? $1.value : 0) } / total
  }
}

/// The stem of an English word by a few suffixes: enough to let "inspections" meet "inspected", and no more. (Harman
/// 1991 found that weak stemmers serve searching as well as strong ones.)
enum Stem {
  private static let suffixes = ["ingly", "edly", "ing", "ies", "ied", "ed", "es", "s", "ly"]

  static func of(_ word: String) -> String {
    var word = word.lowercased().folding(options: .diacriticInsensitive, locale: nil)
    if let suffix = suffixes.first(where: { word.hasSuffix($0) && word.count - $0.count >= 3 }) {
      word.removeLast(suffix.count)
    }
    if word.count > 4, word.hasSuffix("e") { word.removeLast() }
    return word
  }

  static func all(in text: String) -> Set<String> { Set(KeywordQuery(text).words.map(of)) }
}
