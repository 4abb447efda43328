#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// One ranking made of two, by what each of them says of a record and not by the places it gives it: the first of those
/// that have a few of the query's words is still no good one, and a ranking by places would take it for that.
///
/// - By its vector a record scores the standard deviations by which it is nearer to the query than the records of the
///   collection are in the mean. That makes the distances of all embedders alike, whether they spread them or not.
/// - By its words it scores its BM25. The unit is what it would be if it had each of the query's words once, and no other
///   record had any. A record without the query's words, or with such as many others have, comes to little, however well
///   it is ranked.
///
/// The two are added (a convex combination with a theoretical bound, as in Bruch, Gai and Ingber 2023, "An Analysis of
/// Fusion Functions for Hybrid Retrieval").
public enum RankFusion {
  /// For how many standard deviations a record counts that alone has all the words: as many as one of 30,000 gets by
  /// chance. On the half of the short queries of the tests that were looked at, values from 3 to 5 do alike.
  public static let weightOfWords = 4.0

  /// The score of a record.
  ///
  /// - Parameters:
  ///   - nearness: By how many standard deviations it is nearer than others.
  ///   - words: Its BM25 score, as a share of `WordRanking.weight`.
  static func score(nearness: Double, words: Double) -> Double { nearness + weightOfWords * words }

  /// How deep each of two rankings is looked into at least, before they are fused.
  static let depth = 200

  /// Mean and standard deviation of the distances of a collection, of which the nearest are known.
  struct Spread: Equatable {
    var mean: Double
    var deviation: Double

    /// - Parameters:
    ///   - distances: The smallest ones, in their order.
    ///   - count: How many there are in all.
    init(ofNearest distances: [Double], among count: Int) {
      let known = Double(distances.count)
      guard !distances.isEmpty else {
        (mean, deviation) = (0, 0)
        return
      }
      let middle = distances.reduce(0, +) / known
      guard count > distances.count else {
        mean = middle
        deviation = (distances.reduce(0) { $0 + ($1 - middle) * ($1 - middle) } / known).squareRoot()
        return
      }
      // Of the nearest alone: the line through their places in a normal distribution, as in a quantile plot.
      let places = distances.indices.map { RankFusion.quantile((Double($0) + 0.5) / Double(count)) }
      let middlePlace = places.reduce(0, +) / known
      var (product, square) = (0.0, 0.0)
      for (place, distance) in zip(places, distances) {
        product += (place - middlePlace) * (distance - middle)
        square += (place - middlePlace) * (place - middlePlace)
      }
      deviation = square > 0 ? max(0, product / square) : 0
      mean = middle - deviation * middlePlace
    }

    /// By how many standard deviations a distance is smaller than the mean.
    func nearness(_ distance: Double) -> Double { deviation > 0 ? (mean - distance) / deviation : 0 }
  }

  /// Where the standard normal distribution has a share below it (Abramowitz and Stegun 1964, 26.2.23;
  /// off by less than 0.00045).
  static func quantile(_ share: Double) -> Double {
    guard share <= 0.5 else { return -quantile(max(1 - share, .leastNormalMagnitude)) }
    let t = (-2 * log(share)).squareRoot()
    return (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
      - t
  }
}

/// A record that was found by its vector, by its words, or by both.
public struct FusedMatch: Sendable, Equatable {
  /// A place among the nearest.
  public struct Nearness: Sendable, Equatable {
    /// From 1.
    public var rank: Int
    /// Smaller is nearer.
    public var distance: Double
  }

  /// A place among those with the words.
  public struct Words: Sendable, Equatable {
    /// From 1.
    public var rank: Int
    /// BM25: larger is better.
    public var score: Double
  }

  /// The record, without its vector unless that was asked for.
  public var record: Record
  /// What `RankFusion` makes of distance and words: larger is better, and comparable within one search only.
  public var score = 0.0
  /// Where it stands among the nearest; nil where it is none of those that were looked at.
  public var nearness: Nearness?
  /// Where it stands by its words; nil where it has none of them, or is none of those that were looked at.
  public var words: Words?
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
  public func search(_ query: VectorQuery, words: String) throws -> [FusedMatch] {
    guard query.limit > 0 else { return [] }
    var deep = query
    deep.limit = max(RankFusion.depth, 2 * query.limit)
    let nearest = try records.nearest(deep)
    let ids = query.ids.map(Set.init)
    var worded = try ranking(words: words, limit: ids == nil ? deep.limit : .max, where: query.filter)
    if let ids {
      worded.matches = Array(worded.matches.lazy.filter { ids.contains($0.record.id) }.prefix(deep.limit))
    }
    let found = fused(nearest, worded, isAll: nearest.count < deep.limit).prefix(query.limit)
    return try query.withEmbedding ? withVectors(found) : Array(found)
  }

  private func fused(_ nearest: [Match], _ worded: WordRanking, isAll: Bool) -> [FusedMatch] {
    var found = [String: FusedMatch]()
    for (rank, match) in zip(1..., nearest) {
      found[match.record.id, default: FusedMatch(record: match.record)].nearness =
        .init(rank: rank, distance: match.distance)
    }
    for (rank, match) in zip(1..., worded.matches) {
      found[match.record.id, default: FusedMatch(record: match.record)].words =
        .init(rank: rank, score: match.score)
    }
    let spread = RankFusion.Spread(
      ofNearest: nearest.map(\.distance), among: isAll ? nearest.count : worded.recordCount)
    // What is not among the nearest is as far as the last of them at least.
    let farthest = nearest.last?.distance ?? 0
    return found.values.map { match in
      var match = match
      let share = worded.weight > 0 ? (match.words?.score ?? 0) / worded.weight : 0
      match.score = RankFusion.score(
        nearness: spread.nearness(match.nearness?.distance ?? farthest), words: share)
      return match
    }.sorted { a, b in
      (b.score, a.nearness?.distance ?? .infinity, a.record.id)
        < (a.score, b.nearness?.distance ?? .infinity, b.record.id)
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
