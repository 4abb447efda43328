/// Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009): a document's score is the sum of 1 / (k + rank) over
/// the rankings that have it. It needs no scores, which two ways of searching do not share.
public enum RankFusion {
  /// How little a first place counts above a later one. The paper fuses many systems with 60; of two rankings the
  /// first places say more. With 10, 15, 20, 30 and 60, nDCG@10 of MiniLM's 8-bit path and BM25 is 0.704, 0.704, 0.701,
  /// 0.698 and 0.693 on SciFact, and 0.453, 0.457, 0.456, 0.454 and 0.445 on Cranfield.
  public static let k = 15.0

  /// The fused score of each id.
  public static func scores(_ rankings: [[String]]) -> [String: Double] {
    var scores: [String: Double] = [:]
    for ranking in rankings {
      for (index, id) in ranking.enumerated() { scores[id, default: 0] += 1 / (k + Double(index + 1)) }
    }
    return scores
  }

  /// How deep each of two rankings is looked into at least, before they are fused.
  static let depth = 200
}

/// A record that was found by its vector, by its words, or by both.
public struct FusedMatch: Sendable, Equatable {
  /// A place in one of the rankings.
  public struct Place: Sendable, Equatable {
    /// From 1.
    public var rank: Int
    /// The distance (smaller is nearer), or the BM25 score (larger is better).
    public var value: Double
  }

  /// The record, without its vector unless that was asked for.
  public var record: Record
  /// What `RankFusion` makes of its places: larger is better, and comparable within one search only.
  public var score = 0.0
  /// Where it stands among the nearest; nil where it is none of those that were looked at.
  public var nearness: Place?
  /// Where it stands by its words; nil where it has none of them, or is none of those that were looked at.
  public var words: Place?
}

extension DocumentCollection {
  /// The records that a vector, words, or both find, best first: two rankings as one (`RankFusion`). Of equal scores the
  /// nearer goes first, then the smaller id.
  ///
  /// The two are looked for one after the other: what is written in between may be in one ranking alone.
  ///
  /// - Parameters:
  ///   - query: The vector, how many records are wanted, and which may be found by the one way and the other.
  ///   - words: Any of them is looked for.
  public func query(_ query: VectorQuery, words: String) throws -> [FusedMatch] {
    guard query.count > 0 else { return [] }
    var deep = query
    deep.count = max(RankFusion.depth, 2 * query.count)
    let nearest = try records.query(deep)
    let ids = query.ids.map(Set.init)
    var worded = try self.query(words: words, count: ids == nil ? deep.count : .max, where: query.filter)
    if let ids { worded = Array(worded.lazy.filter { ids.contains($0.record.id) }.prefix(deep.count)) }
    let found = fused(nearest, worded).prefix(query.count)
    return try query.withEmbedding ? withVectors(found) : Array(found)
  }

  private func fused(_ nearest: [Match], _ worded: [Match]) -> [FusedMatch] {
    var found = [String: FusedMatch]()
    for (rank, match) in zip(1..., nearest) {
      found[match.record.id, default: FusedMatch(record: match.record)].nearness =
        .init(rank: rank, value: match.value)
    }
    for (rank, match) in zip(1..., worded) {
      found[match.record.id, default: FusedMatch(record: match.record)].words =
        .init(rank: rank, value: match.value)
    }
    let scores = RankFusion.scores([nearest.map(\.record.id), worded.map(\.record.id)])
    return found.values.map { match in
      var match = match
      match.score = scores[match.record.id] ?? 0
      return match
    }.sorted { a, b in
      (b.score, a.nearness?.value ?? .infinity, a.record.id)
        < (a.score, b.nearness?.value ?? .infinity, b.record.id)
    }
  }

  /// Words find records without their vectors.
  private func withVectors(_ matches: ArraySlice<FusedMatch>) throws -> [FusedMatch] {
    let missing = matches.filter { $0.nearness == nil }.map(\.record.id)
    let whole = Dictionary(
      try records.get(ids: missing, withEmbedding: true).map { ($0.id, $0) },
      uniquingKeysWith: { first, _ in first })
    return matches.map { match in
      var match = match
      match.record = whole[match.record.id] ?? match.record
      return match
    }
  }
}
