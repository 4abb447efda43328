import MartletJSON
import MartletMetrics

/// Two runs item by item: how much the second is better, whether that could be chance, and which items changed.
public struct RunComparison: Sendable {
  /// An item that one run got right and the other wrong.
  public struct Flip: Sendable {
    /// The first run's result.
    public let first: ItemResult
    /// The second run's.
    public let second: ItemResult
    /// The row that the item was made from.
    public let document: JSONObject

    /// Whether the second run got it right.
    public let isImprovement: Bool
  }

  /// The score that is compared.
  public let score: String
  /// The items that both runs have.
  public let count: Int
  /// The means of the score over them.
  public let means: (first: Double, second: Double)
  /// The second run's mean minus the first one's, with its interval.
  public let difference: PairedDifference
  /// Whether the number of items that became right differs from that of those that became wrong; nil where the score is a
  /// degree.
  public let mcNemar: McNemarTest?
  /// The items that changed, in their order.
  public let flips: [Flip]
  /// Items that have the score in one of the runs only; they are left out.
  public let unmatched: (first: Int, second: Int)
  /// What differs in the runs' recipes.
  public let recipeDifferences: [(path: String, here: String, there: String)]

  /// Compares two runs.
  /// - Parameters:
  ///   - first: A run with its results.
  ///   - second: Another one, of the same task.
  ///   - score: The score; nil takes the first by name that both have.
  ///   - bootstrap: How the interval is drawn.
  /// - Throws: ``ReportError`` where the runs have nothing to compare.
  public init(
    _ first: (run: EvaluationRun, records: [ItemRecord]),
    _ second: (run: EvaluationRun, records: [ItemRecord]),
    score: String? = nil, bootstrap: Bootstrap = .standard
  ) throws {
    guard first.run.recipe.taskName == second.run.recipe.taskName else {
      throw ReportError.otherTask(
        first: first.run.id, second: second.run.id, tasks: first.run.recipe.taskName,
        second.run.recipe.taskName)
    }
    let shared = ItemRecord.pairs(first.records, second.records)
    guard !shared.isEmpty else {
      throw ReportError.nothingShared(first: first.run.id, second: second.run.id)
    }
    let names = Set(
      shared.flatMap { here, there in here.result.scores.keys.filter { there.result.scores[$0] != nil } }
    ).sorted()
    guard let name = score ?? names.first, names.contains(name) else {
      throw ReportError.noSuchScore(score ?? "", known: names)
    }
    var pairs: [(ItemRecord, ItemRecord)] = []
    var values: [(Double, Double)] = []
    for (here, there) in shared {
      guard let first = here.result.scores[name], let second = there.result.scores[name] else { continue }
      pairs.append((here, there))
      values.append((first, second))
    }
    self.score = name
    count = pairs.count
    means = (
      values.reduce(0) { $0 + $1.0 } / Double(count), values.reduce(0) { $0 + $1.1 } / Double(count)
    )
    difference = try bootstrap.difference(values.map(\.1), values.map(\.0))
    let isBinary = values.allSatisfy { [0, 1].contains($0.0) && [0, 1].contains($0.1) }
    mcNemar = isBinary ? try McNemarTest(values.map { $0.0 == 1 }, values.map { $0.1 == 1 }) : nil
    flips = zip(pairs, values).filter { isBinary && $0.1.0 != $0.1.1 }.map { pair, values in
      Flip(
        first: pair.0.result, second: pair.1.result, document: pair.0.document, isImprovement: values.1 == 1)
    }
    unmatched = (first.records.count - count, second.records.count - count)
    recipeDifferences = first.run.recipe.differences(to: second.run.recipe)
  }

  /// Whether chance alone would give such a difference in fewer than 5 of 100 cases: by McNemar's exact test where items
  /// are right or wrong, else where the whole interval of the difference lies on one side of zero.
  public var isSignificant: Bool {
    if let mcNemar { return mcNemar.exactPValue < 0.05 }
    return difference.interval.low > 0 || difference.interval.high < 0
  }

  /// Whether the second run is worse than chance explains.
  public var isWorse: Bool { isSignificant && difference.difference < 0 }
}

/// Why runs cannot be reported together.
public enum ReportError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The runs are of two tasks.
  case otherTask(first: Int, second: Int, tasks: String, String)
  /// The runs have no item in common.
  case nothingShared(first: Int, second: Int)
  /// The runs have no score of that name.
  case noSuchScore(String, known: [String])
  /// There is no run to report.
  case noRuns

  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .otherTask(let first, let second, let here, let there):
      "Run \(first) is of \(here) and run \(second) of \(there); only runs of one task can be compared."
    case .nothingShared(let first, let second):
      "Runs \(first) and \(second) have no question in common: their data or limits differ."
    case .noSuchScore(let name, let known):
      known.isEmpty
        ? "The runs have no score in common."
        : "The runs have no score ‘\(name)’ in common. They share \(known.joined(separator: ", "))."
    case .noRuns: "There are no finished runs. ‘martlet eval run’ makes one."
    }
  }
}
