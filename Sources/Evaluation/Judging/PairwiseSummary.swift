import MartletMetrics

/// What the judgements of many pairs come to.
public struct PairwiseSummary: Sendable, Equatable {
  /// How often each answer was better, and how often neither; verdicts that changed with the order are ties.
  public let firstWins, secondWins, ties: Int
  /// How many of ``ties`` are verdicts that changed with the order. Many of them mean that the judge cannot tell.
  public let inconsistent: Int
  /// Pairs without a readable verdict; they are in no other number.
  public let unreadable: Int
  /// The share of the first answers' wins in the readable verdicts, ties counted half; nil where there are none.
  public let winRate: Double?
  /// The 95% interval of ``winRate``: Wilson's, or by bootstrap where there are ties.
  public let interval: ConfidenceInterval?

  /// - Throws: What the statistics throw.
  public init(_ judgements: [PairwiseJudgement], bootstrap: Bootstrap = .standard) throws {
    let readable = judgements.filter { $0.verdict != .unreadable }
    let (wins, losses) = (readable.count { $0.verdict == .first }, readable.count { $0.verdict == .second })
    (firstWins, secondWins, ties) = (wins, losses, readable.count - wins - losses)
    inconsistent = readable.count { !$0.isConsistent }
    unreadable = judgements.count - readable.count
    guard !readable.isEmpty else {
      (winRate, interval) = (nil, nil)
      return
    }
    let values = readable.map { $0.verdict == .first ? 1 : $0.verdict == .tie ? 0.5 : 0 }
    winRate = values.reduce(0, +) / Double(values.count)
    interval =
      ties == 0
      ? try ConfidenceInterval.wilson(successes: wins, trials: readable.count)
      : try bootstrap.interval(ofMeanOf: values)
  }
}
