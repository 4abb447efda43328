import MartletJSON
import MartletMetrics

extension ScoreSummary {
  /// The 95% interval around the mean, from its standard error; nil where there is no error. Where all values are 0, or
  /// all are 1, it is Wilson's: a few right answers are no certainty.
  public var interval: ClosedRange<Double>? {
    if count > 0, mean == 0 || mean == 1,
      let wilson = try? ConfidenceInterval.wilson(successes: mean == 1 ? count : 0, trials: count)
    {
      return wilson.low...wilson.high
    }
    return standardError.map { mean - 1.96 * $0...mean + 1.96 * $0 }
  }

  /// The score for programs: `value`, `stderr`, `low`, `high`, `n`.
  public var json: JSON {
    [
      "value": JSON(mean), "stderr": standardError.map { JSON($0) } ?? .null,
      "low": interval.map { JSON($0.lowerBound) } ?? .null,
      "high": interval.map { JSON($0.upperBound) } ?? .null,
      "n": JSON(count),
    ]
  }

  /// Reads what ``json`` wrote; nil where it is something else.
  init?(_ json: JSON) {
    guard let mean = json["value"]?.doubleValue, let count = json["n"]?.intValue else { return nil }
    self.init(mean: mean, standardError: json["stderr"]?.doubleValue, count: count)
  }
}
