/// BLEU of translations (Papineni et al., "BLEU: a Method for Automatic Evaluation of Machine Translation", 2002), as
/// sacrebleu 2.6 computes it: from 0 to 100.
///
/// It is a score of a corpus: the counts of n-grams are added over all segments before precisions are taken, so it is
/// not the mean of the segments' scores.
///
/// ```swift
/// let bleu = BLEU()
/// let score = try bleu.corpusScore(
///   ["The dog bit the man.", "It was not unexpected."],
///   references: [["The dog bit the man.", "The dog had bit the man."], ["It was not unexpected."]])
/// ```
public struct BLEU: Sendable, Equatable {
  /// How texts become tokens.
  public var tokenizer: Tokenizer
  /// What stands for precisions of 0.
  public var smoothing: Smoothing
  /// Whether texts are put in lower case first.
  public var lowercase: Bool
  /// Whether only those orders count of which the prediction has n-grams. Meant for scores of single segments, which may
  /// have fewer than four tokens; ``sentenceScore(_:references:)`` sets it.
  public var effectiveOrder: Bool

  /// The longest n-grams.
  static let maximumOrder = 4

  /// sacrebleu's defaults.
  public init(
    tokenizer: Tokenizer = .v13a, smoothing: Smoothing = .exponential, lowercase: Bool = false,
    effectiveOrder: Bool = false
  ) {
    self.tokenizer = tokenizer
    self.smoothing = smoothing
    self.lowercase = lowercase
    self.effectiveOrder = effectiveOrder
  }

  /// What a segment adds to the score of a corpus.
  ///
  /// - Parameters:
  ///   - prediction: The segment's translation.
  ///   - references: One or more; an n-gram counts as often as in the reference that has it most often, and the length is
  ///     that of the reference whose length is nearest.
  /// - Throws: ``MetricError/noReferences`` where there is no reference.
  public func statistics(of prediction: String, references: [String]) throws(MetricError) -> Statistics {
    guard !references.isEmpty else { throw .noReferences }
    var numbers = NgramNumbers<Scalars>()
    let predicted = numbers.ngrams(tokens(prediction), maximumOrder: Self.maximumOrder)
    let golds = references.map { numbers.ngrams(tokens($0), maximumOrder: Self.maximumOrder) }
    let length = predicted[0].count
    let nearest = golds.map { $0[0].count }.min { (abs($0 - length), $0) < (abs($1 - length), $1) }
    return Statistics(
      counts: [length, nearest ?? 0] + numbers.matches(predicted, golds) + predicted.map(\.count))
  }

  private func tokens(_ text: String) -> [Scalars] {
    var scalars = lowercase ? lowercased(text.unicodeScalars) : Scalars(text.unicodeScalars)
    while let last = scalars.last, last.isPythonSpace { scalars.removeLast() }
    return tokenizer.tokens(scalars)
  }

  /// The score of a corpus.
  ///
  /// - Parameters:
  ///   - predictions: The translations.
  ///   - references: The references of each; their numbers may differ.
  /// - Throws: ``MetricError/noRows``, ``MetricError/differentCounts(predictions:references:)`` and
  ///   ``MetricError/noReferences``.
  public func corpusScore(_ predictions: [String], references: [[String]]) throws(MetricError) -> Score {
    guard !predictions.isEmpty else { throw .noRows }
    guard predictions.count == references.count else {
      throw .differentCounts(predictions: predictions.count, references: references.count)
    }
    var sum = Statistics()
    for (prediction, references) in zip(predictions, references) {
      sum += try statistics(of: prediction, references: references)
    }
    return score(sum)
  }

  /// The score of one segment, with ``effectiveOrder``.
  ///
  /// - Throws: ``MetricError/noReferences`` where there is no reference.
  public func sentenceScore(_ prediction: String, references: [String]) throws(MetricError) -> Score {
    var bleu = self
    bleu.effectiveOrder = true
    return bleu.score(try statistics(of: prediction, references: references))
  }

  /// What to state beside a score so that it can be reproduced: sacrebleu's signature.
  ///
  /// - Parameter referenceCounts: The number of references of each segment.
  public func signature(referenceCounts: some Sequence<Int>) -> String {
    let counts = Set(referenceCounts)
    let number = counts.count == 1 ? counts.first.map(String.init) ?? "var" : "var"
    return "nrefs:\(number)|case:\(lowercase ? "lc" : "mixed")|eff:\(effectiveOrder ? "yes" : "no")"
      + "|tok:\(tokenizer.rawValue)|smooth:\(smoothing)|version:2.6.0"
  }
}
