/// Games with players as numbers.
struct GameTable: Sendable, Equatable {
  struct Game: Sendable, Equatable {
    let first: Int
    let second: Int
    /// 1, 1/2 or 0.
    let points: Double
  }

  let players: [String]
  let games: [Game]

  init(_ games: [BradleyTerry.Game]) throws(MetricError) {
    guard !games.isEmpty else { throw .unusableGames(problem: "There are no games to rate players by.") }
    if let game = games.first(where: { $0.first == $0.second }) {
      throw .unusableGames(problem: "‘\(game.first)’ plays itself; a game needs two players.")
    }
    let players = Set(games.flatMap { [$0.first, $0.second] }).sorted()
    let numbers = Dictionary(uniqueKeysWithValues: zip(players, 0...))
    self.players = players
    self.games = games.compactMap { game in
      guard let first = numbers[game.first], let second = numbers[game.second] else { return nil }
      let points =
        switch game.outcome {
        case .firstWins: 1.0
        case .tie: 0.5
        case .secondWins: 0.0
        }
      return Game(first: first, second: second, points: points)
    }
  }

  func count(ofPlayer player: Int) -> Int { games.count { $0.first == player || $0.second == player } }

  /// The strengths that maximize the likelihood of some games and of the prior ones, with mean 0.
  func strengths(of rows: some Sequence<Int>, prior: Double) -> [Double] {
    var likelihood = GameLikelihood(players: players.count, prior: prior)
    for row in rows {
      let game = games[row]
      likelihood.add(first: game.first, second: game.second, points: game.points)
    }
    let strengths = likelihood.maximum()
    let mean = strengths.reduce(0, +) / Double(players.count)
    return strengths.map { $0 - mean }
  }
}
