/// What metrics say of rows: a value with an interval for each metric, and each row's own values.
///
/// ```swift
/// let rows = [
///   MetricRow(prediction: "Paris", references: ["Paris", "the city of Paris"]),
///   MetricRow(prediction: "in 1889", references: ["1889"]),
/// ]
/// let report = try MetricReport(rows, metrics: [.exactMatch, .f1])
/// for score in report.scores { _ = (score.metric.name, score.value, score.interval) }
/// ```
public struct MetricReport: Sendable {
  /// What one metric says of all rows.
  public struct Score: Sendable, Equatable {
    /// The metric.
    public let metric: Metric
    /// The mean of the rows' values; of BLEU and chrF the score of the corpus.
    public let value: Double
    /// Wilson's interval for accuracy and exact match, whose values are 0 or 1. For all others the bootstrap's over rows;
    /// that of BLEU and chrF adds up the statistics of the resampled rows.
    public let interval: ConfidenceInterval
    /// How many rows there are.
    public let count: Int
    /// What to state beside a score of BLEU or chrF so that it can be reproduced.
    public let signature: String?
  }

  /// In the order in which the metrics were asked for.
  public let scores: [Score]
  /// The values of each row, in the order of ``scores``. Those of BLEU and chrF are scores of single segments.
  public let items: [[Double]]

  /// Scores rows.
  ///
  /// - Parameters:
  ///   - rows: One or more.
  ///   - metrics: What is computed.
  ///   - options: How.
  /// - Throws: ``MetricError/noRows``, and ``MetricError/inRow(_:_:)`` where a row lacks what a metric needs.
  public init(
    _ rows: [MetricRow], metrics: [Metric], options: MetricOptions = MetricOptions()
  ) throws(MetricError) {
    guard !rows.isEmpty else { throw .noRows }
    var scores: [Score] = []
    var items = [[Double]](repeating: [], count: rows.count)
    for metric in metrics {
      let column: [Double]
      switch metric {
      case .bleu:
        let bleu = options.bleu
        var sentences = bleu
        sentences.effectiveOrder = true
        let counts = try Self.each(rows, metric) { (text) throws(MetricError) in
          try bleu.statistics(of: text.prediction, references: text.references).counts
        }
        column = counts.map { sentences.score(BLEU.Statistics(counts: $0)).value }
        scores.append(
          try Self.ofCorpus(
            counts, metric, options.bootstrap,
            signature: bleu.signature(referenceCounts: rows.compactMap { $0.text?.references.count })
          ) { bleu.score(BLEU.Statistics(counts: $0)).value })
      case .chrF, .chrFPlusPlus:
        let chrF = options.chrF(wordOrder: metric == .chrF ? 0 : 2)
        let counts = try Self.each(rows, metric) { (text) throws(MetricError) in
          try chrF.statistics(of: text.prediction, references: text.references).counts
        }
        column = counts.map { chrF.score(CHRF.Statistics(counts: $0)) }
        scores.append(
          try Self.ofCorpus(
            counts, metric, options.bootstrap,
            signature: chrF.signature(referenceCounts: rows.compactMap { $0.text?.references.count })
          ) { chrF.score(CHRF.Statistics(counts: $0)) })
      default:
        column = try Self.values(rows, metric, options)
        scores.append(try Self.ofMean(column, metric, options.bootstrap))
      }
      for (row, value) in column.enumerated() { items[row].append(value) }
    }
    self.scores = scores
    self.items = items
  }

  /// What a metric gives for each row, where the score is the mean of it.
  private static func values(
    _ rows: [MetricRow], _ metric: Metric, _ options: MetricOptions
  ) throws(MetricError) -> [Double] {
    switch metric {
    case .passAtK(let k):
      var values: [Double] = []
      for (number, row) in zip(1..., rows) {
        guard let samples = row.samples else { throw .inRow(number, .unfitRow(metric: metric.name)) }
        do throws(MetricError) {
          values.append(try PassAtK.estimate(k, samples: samples.samples, correct: samples.correct))
        } catch {
          throw .inRow(number, error)
        }
      }
      return values
    case .exactMatch:
      return try each(rows, metric) {
        SQuAD.score($0.prediction, references: $0.references).exactMatch ? 1 : 0
      }
    case .f1: return try each(rows, metric) { SQuAD.score($0.prediction, references: $0.references).f1 }
    case .accuracy:
      return try each(rows, metric) {
        Accuracy.isCorrect($0.prediction, references: $0.references) ? 1 : 0
      }
    case .editSimilarity:
      return try each(rows, metric) { EditSimilarity.score($0.prediction, references: $0.references) }
    case .rouge(let variant):
      let rouge = ROUGE(stem: options.stem)
      return try each(rows, metric) { (text) throws(MetricError) in
        try rouge.score(text.prediction, references: text.references, variant).fMeasure
      }
    case .bleu, .chrF, .chrFPlusPlus: return []
    }
  }

  private static func each<Value>(
    _ rows: [MetricRow], _ metric: Metric, _ value: (MetricRow.Text) throws(MetricError) -> Value
  ) throws(MetricError) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(rows.count)
    for (number, row) in zip(1..., rows) {
      guard let text = row.text else { throw .inRow(number, .unfitRow(metric: metric.name)) }
      let takesNone = metric == .exactMatch || metric == .f1
      guard takesNone || !text.references.isEmpty else { throw .inRow(number, .noReferences) }
      values.append(try value(text))
    }
    return values
  }

  private static func ofMean(
    _ values: [Double], _ metric: Metric, _ bootstrap: Bootstrap
  ) throws(MetricError) -> Score {
    let mean = try MeanEstimate(of: values).mean
    let interval =
      metric == .accuracy || metric == .exactMatch
      ? try ConfidenceInterval.wilson(
        successes: values.count { $0 > 0 }, trials: values.count, confidence: bootstrap.confidence)
      : try bootstrap.interval(ofMeanOf: values)
    return Score(metric: metric, value: mean, interval: interval, count: values.count, signature: nil)
  }

  private static func ofCorpus(
    _ counts: [[Int]], _ metric: Metric, _ bootstrap: Bootstrap, signature: String,
    _ score: ([Int]) -> Double
  ) throws(MetricError) -> Score {
    let width = counts[0].count
    // One list for all rows: adding up thousands of resamples is the work here.
    let flat = counts.flatMap { $0 }
    func sum(_ rows: some Sequence<Int>) -> [Int] {
      var total = [Int](repeating: 0, count: width)
      flat.withUnsafeBufferPointer { flat in
        total.withUnsafeMutableBufferPointer { total in
          for row in rows {
            for place in 0..<width { total[place] += flat[row * width + place] }
          }
        }
      }
      return total
    }
    return Score(
      metric: metric, value: score(sum(counts.indices)),
      interval: try bootstrap.interval(rows: counts.count) { score(sum($0)) }, count: counts.count,
      signature: signature)
  }
}
