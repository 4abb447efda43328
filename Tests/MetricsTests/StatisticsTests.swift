import Foundation
import MartletJSON
import MartletMetrics
import Testing

/// Against scipy, statsmodels, scikit-learn and NumPy, as Fixtures/make_statistics.py wrote down.
@Suite("Statistics")
struct StatisticsTests {
  static let fixture = (try? Reference.json("statistics.json")) ?? .null

  private func cases(_ name: String) throws -> [JSON] { try #require(Self.fixture[name]?.arrayValue) }

  @Test("The standard error of a mean is scipy's")
  func means() throws {
    for known in try cases("means") {
      let values = try #require(known["values"]?.arrayValue).compactMap(\.doubleValue)
      let estimate = try MeanEstimate(of: values)
      #expect(isNear(estimate.mean, known["mean"]) && isNear(estimate.standardError, known["standard_error"]))
    }
    let single = try MeanEstimate(of: [3])
    #expect(single.standardError == 0 && single.count == 1)
    #expect(throws: MetricError.noRows) { try MeanEstimate(of: []) }
  }

  @Test("The bootstrap draws what its seed says, and takes NumPy's percentiles")
  func bootstraps() throws {
    for known in try cases("bootstraps") {
      let values = try #require(known["values"]?.arrayValue).compactMap(\.doubleValue)
      let seed = UInt64(try #require(known["seed"]?.intValue))
      let confidence = try #require(known["confidence"]?.doubleValue)
      let interval = try Bootstrap(confidence: confidence, seed: seed).interval(ofMeanOf: values)
      #expect(isNear(interval.low, known["low"]) && isNear(interval.high, known["high"]))
    }
    #expect(throws: MetricError.unusableConfidence(1)) { try Bootstrap(confidence: 1, seed: 0) }
    #expect(throws: MetricError.tooFewResamples(0)) { try Bootstrap(resamples: 0, seed: 0) }
    #expect(throws: MetricError.noRows) { try Bootstrap.standard.interval(ofMeanOf: []) }
  }

  @Test("Wilson's interval is statsmodels', and stays within 0 and 1")
  func wilson() throws {
    for known in try cases("wilson") {
      let interval = try ConfidenceInterval.wilson(
        successes: try #require(known[0]?.intValue), trials: try #require(known[1]?.intValue),
        confidence: try #require(known[2]?.doubleValue))
      #expect(isNear(interval.low, known[3]) && isNear(interval.high, known[4]), "\(known)")
    }
    #expect(throws: MetricError.impossibleProportion(successes: 2, trials: 1)) {
      try ConfidenceInterval.wilson(successes: 2, trials: 1)
    }
    #expect(throws: MetricError.unusableConfidence(0)) {
      try ConfidenceInterval.wilson(successes: 1, trials: 2, confidence: 0)
    }
    // A confidence that leaves hardly anything outside is still a number.
    #expect(try ConfidenceInterval.wilson(successes: 1, trials: 2, confidence: 1 - 1e-15).low > 0)
  }

  @Test("McNemar's test is statsmodels', exact and approximate")
  func mcNemar() throws {
    for known in try cases("mcnemar") {
      let test = McNemarTest(
        firstOnly: try #require(known[0]?.intValue), secondOnly: try #require(known[1]?.intValue))
      #expect(isNear(test.exactPValue, known[2]) && isNear(test.chiSquared, known[3]), "\(known)")
      #expect(isNear(test.approximatePValue, known[4]), "\(known)")
    }
    let never = McNemarTest(firstOnly: 0, secondOnly: 0)
    #expect(never.exactPValue == 1 && never.approximatePValue == 1 && never.chiSquared == 0)
    let counted = try McNemarTest([true, true, false, false], [true, false, true, true])
    #expect(counted == McNemarTest(firstOnly: 1, secondOnly: 2))
    #expect(throws: MetricError.unequalLengths(first: 1, second: 2)) {
      try McNemarTest([true], [true, true])
    }
    #expect(McNemarTest(firstOnly: 40_000, secondOnly: 40_100).exactPValue > 0.5)
  }

  @Test("Cohen's kappa is scikit-learn's, weighted or not; full agreement by chance is an error")
  func cohen() throws {
    for known in try cases("kappa") {
      let first = try #require(known["first"]?.arrayValue).compactMap(\.intValue)
      let second = try #require(known["second"]?.arrayValue).compactMap(\.intValue)
      for weights in CohenKappa.Weights.allCases {
        let kappa = try CohenKappa.kappa(first, second, weights: weights)
        #expect(isNear(kappa, known["kappa"]?[weights.rawValue]))
      }
    }
    #expect(throws: MetricError.self) { try CohenKappa.kappa([1, 1], [1, 1]) }
    #expect(throws: MetricError.unequalLengths(first: 1, second: 0)) { try CohenKappa.kappa([1], []) }
    #expect(throws: MetricError.noRows) { try CohenKappa.kappa([], []) }
  }

  @Test("Fleiss' kappa is statsmodels'; items with different numbers of ratings are an error")
  func fleiss() throws {
    for known in try cases("fleiss") {
      let counts = try #require(known["counts"]?.arrayValue).map { item in
        try #require(item.arrayValue).compactMap(\.intValue)
      }
      #expect(isNear(try FleissKappa.kappa(counts), known["kappa"]))
    }
    for unusable in [
      [[2, 1], [2, 2]], [[1, 0]], [[2, 0], [2, 0]], [[2, 1], [3]], [[4, -1], [2, 1]],
    ] {
      #expect(throws: MetricError.self) { try FleissKappa.kappa(unusable) }
    }
  }

