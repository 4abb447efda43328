/// How much two raters agree beyond chance (Cohen, "A Coefficient of Agreement for Nominal Scales", 1960).
public enum CohenKappa {
  /// How bad a disagreement is.
  public enum Weights: String, Sendable, CaseIterable {
    /// All disagreements are alike.
    case none
    /// By the distance of the categories (Cohen, 1968).
    case linear
    /// By its square.
    case quadratic
  }

  /// Kappa: 1 for full agreement, 0 for what chance gives, below 0 for less.
  ///
  /// - Parameters:
  ///   - first: The first rater's category of each item, as numbers whose order is that of the categories.
  ///   - second: The second rater's, in the same order.
  ///   - weights: How bad a disagreement is. Distances are counted in categories that at least one rater used.
  /// - Throws: ``MetricError/unequalLengths(first:second:)``, ``MetricError/noRows``, and
  ///   ``MetricError/unusableRatings(problem:)`` where both use one and the same category throughout: chance then agrees
  ///   fully as well.
  public static func kappa(
    _ first: [Int], _ second: [Int], weights: Weights = .none
  ) throws(MetricError) -> Double {
    guard first.count == second.count else {
      throw .unequalLengths(first: first.count, second: second.count)
    }
    guard !first.isEmpty else { throw .noRows }
    let categories = Set(first).union(second).sorted()
    let places = Dictionary(uniqueKeysWithValues: zip(categories, 0...))
    func penalty(_ left: Int, _ right: Int) -> Double {
      let distance = Double(abs(left - right))
      return switch weights {
      case .none: distance > 0 ? 1 : 0
      case .linear: distance
      case .quadratic: distance * distance
      }
    }
    var firstCounts = [Double](repeating: 0, count: categories.count)
    var secondCounts = firstCounts
    var observed = 0.0
    for (left, right) in zip(first, second) {
      guard let left = places[left], let right = places[right] else { continue }
      firstCounts[left] += 1
      secondCounts[right] += 1
      observed += penalty(left, right)
    }
    var expected = 0.0
    for left in categories.indices {
      for right in categories.indices {
        expected += penalty(left, right) * firstCounts[left] * secondCounts[right]
      }
    }
    expected /= Double(first.count)
    guard expected > 0 else {
      throw .unusableRatings(
        problem:
          "Both raters use one category for all items, where kappa is not defined: chance agrees fully as well."
      )
    }
    return 1 - observed / expected
  }
}

/// How much several raters agree beyond chance (Fleiss, "Measuring nominal scale agreement among many raters", 1971).
public enum FleissKappa {
  /// Kappa: 1 for full agreement, 0 for what chance gives, below 0 for less.
  ///
  /// - Parameter counts: For each item how many raters chose each category; all items have the same number of raters, at
  ///   least two.
  /// - Throws: ``MetricError/unusableRatings(problem:)`` and ``MetricError/noRows``.
  public static func kappa(_ counts: [[Int]]) throws(MetricError) -> Double {
    guard let first = counts.first else { throw .noRows }
    let raters = first.reduce(0, +)
    for (number, item) in counts.enumerated() {
      guard item.count == first.count, item.reduce(0, +) == raters, item.allSatisfy({ $0 >= 0 }) else {
        throw .unusableRatings(
          problem:
            "Item \(number + 1) has \(item.reduce(0, +)) ratings in \(item.count) categories, the first one has "
            + "\(raters) in \(first.count); all must have as many.")
      }
    }
    guard raters >= 2 else {
      throw .unusableRatings(problem: "The items have \(raters) ratings each; agreement needs 2 or more.")
    }
    let pairs = Double(raters * (raters - 1))
    let observed =
      counts.reduce(0) { $0 + Double($1.reduce(0) { $0 + $1 * ($1 - 1) }) / pairs } / Double(counts.count)
    let all = Double(raters * counts.count)
    let expected = first.indices.reduce(0.0) { sum, category in
      let share = Double(counts.reduce(0) { $0 + $1[category] }) / all
      return sum + share * share
    }
    guard expected < 1 else {
      throw .unusableRatings(
        problem: "All ratings are of one category, where kappa is not defined: chance agrees fully as well.")
    }
    return (observed - expected) / (1 - expected)
  }
}
