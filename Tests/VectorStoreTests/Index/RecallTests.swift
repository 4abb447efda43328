import Foundation
import MartletSeededRandom
import MartletTestScope
import Testing

@testable import MartletVectorStore

/// What searches with the effort that they make by themselves find of the nearest, on data that is easy for a graph and on
/// data that is hard.
@Suite struct RecallTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A kind of vectors: numbers drawn by chance, or with few dimensions of their own among many numbers.
  struct Kind: Sendable, CustomTestStringConvertible {
    var dimension: Int
    /// Nil where every number is drawn for itself.
    var inner: Int?
    var testDescription: String { inner.map { "\($0) within \(dimension)" } ?? "Gaussian, \(dimension)" }

    /// Vectors of the kind. Each number is made of two of the inner ones and some noise.
    func vectors(_ count: Int, _ random: inout SplitMix64) -> [[Float]] {
      guard let inner else { return (0..<count).map { _ in gaussian(dimension, &random) } }
      var mixing = SplitMix64(seed: 5)
      let first = (0..<dimension).map { _ in Int.random(in: 0..<inner, using: &mixing) }
      let second = (0..<dimension).map { _ in Int.random(in: 0..<inner, using: &mixing) }
      let weights = gaussian(2 * dimension, &mixing)
      return (0..<count).map { _ in
        let own = gaussian(inner, &random)
        return (0..<dimension).map { place in
          weights[place] * own[first[place]] + weights[dimension + place] * own[second[place]]
            + .random(in: -0.2...0.2, using: &random)
        }
      }
    }

    /// Sums of four numbers drawn evenly, which are as good as normal here.
    private func gaussian(_ count: Int, _ random: inout SplitMix64) -> [Float] {
      (0..<count).map { _ in
        let bits = random.next()
        var sum: Float = -2
        for part: UInt64 in 0..<4 { sum += Float(bits >> (16 * part) & 0xffff) / 65_536 }
        return 1.7 * sum
      }
    }
  }

  /// Of the so many nearest the share that is found, in the mean, for each number that is wanted.
  private func recalls(
    _ collection: VectorCollection, _ queries: [[Float]], _ counts: [Int], where filter: Filter? = nil
  ) throws -> [Int: Double] {
    var hits = [Int: Int]()
    var wanted = [Int: Int]()
    for query in queries {
      let truth = try collection.nearestIDs(
        to: query, limit: counts.max() ?? 1, where: filter, effort: .exact
      ).map(\.id)
      for count in counts {
        let found = try collection.nearestIDs(to: query, limit: count, where: filter).map(\.id)
        hits[count, default: 0] += Set(truth.prefix(count)).intersection(found).count
        // A filter may leave fewer.
        wanted[count, default: 0] += min(count, truth.count)
      }
    }
    return Dictionary(
      uniqueKeysWithValues: hits.map { ($0, Double($1) / Double(wanted[$0] ?? 0)) })
  }

  private func fill(_ collection: VectorCollection, _ vectors: [[Float]]) throws {
    var random = SplitMix64(seed: 6)
    let middle = vectors.reduce(0) { $0 + $1[0] } / Float(vectors.count)
    try collection.add(
      vectors.enumerated().map { number, vector in
        Record(
          id: "\(number)", embedding: vector,
          metadata: [
            "part": .integer(Int.random(in: 0..<1000, using: &random)),
            "side": .integer(vector[0] < middle ? 0 : 1),
          ])
      })
    try collection.finishIndex()
  }

  @Test(.long, arguments: Distance.allCases)
  func `The first result does not depend on how many are wanted, where few dimensions lie within many`(
    distance: Distance
  ) throws {
    var random = SplitMix64(seed: 71)
    let kind = Kind(dimension: 264, inner: 24)
    let database = try Database.open(at: folder.path)
    let collection = try database.createCollection(.test(dimension: 264, distance: distance))
    try fill(collection, kind.vectors(8_600, &random))
    let effort = try #require(database.indexes.entry(of: collection.info)?.index.graph.effort)
    #expect(effort.ten.nodes > 0, "Nothing is walked, and nothing shown")
    for query in kind.vectors(40, &random) {
      let ten = try collection.nearestIDs(to: query, limit: 10).map(\.id)
      for count in [1, 2, 3, 5] {
        #expect(try collection.nearestIDs(to: query, limit: count).map(\.id) == Array(ten.prefix(count)))
      }
    }
    for (count, recall) in try recalls(collection, kind.vectors(40, &random), [1, 10, 100]) {
      #expect(recall >= 0.97, "\(count): \(recall)")
    }
  }

  @Test func `Where no walk is good enough, all are compared`() throws {
    var random = SplitMix64(seed: 72)
    let database = try Database.open(at: folder.path)
    let collection = try database.createCollection(.test(dimension: 96))
    let kind = Kind(dimension: 96)
    try fill(collection, kind.vectors(8_600, &random))
    let effort = try #require(database.indexes.entry(of: collection.info)?.index.graph.effort)
    #expect(effort.ten.nodes == 0 && effort.hundred.nodes == 0 && !effort.walks)
    for (count, recall) in try recalls(collection, kind.vectors(20, &random), [1, 10, 100]) {
      #expect(recall > 0.995, "\(count): \(recall)")
    }
  }

  /// Vectors that are closer to each other than 8 bits can tell.
  enum CloseKind: String, Sendable, CaseIterable {
    case coordinates, columns, pixels, clusters

    var dimension: Int {
      switch self {
      case .coordinates: 2
      case .columns: 3
      case .pixels, .clusters: 64
      }
    }

    func vectors(_ count: Int, _ random: inout SplitMix64) -> [[Float]] {
      func normal() -> Float {
        (0..<12).reduce(-6) { sum, _ in sum + Float.random(in: 0..<1, using: &random) }
      }
      var centres = SplitMix64(seed: 9)
      let clusters = (0..<20).map { _ in (0..<64).map { _ in Float.random(in: -1...1, using: &centres) } }
      return (0..<count).map { _ in
        switch self {
        case .coordinates: [52.5 + 0.05 * normal(), 13.4 + 0.08 * normal()]
        case .columns:
          [2010 + 8 * normal(), 20 + 5 * normal(), Float(Int.random(in: 10...50, using: &random)) / 10]
        case .pixels: (0..<64).map { _ in 128 + 10 * normal() }
        case .clusters: clusters[Int.random(in: 0..<20, using: &random)].map { $0 + 0.01 * normal() }
        }
      }
    }
  }

  @Test(.long, arguments: CloseKind.allCases, TestScope.isSlow ? Distance.allCases : [.l2])
  func `Recall holds where records are closer to each other than codes can tell`(
    kind: CloseKind, distance: Distance
  ) throws {
    // Inner products over tight clusters are a known limit (docs/vector-store.md).
    let least = kind == .clusters && distance == .ip ? 0.9 : 0.95
    var random = SplitMix64(seed: 74)
    let database = try Database.open(at: folder.path)
    let collection = try database.createCollection(.test(dimension: kind.dimension, distance: distance))
    try fill(collection, kind.vectors(9_000, &random))
    for (count, recall) in try recalls(collection, kind.vectors(40, &random), [1, 10, 100]) {
      #expect(recall >= least, "\(count): \(recall)")
    }
    // What is added later is found as well, before it is linked.
    let later = kind.vectors(500, &random)
    try collection.add(later.enumerated().map { Record(id: "later \($0)", embedding: $1) })
    for (count, recall) in try recalls(collection, Array(later.prefix(20)), [1, 10, 100]) {
      #expect(recall >= least, "later, \(count): \(recall)")
    }
  }

  @Test(
    .slow,
    arguments: [
      Kind(dimension: 48), Kind(dimension: 64), Kind(dimension: 384), Kind(dimension: 384, inner: 12),
      Kind(dimension: 384, inner: 24), Kind(dimension: 384, inner: 40),
    ], Distance.allCases)
  func `Recall holds on hard data, however many are wanted, with filters of every width and without`(
    kind: Kind, distance: Distance
  ) throws {
    var random = SplitMix64(seed: 73)
    let database = try Database.open(at: folder.path)
    let collection = try database.createCollection(.test(dimension: kind.dimension, distance: distance))
    try fill(collection, kind.vectors(40_000, &random))
    let queries = kind.vectors(100, &random)
    var filters: [Filter?] = [nil, .metadata("side", .equal(.integer(1)))]
    for parts in [1, 10, 100, 300, 500] {
      filters.append(.metadata("part", .lessThan(.integer(parts))))
    }
    for filter in filters {
      for (count, recall) in try recalls(collection, queries, [1, 2, 10, 100], where: filter) {
        #expect(recall >= 0.97, "\(count) under \(String(describing: filter)): \(recall)")
      }
    }
  }
}
