import Foundation

/// Whether two systems that answered the same questions differ in how many they got right (McNemar, "Note on the
/// sampling error of the difference between correlated proportions or percentages", 1947). Only questions that one of
/// them alone got right tell them apart.
public struct McNemarTest: Sendable, Equatable {
  /// Questions that the first system alone got right.
  public let firstOnly: Int
  /// Questions that the second system alone got right.
  public let secondOnly: Int

  /// A test of two counts; negative ones are taken for 0.
  public init(firstOnly: Int, secondOnly: Int) {
    self.firstOnly = max(0, firstOnly)
    self.secondOnly = max(0, secondOnly)
  }

  /// Counts the questions on which the systems differ.
  ///
  /// - Throws: ``MetricError/unequalLengths(first:second:)``.
  public init(_ first: [Bool], _ second: [Bool]) throws(MetricError) {
    guard first.count == second.count else {
      throw .unequalLengths(first: first.count, second: second.count)
    }
    firstOnly = zip(first, second).count { $0 && !$1 }
    secondOnly = zip(first, second).count { !$0 && $1 }
  }

  /// The exact two-sided p-value: how probable a split at least as uneven is if both systems are equally good (a binomial
  /// distribution with 1/2). 1 where they never differ.
  public var exactPValue: Double {
    let (fewer, all) = (min(firstOnly, secondOnly), firstOnly + secondOnly)
    // Logarithms, since 2 to the number of questions may be beyond what a Double holds.
    var logarithm = -Double(all) * log(2.0)
    var sum = exp(logarithm)
    for k in 0..<fewer {
      logarithm += log(Double(all - k) / Double(k + 1))
      sum += exp(logarithm)
    }
    return min(1, 2 * sum)
  }

  /// The chi-squared statistic with Edwards' correction for continuity, one degree of freedom.
  public var chiSquared: Double {
    let all = Double(firstOnly + secondOnly)
    guard all > 0 else { return 0 }
    let difference = abs(Double(firstOnly - secondOnly)) - 1
    return difference * difference / all
  }

  /// The p-value of ``chiSquared``: an approximation for 25 differing questions or more. 1 where they never differ.
  public var approximatePValue: Double {
    firstOnly + secondOnly > 0 ? erfc((chiSquared / 2).squareRoot()) : 1
  }
}