  @Test("Bradley-Terry strengths maximize the likelihood that scipy maximizes, ties and prior included")
  func bradleyTerry() throws {
    for known in try cases("bradley_terry") {
      let games = try #require(known["games"]?.arrayValue).map { game in
        BradleyTerry.Game(
          "\(try #require(game[0]?.intValue))", "\(try #require(game[1]?.intValue))",
          try #require(BradleyTerry.Outcome(rawValue: game[2]?.stringValue ?? "")))
      }
      let found = try BradleyTerry(games, prior: try #require(known["prior"]?.doubleValue))
      let strengths = try #require(known["strengths"]?.arrayValue).compactMap(\.doubleValue)
      for rating in found.ratings {
        let expected = strengths[try #require(Int(rating.player))]
        #expect(abs(rating.strength - expected) < 1e-9, "\(rating.player)")
      }
      #expect(abs(found.ratings.reduce(0) { $0 + $1.strength }) < 1e-9)
      #expect(found.ratings.map(\.strength) == found.ratings.map(\.strength).sorted(by: >))
    }
  }

  @Test("A player that never wins has a finite strength and interval")
  func loser() throws {
    let games = (0..<20).map { _ in BradleyTerry.Game("strong", "weak", .firstWins) }
    let found = try BradleyTerry(games)
    #expect(found.ratings.map(\.player) == ["strong", "weak"] && found.ratings.allSatisfy { $0.games == 20 })
    #expect(found.ratings.allSatisfy { $0.strength.isFinite && abs($0.strength) < 10 })
    let intervals = try found.intervals(Bootstrap(resamples: 50, seed: 1))
    for rating in found.ratings {
      let interval = try #require(intervals[rating.player])
      #expect(interval.low <= rating.strength + 1e-9 && rating.strength <= interval.high + 1e-9)
    }
    #expect(throws: MetricError.self) { try BradleyTerry([]) }
    #expect(throws: MetricError.self) { try BradleyTerry([.init("a", "a", .tie)]) }
    #expect(throws: MetricError.self) { try BradleyTerry(games, prior: 0) }
  }

  @Test("A paired difference tells a better system from an equal one")
  func difference() throws {
    let values = (0..<60).map { Double($0 % 7) / 7 }
    let bootstrap = Bootstrap.standard
    let better = try bootstrap.difference(values.map { $0 + ($0 > 0.2 ? 0.1 : -0.05) }, values)
    #expect(better.interval.low > 0 && better.pValue < 0.01 && better.difference > 0)
    let equal = try bootstrap.difference(values, values)
    #expect(equal.difference == 0 && equal.pValue == 1 && equal.interval.low == 0 && equal.interval.high == 0)
    #expect(throws: MetricError.unequalLengths(first: 60, second: 1)) {
      try bootstrap.difference(values, [1])
    }
  }

  private func isNear(_ value: Double, _ expected: JSON?) -> Bool {
    guard let expected = expected?.doubleValue else { return false }
    return abs(value - expected) < 1e-9
  }
}
