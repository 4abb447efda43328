import Foundation
import MartletMetrics

/// What several outputs for each item come to: how much a score moves from one repeat of the run to the next.
public struct RepeatScores: Sendable, Equatable {
  /// The score, such as `acc` or `exact_match,strict-match`.
  public let name: String
  /// The share of right items in each repeat, in their order.
  public let means: [Double]
  /// The mean over the repeats.
  public var mean: Double { means.reduce(0, +) / Double(means.count) }
  /// The sample standard deviation of ``means``.
  public var standardDeviation: Double {
    let mean = mean
    let deviations = means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (deviations / Double(means.count - 1)).squareRoot()
  }

  /// The repeats of results, a score each, by name; none where each item has one output only.
  public static func all(of results: [ItemResult]) -> [RepeatScores] {
    Set(results.flatMap { ($0.repeats ?? [:]).keys }).sorted().compactMap { name in
      let verdicts = results.compactMap { $0.repeats?[name] }
      guard let count = verdicts.map(\.count).min(), count > 1 else { return nil }
      let means = (0..<count).map { number in
        Double(verdicts.count { $0[number] }) / Double(verdicts.count)
      }
      return RepeatScores(name: name, means: means)
    }
  }
}

extension ItemResult {
  /// Adds what the repeats say: `pass@k` for k of 1, 2, 4 and so on, the chance that one of k outputs is right, and
  /// `pass^N`, whether all N are.
  mutating func addRepeatScores() throws(MetricError) {
    for (name, verdicts) in repeats ?? [:] {
      let suffix = name.firstIndex(of: ",").map { String(name[$0...]) } ?? ""
      let passed = verdicts.count { $0 }
      for k in sequence(first: 1, next: { $0 * 2 }).prefix(while: { $0 <= verdicts.count }) {
        scores["pass@\(k)\(suffix)"] = try PassAtK.estimate(
          k, samples: verdicts.count, correct: passed)
      }
      scores["pass^\(verdicts.count)\(suffix)"] = passed == verdicts.count ? 1 : 0
    }
  }
}
