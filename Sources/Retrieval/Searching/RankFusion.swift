/// Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009): a document's score is the sum of 1 / (k + rank) over
/// the rankings that have it. It needs no scores, which two ways of searching do not share.
enum RankFusion {
  /// The paper's constant, which keeps a first place in one ranking from outweighing everything.
  static let k = 60.0

  /// The fused score of each id.
  static func scores(_ rankings: [[String]]) -> [String: Double] {
    var scores: [String: Double] = [:]
    for ranking in rankings {
      for (index, id) in ranking.enumerated() { scores[id, default: 0] += 1 / (k + Double(index + 1)) }
    }
    return scores
  }
}
