import Foundation

extension BLEU {
  /// What takes the place of a precision of 0, which would make the whole score 0 (Chen and Cherry, "A Systematic
  /// Comparison of Smoothing Techniques for Sentence-Level BLEU", 2014).
  public enum Smoothing: Sendable, Equatable, CustomStringConvertible {
    /// Nothing: the score is 0.
    case none
    /// As if there were so many matches; sacrebleu's default is 0.1.
    case floor(Double)
    /// So many are added to matches and totals of all orders above 1; sacrebleu's default is 1.
    case addK(Double)
    /// Half a match for the first such order, a quarter for the second, and so on: that of `mteval-v13a`.
    case exponential

    /// The names that ``init(named:value:)`` takes.
    public static let names = ["none", "floor", "add-k", "exp"]

    /// The smoothing that sacrebleu calls so.
    ///
    /// - Parameters:
    ///   - name: One of ``names``.
    ///   - value: That of `floor` and `add-k`; nil for sacrebleu's default.
    /// - Throws: ``MetricError/unknownSmoothing(name:)``, or ``MetricError/smoothingValue(name:)`` where a value is given
    ///   to one that takes none, or is negative or no number.
    public init(named name: String, value: Double? = nil) throws(MetricError) {
      if let value, !(value.isFinite && value >= 0) { throw .smoothingValue(name: name) }
      switch name {
      case "none" where value == nil: self = .none
      case "exp" where value == nil: self = .exponential
      case "floor": self = .floor(value ?? 0.1)
      case "add-k": self = .addK(value ?? 1)
      case "none", "exp": throw .smoothingValue(name: name)
      default: throw .unknownSmoothing(name: name)
      }
    }

    /// As in a signature.
    public var description: String {
      switch self {
      case .none: "none"
      case .floor(let value): String(format: "floor[%.2f]", value)
      case .addK(let value): String(format: "add-k[%.2f]", value)
      case .exponential: "exp"
      }
    }
  }

  /// What segments add to a score. The statistics of a corpus are the sum of its segments'.
  public struct Statistics: Sendable, Equatable {
    /// The tokens of the prediction.
    public internal(set) var predictionLength = 0
    /// The tokens of the reference whose length is nearest.
    public internal(set) var referenceLength = 0
    /// The n-grams that are in a reference, by order from 1 to 4.
    public internal(set) var matches = [Int](repeating: 0, count: maximumOrder)
    /// The n-grams of the prediction, by order.
    public internal(set) var totals = [Int](repeating: 0, count: maximumOrder)

    /// All counts in one list, for sums over many segments.
    var counts: [Int] { [predictionLength, referenceLength] + matches + totals }

    /// Those of no segment.
    public init() {}

    /// - Parameter counts: As ``counts`` gives them.
    init(counts: [Int]) {
      predictionLength = counts[0]
      referenceLength = counts[1]
      matches = Array(counts[2..<2 + maximumOrder])
      totals = Array(counts[(2 + maximumOrder)...])
    }

    /// Adds those of another segment.
    public static func += (sum: inout Statistics, other: Statistics) {
      sum.predictionLength += other.predictionLength
      sum.referenceLength += other.referenceLength
      for order in 0..<maximumOrder {
        sum.matches[order] += other.matches[order]
        sum.totals[order] += other.totals[order]
      }
    }
  }

  /// A score and what it is made of.
  public struct Score: Sendable, Equatable {
    /// BLEU, 0 to 100.
    public let value: Double
    /// The precisions of the orders 1 to 4 after smoothing, 0 to 100.
    public let precisions: [Double]
    /// What a corpus that is shorter than its references is multiplied by, 0 to 1.
    public let brevityPenalty: Double
    /// The counts behind it.
    public let statistics: Statistics
  }

  /// The score of a segment or a corpus.
  public func score(_ statistics: Statistics) -> Score {
    let (length, goal) = (Double(statistics.predictionLength), Double(statistics.referenceLength))
    let penalty = length >= goal ? 1 : length > 0 ? exp(1 - goal / length) : 0
    var precisions = [Double](repeating: 0, count: Self.maximumOrder)
    // Without any match there is nothing to smooth.
    guard statistics.matches.contains(where: { $0 > 0 }) else {
      return Score(value: 0, precisions: precisions, brevityPenalty: penalty, statistics: statistics)
    }
    var share = 1.0
    var orders = Self.maximumOrder
    for order in 0..<Self.maximumOrder {
      var (matches, total) = (Double(statistics.matches[order]), Double(statistics.totals[order]))
      if case .addK(let value) = smoothing, order > 0 {
        matches += value
        total += value
      }
      if total == 0 { break }
      if effectiveOrder { orders = order + 1 }
      if matches > 0 {
        precisions[order] = 100 * matches / total
      } else if case .exponential = smoothing {
        share *= 2
        precisions[order] = 100 / (share * total)
      } else if case .floor(let value) = smoothing {
        precisions[order] = 100 * value / total
      }
    }
    let counted = precisions[..<orders]
    // The logarithm of 0 would be infinite; the product is 0.
    let mean = counted.contains(0) ? 0 : exp(counted.reduce(0) { $0 + log($1) } / Double(orders))
    return Score(
      value: penalty * mean, precisions: precisions, brevityPenalty: penalty, statistics: statistics)
  }
}
