/// The strengths of players from games between pairs of them (Bradley and Terry, "Rank analysis of incomplete block
/// designs", 1952): those under which the games are most probable.
///
/// A player of strength a beats one of strength b with probability 1 / (1 + exp(b - a)). A tie counts as half a win for
/// both. A player that never loses, or never wins, would have an infinite strength; therefore each player also has
/// ``prior`` games, half of them won, against an imaginary player of strength 0.
///
/// ```swift
/// let games = [BradleyTerry.Game("a", "b", .firstWins), BradleyTerry.Game("b", "a", .tie)]
/// let ratings = try BradleyTerry(games).ratings
/// ```
public struct BradleyTerry: Sendable, Equatable {
  /// How a game ended.
  public enum Outcome: String, Sendable, CaseIterable {
    /// The first player won.
    case firstWins
    /// The second player won.
    case secondWins
    /// Nobody won.
    case tie
  }

  /// One game of two players.
  public struct Game: Sendable, Equatable {
    /// The name of the first player.
    public let first: String
    /// The name of the second player.
    public let second: String
    /// How it ended.
    public let outcome: Outcome

    /// A game.
    public init(_ first: String, _ second: String, _ outcome: Outcome) {
      self.first = first
      self.second = second
      self.outcome = outcome
    }
  }

  /// How strong a player is.
  public struct Rating: Sendable, Equatable {
    /// The player's name.
    public let player: String
    /// The strength, a logarithm: the mean of all players is 0. Times 400 / ln 10 it is a difference on Elo's scale.
    public let strength: Double
    /// The games that the player was in.
    public let games: Int
  }

  /// The players, the strongest first; equal ones in the order of their names.
  public let ratings: [Rating]
  /// The games of each player against the imaginary one.
  public let prior: Double

  /// The default of ``prior``: a tenth of a game hardly moves anybody with some games, and keeps everybody finite.
  public static let defaultPrior = 0.1

  private let table: GameTable

  /// Finds the strengths.
  ///
  /// - Parameters:
  ///   - games: All games, in any order.
  ///   - prior: The games of each player against an imaginary one of strength 0, above 0.
  /// - Throws: ``MetricError/unusableGames(problem:)`` where there is none, a player plays itself, or `prior` is not above
  ///   0.
  public init(_ games: [Game], prior: Double = defaultPrior) throws(MetricError) {
    guard prior > 0, prior.isFinite else {
      throw .unusableGames(problem: "The prior must be a number of games above 0, not \(prior).")
    }
    self.prior = prior
    let table = try GameTable(games)
    self.table = table
    let strengths = table.strengths(of: table.games.indices, prior: prior)
    ratings = zip(table.players, strengths).enumerated()
      .map { Rating(player: $1.0, strength: $1.1, games: table.count(ofPlayer: $0)) }
      .sorted { ($1.strength, $0.player) < ($0.strength, $1.player) }
  }

  /// The interval of each player's strength, over resampled games. A player that a resample leaves out has only the games
  /// of the prior there.
  public func intervals(_ bootstrap: Bootstrap) throws(MetricError) -> [String: ConfidenceInterval] {
    let resamples = try bootstrap.resampled(rows: table.games.count) { table.strengths(of: $0, prior: prior) }
    var result = [String: ConfidenceInterval]()
    for (number, player) in table.players.enumerated() {
      result[player] = bootstrap.interval(ofResults: resamples.map { $0[number] })
    }
    return result
  }
}
