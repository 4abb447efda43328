import Foundation

/// The logarithm of the likelihood of games, as a function of the players' strengths. It is concave, and the prior games
/// make its maximum finite and unique.
struct GameLikelihood {
  private let players: Int
  private let prior: Double
  /// The points of each player.
  private var points: [Double]
  /// How often two players met, row by row.
  private var meetings: [Double]

  init(players: Int, prior: Double) {
    self.players = players
    self.prior = prior
    points = [Double](repeating: prior / 2, count: players)
    meetings = [Double](repeating: 0, count: players * players)
  }

  /// - Parameter points: What the first player got: 1, 1/2 or 0.
  mutating func add(first: Int, second: Int, points: Double) {
    self.points[first] += points
    self.points[second] += 1 - points
    meetings[first * players + second] += 1
    meetings[second * players + first] += 1
  }

  /// The strengths of the maximum, by Newton's method with steps that are halved where they go too far. Iterations that
  /// change one player at a time, as the MM algorithm's, need thousands of rounds where the prior alone holds players in
  /// place.
  func maximum() -> [Double] {
    var strengths = [Double](repeating: 0, count: players)
    var value = value(strengths)
    for _ in 0..<100 {
      let (gradient, curvature) = derivatives(strengths)
      let step = solve(curvature, gradient)
      let gain = zip(gradient, step).reduce(0) { $0 + $1.0 * $1.1 }
      // What is left to gain is below what a Double can hold of the value.
      if gain < 1e-20 * (1 + abs(value)) { break }
      var share = 1.0
      var next = strengths
      repeat {
        next = zip(strengths, step).map { $0 + share * $1 }
        share /= 2
      } while self.value(next) < value - 1e-12 * abs(value) && share > 1e-9
      strengths = next
      value = self.value(next)
    }
    return strengths
  }

  private func value(_ strengths: [Double]) -> Double {
    var sum = 0.0
    for player in 0..<players {
      sum += points[player] * strengths[player] - prior * softplus(strengths[player])
      for other in 0..<player where meetings[player * players + other] > 0 {
        // ln(e^a + e^b)
        let logarithm = strengths[other] + softplus(strengths[player] - strengths[other])
        sum -= meetings[player * players + other] * logarithm
      }
    }
    return sum
  }

  /// The gradient, and the second derivatives with the opposite sign: a positive definite matrix.
  private func derivatives(_ strengths: [Double]) -> (gradient: [Double], curvature: [Double]) {
    var gradient = points
    var curvature = [Double](repeating: 0, count: players * players)
    for player in 0..<players {
      let chance = 1 / (1 + exp(-strengths[player]))
      gradient[player] -= prior * chance
      curvature[player * players + player] += prior * chance * (1 - chance)
      for other in 0..<players where meetings[player * players + other] > 0 {
        let met = meetings[player * players + other]
        let chance = 1 / (1 + exp(strengths[other] - strengths[player]))
        gradient[player] -= met * chance
        curvature[player * players + player] += met * chance * (1 - chance)
        curvature[player * players + other] -= met * chance * (1 - chance)
      }
    }
    return (gradient, curvature)
  }

  /// The solution of a system whose matrix is positive definite, by Cholesky's decomposition.
  private func solve(_ matrix: [Double], _ right: [Double]) -> [Double] {
    var lower = matrix
    var result = right
    for row in 0..<players {
      for column in 0...row {
        var sum = lower[row * players + column]
        for k in 0..<column { sum -= lower[row * players + k] * lower[column * players + k] }
        // Rounding may leave nothing of a pivot; the step is then cut short by its halving.
        lower[row * players + column] =
          row == column ? max(sum, 1e-300).squareRoot() : sum / lower[column * players + column]
      }
    }
    for row in 0..<players {
      for k in 0..<row { result[row] -= lower[row * players + k] * result[k] }
      result[row] /= lower[row * players + row]
    }
    for row in (0..<players).reversed() {
      for k in (row + 1)..<players { result[row] -= lower[k * players + row] * result[k] }
      result[row] /= lower[row * players + row]
    }
    return result
  }
}

/// ln(1 + e^x).
private func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }
