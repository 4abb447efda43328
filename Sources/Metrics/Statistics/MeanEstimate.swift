import Foundation

/// A mean and how far it may be off.
public struct MeanEstimate: Sendable, Equatable {
  /// The mean of the values.
  public let mean: Double
  /// The standard error of the mean: the sample's standard deviation (divided by n - 1) over the square root of n, as
  /// lm-evaluation-harness reports it. 0 for a single value.
  public let standardError: Double
  /// How many values there are.
  public let count: Int

  /// The estimate of some values.
  ///
  /// - Throws: ``MetricError/noRows`` where there is none.
  public init(of values: [Double]) throws(MetricError) {
    guard !values.isEmpty else { throw .noRows }
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.mean = mean
    count = values.count
    standardError =
      values.count > 1
      ? (squares / Double(values.count - 1)).squareRoot() / Double(values.count).squareRoot() : 0
  }
}
