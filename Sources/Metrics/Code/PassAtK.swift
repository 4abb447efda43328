/// How often at least one of k generated programs passes its tests.
public enum PassAtK {
  /// The probability that at least one of `k` samples passes, drawn without replacement from `samples` of which
  /// `correct` passed: 1 - C(samples - correct, k) / C(samples, k). The mean over problems is the unbiased estimator of
  /// Chen et al., "Evaluating Large Language Models Trained on Code", 2021.
  ///
  /// - Parameters:
  ///   - k: The samples that a user would draw, at least 1.
  ///   - samples: The samples that were generated, at least `k`.
  ///   - correct: The samples that passed, 0 to `samples`.
  /// - Throws: ``MetricError/impossibleCounts(samples:correct:)`` and ``MetricError/tooFewSamples(samples:k:)``.
  public static func estimate(_ k: Int, samples: Int, correct: Int) throws(MetricError) -> Double {
    guard samples > 0, (0...samples).contains(correct) else {
      throw .impossibleCounts(samples: samples, correct: correct)
    }
    guard (1...samples).contains(k) else { throw .tooFewSamples(samples: samples, k: k) }
    let failed = samples - correct
    guard failed >= k else { return 1 }
    // The product of 1 - k / i over the samples beyond the failed ones equals the quotient of the binomials, whose own
    // values would overflow.
    var allFail = 1.0
    for i in failed + 1..<samples + 1 { allFail *= 1 - Double(k) / Double(i) }
    return 1 - allFail
  }
}
