/// chrF and chrF++ of translations (Popović, "chrF: character n-gram F-score for automatic MT evaluation", 2015, and
/// "chrF++: words helping character n-grams", 2017), as sacrebleu 2.6 computes them: from 0 to 100.
///
/// Like BLEU it is a score of a corpus, whose counts are added over all segments. Of several references the one with the
/// best score counts.
public struct CHRF: Sendable, Equatable {
  /// The longest n-grams of code points.
  public var characterOrder: Int
  /// The longest n-grams of words: 0 for chrF, 2 for chrF++.
  public var wordOrder: Int
  /// How much more recall counts than precision.
  public var beta: Double
  /// Whether texts are put in lower case first.
  public var lowercase: Bool
  /// Whether n-grams of code points may contain white space.
  public var whitespace: Bool
  /// Whether orders of which a text has no n-grams count with a tiny score, as in chrF++.py, NLTK and Moses; else they do
  /// not count.
  public var epsilonSmoothing: Bool

  /// sacrebleu's defaults: chrF.
  public init(
    characterOrder: Int = 6, wordOrder: Int = 0, beta: Double = 2, lowercase: Bool = false,
    whitespace: Bool = false, epsilonSmoothing: Bool = false
  ) {
    self.characterOrder = max(0, characterOrder)
    self.wordOrder = max(0, wordOrder)
    self.beta = beta
    self.lowercase = lowercase
    self.whitespace = whitespace
    self.epsilonSmoothing = epsilonSmoothing
  }

  /// What segments add to a score, by order: those of code points, then those of words. The statistics of a corpus are
  /// the sum of its segments'.
  public struct Statistics: Sendable, Equatable {
    /// The n-grams of the prediction; 0 where the reference has none of this order.
    public internal(set) var predictions: [Int]
    /// The n-grams of the reference.
    public internal(set) var references: [Int]
    /// Those that both have.
    public internal(set) var matches: [Int]

    init(orders: Int) {
      predictions = [Int](repeating: 0, count: orders)
      references = predictions
      matches = predictions
    }

    /// All counts in one list, for sums over many segments.
    var counts: [Int] { predictions + references + matches }

    /// - Parameter counts: As ``counts`` gives them.
    init(counts: [Int]) {
      let orders = counts.count / 3
      predictions = Array(counts[..<orders])
      references = Array(counts[orders..<2 * orders])
      matches = Array(counts[(2 * orders)...])
    }

    /// Adds those of another segment of the same orders.
    public static func += (sum: inout Statistics, other: Statistics) {
      for order in 0..<min(sum.matches.count, other.matches.count) {
        sum.predictions[order] += other.predictions[order]
        sum.references[order] += other.references[order]
        sum.matches[order] += other.matches[order]
      }
    }
  }

  /// What a segment adds to the score of a corpus.
  ///
  /// - Throws: ``MetricError/noReferences`` where there is no reference.
  public func statistics(of prediction: String, references: [String]) throws(MetricError) -> Statistics {
    var best: (score: Double, statistics: Statistics)?
    var characters = NgramNumbers<Unicode.Scalar>()
    var words = NgramNumbers<Scalars>()
    func ngrams(_ text: String) -> (characters: [[UInt32]], words: [[UInt32]]) {
      let text = lowercase ? lowercased(text.unicodeScalars) : Scalars(text.unicodeScalars)
      let counted = whitespace ? text : text.filter { !$0.isPythonSpace }
      return (
        characters.ngrams(counted, maximumOrder: characterOrder),
        wordOrder > 0 ? words.ngrams(separatedWords(text), maximumOrder: wordOrder) : []
      )
    }
    let predicted = ngrams(prediction)
    for reference in references {
      let gold = ngrams(reference)
      let golds = (gold.characters + gold.words).map(\.count)
      let predictions = (predicted.characters + predicted.words).map(\.count)
      let found = Statistics(
        counts: zip(predictions, golds).map { $1 > 0 ? $0 : 0 } + golds
          + characters.matches(predicted.characters, [gold.characters])
          + words.matches(predicted.words, [gold.words]))
      let score = score(found)
      if score > best?.score ?? -1 { best = (score, found) }
    }
    guard let best else { throw .noReferences }
    return best.statistics
  }

  /// The words, each without one mark of punctuation at its end or, where there is none, at its start, which is a word of
  /// its own.
  private func separatedWords(_ text: Scalars) -> [Scalars] {
    words(text).flatMap { word -> [Scalars] in
      guard word.count > 1, let first = word.first, let last = word.last else { return [word] }
      if last.isASCIIPunctuation { return [Scalars(word.dropLast()), [last]] }
      if first.isASCIIPunctuation { return [[first], Scalars(word.dropFirst())] }
      return [word]
    }
  }

  /// The score of a corpus, 0 to 100.
  ///
  /// - Parameters:
  ///   - predictions: The translations.
  ///   - references: The references of each; their numbers may differ.
  /// - Throws: ``MetricError/noRows``, ``MetricError/differentCounts(predictions:references:)`` and
  ///   ``MetricError/noReferences``.
  public func corpusScore(_ predictions: [String], references: [[String]]) throws(MetricError) -> Double {
    guard !predictions.isEmpty else { throw .noRows }
    guard predictions.count == references.count else {
      throw .differentCounts(predictions: predictions.count, references: references.count)
    }
    var sum = Statistics(orders: characterOrder + wordOrder)
    for (prediction, references) in zip(predictions, references) {
      sum += try statistics(of: prediction, references: references)
    }
    return score(sum)
  }

  /// The score of one segment, 0 to 100.
  ///
  /// - Throws: ``MetricError/noReferences`` where there is no reference.
  public func sentenceScore(_ prediction: String, references: [String]) throws(MetricError) -> Double {
    score(try statistics(of: prediction, references: references))
  }

  /// The score of a segment or a corpus, 0 to 100.
  public func score(_ statistics: Statistics) -> Double {
    let epsilon = 1e-16
    let factor = beta * beta
    var (smoothed, precisions, recalls) = (0.0, 0.0, 0.0)
    var orders = 0
    for order in statistics.matches.indices {
      let matches = Double(statistics.matches[order])
      let (predicted, gold) = (statistics.predictions[order], statistics.references[order])
      let precision = predicted > 0 ? matches / Double(predicted) : epsilon
      let recall = gold > 0 ? matches / Double(gold) : epsilon
      let divisor = factor * precision + recall
      smoothed += divisor > 0 ? (1 + factor) * precision * recall / divisor : epsilon
      guard predicted > 0, gold > 0 else { continue }
      precisions += precision
      recalls += recall
      orders += 1
    }
    if epsilonSmoothing { return 100 * smoothed / Double(max(1, statistics.matches.count)) }
    guard orders > 0, precisions + recalls > 0 else { return 0 }
    let (precision, recall) = (precisions / Double(orders), recalls / Double(orders))
    return 100 * (1 + factor) * precision * recall / (factor * precision + recall)
  }

  /// What to state beside a score so that it can be reproduced: sacrebleu's signature.
  ///
  /// - Parameter referenceCounts: The number of references of each segment.
  public func signature(referenceCounts: some Sequence<Int>) -> String {
    let counts = Set(referenceCounts)
    let number = counts.count == 1 ? counts.first.map(String.init) ?? "var" : "var"
    return "nrefs:\(number)|case:\(lowercase ? "lc" : "mixed")|eff:\(epsilonSmoothing ? "no" : "yes")"
      + "|nc:\(characterOrder)|nw:\(wordOrder)|space:\(whitespace ? "yes" : "no")|version:2.6.0"
  }
}
