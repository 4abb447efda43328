import MartletMetrics

/// What people's judgements come to: win rates, strengths, grades, and how far the raters agree.
public struct RatingSummary: Sendable {
  /// How two runs did against each other.
  public struct Match: Sendable, Equatable {
    /// The runs.
    public let first, second: Int
    /// How often each was preferred, and how often neither.
    public let firstWins, secondWins, ties: Int
    /// The share of the first run's wins, ties counted half.
    public let winRate: Double
    /// The 95% interval of ``winRate``: Wilson's, or by bootstrap where there are ties.
    public let interval: ConfidenceInterval
  }

  /// The mean grade of a run.
  public struct Grade: Sendable, Equatable {
    /// The run.
    public let run: Int
    /// The mean grade, from 1 to 5.
    public let mean: Double
    /// Its 95% interval by bootstrap.
    public let interval: ConfidenceInterval
    /// The judgements.
    public let count: Int
  }

  /// How far raters agree beyond chance.
  public enum Agreement: Sendable, Equatable {
    /// Two raters: Cohen's kappa over the items that both judged; grades are weighted linearly.
    case cohen(Double, items: Int)
    /// More raters: Fleiss' kappa over the items that all of them judged.
    case fleiss(Double, raters: Int, items: Int)
  }

  /// Each pair of runs that was judged.
  public let matches: [Match]
  /// The runs' strengths by Bradley-Terry, the strongest first, each with its 95% interval.
  public let strengths: [(run: Int, strength: Double, interval: ConfidenceInterval?)]
  /// The grades of runs that were graded, the best first.
  public let grades: [Grade]
  /// How far raters agree; nil where no item was judged by all of several, or ``agreementProblem`` says why.
  public let agreement: Agreement?
  /// Why the agreement cannot be measured; nil where it can, or nobody asks.
  public let agreementProblem: String?
  /// The judgements.
  public let count: Int
  /// Who judged.
  public let raters: [String]

  /// - Throws: What the statistics throw.
  public init(_ ratings: [Rating], bootstrap: Bootstrap = .standard) throws {
    count = ratings.count
    raters = Set(ratings.map(\.rater)).sorted()
    matches = try Self.matches(ratings, bootstrap)
    strengths = try Self.strengths(ratings, bootstrap)
    grades = try Self.grades(ratings, bootstrap)
    do {
      agreement = try Self.agreement(ratings, raters)
      agreementProblem = nil
    } catch let error as MetricError {
      (agreement, agreementProblem) = (nil, error.description)
    }
  }

  private static func preference(_ rating: Rating) -> Rating.Preference? {
    if case .preference(let preference) = rating.verdict { preference } else { nil }
  }

  private static func grade(_ rating: Rating) -> Int? {
    if case .grade(let grade) = rating.verdict { grade } else { nil }
  }

  private static func matches(_ ratings: [Rating], _ bootstrap: Bootstrap) throws -> [Match] {
    let pairs = Dictionary(grouping: ratings.filter { preference($0) != nil }) { [$0.first, $0.second ?? 0] }
    return try pairs.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { runs, ratings in
      let found = ratings.compactMap(preference)
      let (wins, losses) = (found.count { $0 == .first }, found.count { $0 == .second })
      let ties = found.count - wins - losses
      let values = found.map { $0 == .first ? 1 : $0 == .tie ? 0.5 : 0 }
      return Match(
        first: runs[0], second: runs[1], firstWins: wins, secondWins: losses, ties: ties,
        winRate: values.reduce(0, +) / Double(found.count),
        // Without ties it is a proportion, whose interval is known also where all were won.
        interval: ties == 0
          ? try ConfidenceInterval.wilson(successes: wins, trials: found.count)
          : try bootstrap.interval(ofMeanOf: values))
    }
  }

  private static func strengths(
    _ ratings: [Rating], _ bootstrap: Bootstrap
  ) throws -> [(run: Int, strength: Double, interval: ConfidenceInterval?)] {
    let games = ratings.compactMap { rating -> BradleyTerry.Game? in
      guard let preference = preference(rating), let second = rating.second else { return nil }
      let outcome: BradleyTerry.Outcome =
        switch preference {
        case .first: .firstWins
        case .second: .secondWins
        case .tie: .tie
        }
      return BradleyTerry.Game("\(rating.first)", "\(second)", outcome)
    }
    guard !games.isEmpty else { return [] }
    let model = try BradleyTerry(games)
    let intervals = try model.intervals(bootstrap)
    return model.ratings.compactMap { rating in
      Int(rating.player).map { ($0, rating.strength, intervals[rating.player]) }
    }.sorted { $0.1 > $1.1 }
  }

  private static func grades(_ ratings: [Rating], _ bootstrap: Bootstrap) throws -> [Grade] {
    let graded = Dictionary(grouping: ratings.filter { grade($0) != nil }, by: \.first)
    return try graded.map { run, ratings in
      let values = ratings.compactMap(grade).map(Double.init)
      return Grade(
        run: run, mean: values.reduce(0, +) / Double(values.count),
        interval: try bootstrap.interval(ofMeanOf: values), count: values.count)
    }.sorted { ($1.mean, $0.run) < ($0.mean, $1.run) }
  }

  // MARK: Agreement

  private static func agreement(_ ratings: [Rating], _ raters: [String]) throws -> Agreement? {
    guard raters.count > 1 else { return nil }
    /// The categories in their order, so that grades can be weighted.
    func category(_ rating: Rating) -> String {
      switch rating.verdict {
      case .grade(let grade): "\(grade)"
      case .preference(let preference): preference.rawValue
      }
    }
    let byItem = Dictionary(grouping: ratings) { "\($0.first) \($0.second ?? 0) \($0.item)" }
    let shared = byItem.filter { Set($0.value.map(\.rater)).count == raters.count }.sorted { $0.key < $1.key }
    guard !shared.isEmpty else { return nil }
    let categories = Set(ratings.map(category)).sorted()
    if raters.count == 2 {
      func verdicts(_ rater: String) -> [Int] {
        shared.compactMap { item in
          item.value.last { $0.rater == rater }.flatMap { categories.firstIndex(of: category($0)) }
        }
      }
      let areGrades = ratings.allSatisfy { grade($0) != nil }
      let kappa = try CohenKappa.kappa(
        verdicts(raters[0]), verdicts(raters[1]), weights: areGrades ? .linear : .none)
      return .cohen(kappa, items: shared.count)
    }
    let counts = shared.map { item in
      categories.map { name in
        raters.count { rater in item.value.last { $0.rater == rater }.map(category) == name }
      }
    }
    return .fleiss(try FleissKappa.kappa(counts), raters: raters.count, items: shared.count)
  }
}
