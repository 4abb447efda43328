/// Intervals from resampling: rows are drawn with replacement, as many as there are, and the spread of what is computed
/// of them shows how much it depends on which rows there happened to be (Efron, "Bootstrap Methods: Another Look at the
/// Jackknife", 1979).
///
/// Equal seeds give equal intervals. The bounds are percentiles, between two resamples by linear interpolation.
///
/// ```swift
/// let interval = try Bootstrap(seed: 7).interval(ofMeanOf: [1, 0, 1, 1, 0, 1, 1, 1])
/// ```
public struct Bootstrap: Sendable, Equatable {
  /// How many times rows are drawn.
  public let resamples: Int
  /// The share of the resamples within the interval.
  public let confidence: Double
  /// What the draws begin with.
  public let seed: UInt64

  /// - Parameters:
  ///   - resamples: 1 or more; 1,000 suffice for 95%.
  ///   - confidence: Between 0 and 1.
  ///   - seed: Any number.
  /// - Throws: ``MetricError/unusableConfidence(_:)`` and ``MetricError/tooFewResamples(_:)``.
  public init(
    resamples: Int = 1000, confidence: Double = 0.95, seed: UInt64
  ) throws(MetricError) {
    guard confidence > 0, confidence < 1 else { throw .unusableConfidence(confidence) }
    guard resamples >= 1 else { throw .tooFewResamples(resamples) }
    self.resamples = resamples
    self.confidence = confidence
    self.seed = seed
  }

  /// 1,000 resamples, 95%, seed 0.
  public static let standard = Bootstrap()

  private init() {
    resamples = 1000
    confidence = 0.95
    seed = 0
  }

  /// The interval of what is computed of rows.
  ///
  /// - Parameters:
  ///   - count: How many rows there are.
  ///   - statistic: What is computed of a resample, which is given as the numbers of its rows.
  /// - Throws: ``MetricError/noRows`` where there is no row.
  public func interval(
    rows count: Int, of statistic: ([Int]) -> Double
  ) throws(MetricError) -> ConfidenceInterval {
    interval(ofResults: try resampled(rows: count, statistic))
  }

  /// The interval of a mean.
  ///
  /// - Throws: ``MetricError/noRows`` where there is no value.
  public func interval(ofMeanOf values: [Double]) throws(MetricError) -> ConfidenceInterval {
    try interval(rows: values.count) { rows in rows.reduce(0) { $0 + values[$1] } / Double(rows.count) }
  }

  /// How two systems differ on the same rows: the mean of the first minus that of the second.
  ///
  /// - Parameters:
  ///   - first: The first system's value of each row.
  ///   - second: The second system's, in the same order.
  /// - Throws: ``MetricError/unequalLengths(first:second:)`` and ``MetricError/noRows``.
  public func difference(
    _ first: [Double], _ second: [Double]
  ) throws(MetricError) -> PairedDifference {
    guard first.count == second.count else {
      throw .unequalLengths(first: first.count, second: second.count)
    }
    let differences = zip(first, second).map { $0 - $1 }
    let estimate = try MeanEstimate(of: differences)
    let results = try resampled(rows: differences.count) { rows in
      rows.reduce(0) { $0 + differences[$1] } / Double(rows.count)
    }
    let below = results.count { $0 <= 0 }
    let above = results.count { $0 >= 0 }
    return PairedDifference(
      difference: estimate.mean, standardError: estimate.standardError,
      interval: interval(ofResults: results),
      pValue: min(1, 2 * Double(min(below, above) + 1) / Double(resamples + 1)))
  }

  /// What is computed of each resample.
  func resampled<Result>(rows count: Int, _ statistic: ([Int]) -> Result) throws(MetricError) -> [Result] {
    guard count > 0 else { throw .noRows }
    var draws = RandomDraws(seed: seed)
    var rows = [Int](repeating: 0, count: count)
    return (0..<resamples).map { _ in
      for place in rows.indices { rows[place] = draws.row(below: count) }
      return statistic(rows)
    }
  }

  func interval(ofResults results: [Double]) -> ConfidenceInterval {
    let sorted = results.sorted()
    let tail = (1 - confidence) / 2
    return ConfidenceInterval(
      low: Self.percentile(tail, of: sorted), high: Self.percentile(1 - tail, of: sorted))
  }

  private static func percentile(_ share: Double, of sorted: [Double]) -> Double {
    let place = share * Double(sorted.count - 1)
    let lower = Int(place)
    let upper = min(lower + 1, sorted.count - 1)
    return sorted[lower] + (sorted[upper] - sorted[lower]) * (place - Double(lower))
  }
}

/// How two systems differ on the same rows.
public struct PairedDifference: Sendable, Equatable {
  /// The mean of the first system minus that of the second.
  public let difference: Double
  /// The standard error of the rows' differences.
  public let standardError: Double
  /// The bootstrap's interval of the difference. Where 0 is outside, the difference is significant at that confidence.
  public let interval: ConfidenceInterval
  /// Two-sided: twice the share of resamples on the side of 0 where fewer are, one resample added to both counts so that
  /// it is never 0.
  public let pValue: Double
}
