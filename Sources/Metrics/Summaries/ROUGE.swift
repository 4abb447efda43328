/// ROUGE of summaries (Lin, "ROUGE: A Package for Automatic Evaluation of Summaries", 2004), as the library rouge-score
/// 0.1.2 computes it: from 0 to 1.
///
/// A text is its runs of the letters a to z and digits, in lower case. Texts in other scripts therefore have no tokens,
/// and score 0.
public struct ROUGE: Sendable, Equatable {
  /// What is compared.
  public enum Variant: String, Sendable, CaseIterable {
    /// Single tokens.
    case rouge1
    /// Pairs of tokens.
    case rouge2
    /// The longest common subsequence of the texts.
    case rougeL
    /// The union of the longest common subsequences of each sentence of the reference with all of the prediction. A
    /// sentence is a line.
    case rougeLsum
  }

  /// Precision, recall and F.
  public struct Score: Sendable, Equatable {
    /// The share of the prediction that is in the reference, 0 to 1.
    public let precision: Double
    /// The share of the reference that is in the prediction, 0 to 1.
    public let recall: Double
    /// The harmonic mean of both.
    public let fMeasure: Double

    init(hits: Int, predicted: Int, gold: Int) {
      precision = Double(hits) / Double(max(1, predicted))
      recall = Double(hits) / Double(max(1, gold))
      fMeasure = precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0
    }
  }

  /// Whether words lose their endings by Porter's algorithm (``PorterStemmer``).
  public var stem: Bool

  /// rouge-score's defaults.
  public init(stem: Bool = false) { self.stem = stem }

  /// The score with the reference whose F is best, the first of equals.
  ///
  /// - Throws: ``MetricError/noReferences`` where there is no reference.
  public func score(
    _ prediction: String, references: [String], _ variant: Variant
  ) throws(MetricError) -> Score {
    var best: Score?
    // Tokens are compared as numbers. Only rougeLsum has more than one line.
    var numbers = NgramNumbers<[UInt8]>()
    let order = variant == .rouge2 ? 2 : 1
    func ngrams(_ text: String) -> [[[UInt32]]] {
      let lines =
        variant == .rougeLsum ? text.unicodeScalars.split(separator: "\n") : [text.unicodeScalars[...]]
      return lines.map { numbers.ngrams(tokens($0), maximumOrder: order) }
    }
    let predicted = ngrams(prediction)
    for reference in references {
      let gold = ngrams(reference)
      let predictedCount = predicted.reduce(0) { $0 + $1[order - 1].count }
      let goldCount = gold.reduce(0) { $0 + $1[order - 1].count }
      let hits =
        switch variant {
        case .rouge1, .rouge2: numbers.matches(predicted[0], [gold[0]])[order - 1]
        case .rougeL: CommonSubsequence.length(gold[0][0], predicted[0][0])
        case .rougeLsum: summaryHits(predicted.map { $0[0] }, gold.map { $0[0] })
        }
      let score = Score(hits: hits, predicted: predictedCount, gold: goldCount)
      if best.map({ score.fMeasure > $0.fMeasure }) ?? true { best = score }
    }
    guard let best else { throw .noReferences }
    return best
  }

  /// Section 3.2 of the paper, in which no token is counted more often than both texts have it: so does ROUGE 1.5.5.
  private func summaryHits(_ predicted: [[UInt32]], _ gold: [[UInt32]]) -> Int {
    var ofPrediction = counts(predicted)
    var ofReference = counts(gold)
    var hits = 0
    for sentence in gold {
      var union = Set<Int>()
      for other in predicted { union.formUnion(CommonSubsequence.positions(sentence, other)) }
      for position in union.sorted() {
        let token = sentence[position]
        guard let left = ofPrediction[token], let right = ofReference[token], left > 0, right > 0 else {
          continue
        }
        ofPrediction[token] = left - 1
        ofReference[token] = right - 1
        hits += 1
      }
    }
    return hits
  }

  private func counts(_ sentences: [[UInt32]]) -> [UInt32: Int] {
    var counts = [UInt32: Int]()
    for sentence in sentences { for token in sentence { counts[token, default: 0] += 1 } }
    return counts
  }

  private func tokens(_ text: some BidirectionalCollection<Unicode.Scalar>) -> [[UInt8]] {
    lowercased(text).split { !("a"..."z" ~= $0 || $0.isASCIIDigit) }.map { word in
      let token = word.map { UInt8(truncatingIfNeeded: $0.value) }
      // Words of up to three letters stay whole.
      return stem && token.count > 3 ? PorterStemmer.stem(token) : token
    }
  }
}
