import Foundation

/// Whether a model that compares choices is as often right as it is sure. Its confidence in a choice is the softmax of
/// the choices' log-likelihoods.
///
/// ```swift
/// let items = [(logLikelihoods: [-1, -3.0], right: 0), (logLikelihoods: [-2, -2.5], right: 1)]
/// let calibration = try ChoiceCalibration(items)
/// print(calibration.expectedError, calibration.brierScore)
/// ```
public struct ChoiceCalibration: Sendable, Equatable {
  /// The items whose confidence lies in a part of the range from 0 to 1.
  public struct Bin: Sendable, Equatable {
    /// The confidences above ``low`` and up to ``high``; the first bin has 0, too.
    public let low, high: Double
    /// The items.
    public let count: Int
    /// The mean probability of the chosen answers.
    public let confidence: Double
    /// The share of right choices.
    public let accuracy: Double
  }

  /// The bins that have items, in ascending order.
  public let bins: [Bin]
  /// The expected calibration error: the mean distance between confidence and accuracy over bins of equal width, weighted
  /// by their items (Guo et al. 2017, "On Calibration of Modern Neural Networks"). 0 is best.
  public let expectedError: Double
  /// The Brier score: the mean over items of the squared distances between the choices' probabilities and the truth,
  /// summed over the choices (Brier 1950). It is between 0, the best, and 2.
  public let brierScore: Double
  /// The items.
  public let count: Int

  /// - Parameters:
  ///   - items: The log-likelihoods of each item's choices in nats, and which of them is right, from 0. Minus infinity
  ///     is a probability of zero.
  ///   - binCount: The bins between 0 and 1.
  /// - Throws: ``JudgingError``, with the item that has no probabilities.
  public init(_ items: [(logLikelihoods: [Double], right: Int)], binCount: Int = 10) throws(JudgingError) {
    guard !items.isEmpty else { throw .nothing }
    guard binCount > 0 else { throw .bins(binCount) }
    var members = [[(confidence: Double, isRight: Bool)]](repeating: [], count: binCount)
    var brier = 0.0
    for (index, item) in items.enumerated() {
      guard item.logLikelihoods.indices.contains(item.right) else {
        throw .choices(
          item: index,
          problem: "choice \(item.right) is right, and there are \(item.logLikelihoods.count) choices")
      }
      guard let largest = item.logLikelihoods.max(), largest.isFinite,
        !item.logLikelihoods.contains(where: \.isNaN)
      else { throw .choices(item: index, problem: "its log-likelihoods are not finite") }
      let shares = item.logLikelihoods.map { exp($0 - largest) }
      let total = shares.reduce(0, +)
      let probabilities = shares.map { $0 / total }
      let chosen = PreparedTask.largest(item.logLikelihoods)
      for (choice, probability) in probabilities.enumerated() {
        let distance = probability - (choice == item.right ? 1 : 0)
        brier += distance * distance
      }
      let confidence = probabilities[chosen]
      let bin = min(binCount - 1, max(0, Int((confidence * Double(binCount)).rounded(.up)) - 1))
      members[bin].append((confidence, chosen == item.right))
    }
    count = items.count
    brierScore = brier / Double(items.count)
    bins = members.enumerated().compactMap { number, members in
      guard !members.isEmpty else { return nil }
      let size = Double(members.count)
      return Bin(
        low: Double(number) / Double(binCount), high: Double(number + 1) / Double(binCount),
        count: members.count,
        confidence: members.reduce(0) { $0 + $1.confidence } / size,
        accuracy: Double(members.count { $0.isRight }) / size)
    }
    expectedError = bins.reduce(0) {
      $0 + abs($1.confidence - $1.accuracy) * Double($1.count) / Double(items.count)
    }
  }
}
