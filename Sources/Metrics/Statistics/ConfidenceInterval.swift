import Foundation

/// Where the true value lies with a given confidence.
public struct ConfidenceInterval: Sendable, Equatable {
  /// The lower bound.
  public let low: Double
  /// The upper bound.
  public let high: Double

  /// An interval of two bounds.
  public init(low: Double, high: Double) {
    self.low = low
    self.high = high
  }

  /// Wilson's interval of a proportion ("Probable Inference, the Law of Succession, and Statistical Inference", 1927). It
  /// stays within 0 and 1, and has a width even where all trials succeeded.
  ///
  /// - Parameters:
  ///   - successes: The trials that succeeded, 0 to `trials`.
  ///   - trials: All trials, 1 or more.
  ///   - confidence: Between 0 and 1.
  /// - Throws: ``MetricError/impossibleProportion(successes:trials:)`` and
  ///   ``MetricError/unusableConfidence(_:)``.
  public static func wilson(
    successes: Int, trials: Int, confidence: Double = 0.95
  ) throws(MetricError) -> ConfidenceInterval {
    guard trials > 0, (0...trials).contains(successes) else {
      throw .impossibleProportion(successes: successes, trials: trials)
    }
    guard confidence > 0, confidence < 1 else { throw .unusableConfidence(confidence) }
    let z = normalQuantile(0.5 + confidence / 2)
    let n = Double(trials)
    let share = Double(successes) / n
    let divisor = 1 + z * z / n
    let center = (share + z * z / (2 * n)) / divisor
    let half = z / divisor * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
    // Rounding may leave a bound that is 0 or 1 a little beside it.
    return ConfidenceInterval(
      low: successes == 0 ? 0 : max(0, center - half), high: successes == trials ? 1 : min(1, center + half))
  }
}

/// The value below which a standard normal variable is with this probability, between 0 and 1: Newton's method on the
/// logarithm of the distribution function.
func normalQuantile(_ probability: Double) -> Double {
  let isUpper = probability > 0.5
  // In the lower half no digits are lost.
  let tail = isUpper ? 1 - probability : probability
  // This is below the solution, and as the logarithm is concave, so is each step from there.
  var x = -(-2 * log(tail)).squareRoot()
  for _ in 0..<100 {
    let below = erfc(-x / 2.0.squareRoot()) / 2
    let density = exp(-x * x / 2) / (2 * Double.pi).squareRoot()
    let step = below / density * log(below / tail)
    x -= step
    if abs(step) < 1e-15 * max(1, abs(x)) { break }
  }
  return isUpper ? -x : x
}
