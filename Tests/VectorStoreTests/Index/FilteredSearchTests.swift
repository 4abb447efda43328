import MartletSeededRandom
import MartletTestScope
import Testing

@testable import MartletVectorStore

/// Filters and the graph together: what is found is what a comparison with all that are allowed finds.
@Suite struct FilteredSearchTests {
  private let folder: TemporaryFolder
  private let count = 20_000
  private let dimension = 24
  private let centres = 40

  init() throws { folder = try TemporaryFolder() }

  /// Records around centres. `part` is independent of the vectors; `centre` is not.
  private func fill(_ collection: VectorCollection) throws -> [[Float]] {
    var random = SplitMix64(seed: 31)
    func vector(_ range: ClosedRange<Float>) -> [Float] {
      (0..<dimension).map { _ in .random(in: range, using: &random) }
    }
    let middles = (0..<centres).map { _ in vector(-1...1) }
    var vectors = [[Float]]()
    var records = [Record]()
    for number in 0..<count {
      let centre = Int.random(in: 0..<centres, using: &random)
      vectors.append(zip(middles[centre], vector(-0.5...0.5)).map { $0 + $1 })
      records.append(
        Record(
          id: "\(number)", embedding: vectors[number], document: "text \(number % 10)",
          metadata: [
            "part": .integer(Int.random(in: 0..<1000, using: &random)), "centre": .integer(centre),
            "name": .string("n\(number % 100)"),
          ]))
    }
    try collection.add(records)
    return vectors
  }

  private func recall(_ collection: VectorCollection, _ queries: [[Float]], _ filter: (Int) -> Filter)
    throws -> Double
  {
    var (hits, wanted) = (0, 0)
    for (number, query) in queries.enumerated() {
      let truth = try collection.nearestIDs(to: query, limit: 10, where: filter(number), effort: .exact).map(
        \.id)
      let found = try collection.nearestIDs(to: query, limit: 10, where: filter(number)).map(\.id)
      hits += Set(truth).intersection(found).count
      wanted += truth.count
    }
    return Double(hits) / Double(max(1, wanted))
  }

  @Test(.long) func `Recall holds at every selectivity, for filters that follow the vectors and that do not`()
    throws
  {
    let database = try Database.open(at: folder.path)
    let collection = try database.createCollection(.test(dimension: dimension))
    let vectors = try fill(collection)
    try collection.finishIndex()
    let queries = stride(from: 0, to: count, by: 400).map { vectors[$0] }
    // 0.1%, 1%, 10%, 50% and 90% of the records, another tenth for each query.
    for parts in [1, 10, 100, 500, 900] {
      let recall = try recall(collection, queries) { number in
        let low = (number * 37) % (1000 - parts)
        return .all([
          .metadata("part", .greaterThanOrEqual(.integer(low))),
          .metadata("part", .lessThan(.integer(low + parts))),
        ])
      }
      #expect(recall >= 0.95, "\(parts) of 1000: \(recall)")
    }
    // Regions of the vectors: one, and half of them, mostly far from the query.
    let one = try recall(collection, queries) { .metadata("centre", .equal(.integer($0 % centres))) }
    #expect(one >= 0.95)
    let half = try recall(collection, queries) { number in
      .metadata("centre", .oneOf((0..<centres / 2).map { .integer(($0 + number) % centres) }))
    }
    #expect(half >= 0.95, "half: \(half)")
  }

  @Test
  func `Queries whose own cluster is left out find the nearest of all others, which are about equally far`()
    throws
  {
    var random = SplitMix64(seed: 32)
    let (dimension, clusters) = (64, 600)
    func vector(_ range: ClosedRange<Float>) -> [Float] {
      (0..<dimension).map { _ in .random(in: range, using: &random) }
    }
    let middles = (0..<clusters).map { _ in vector(-1...1) }
    func near(_ cluster: Int) -> [Float] { zip(middles[cluster], vector(-0.3...0.3)).map { $0 + $1 } }
    let collection = try Database.open(at: folder.path).createCollection(.test(dimension: dimension))
    try collection.add(
      (0..<24_000).map { number in
        Record(
          id: "\(number)", embedding: near(number % clusters),
          metadata: ["cluster": .integer(number % clusters)])
      })
    try collection.finishIndex()
    // Half of the clusters each time, and never the query's own; with little effort, which has to grow by itself.
    var hits = 0
    for number in 0..<50 {
      let (query, first) = (near(number * 2), number % 2 == 0 ? 300 : 100)
      let filter = Filter.all([
        .metadata("cluster", .greaterThanOrEqual(.integer(first))),
        .metadata("cluster", .lessThan(.integer(first + 300))),
      ])
      let truth = try collection.nearestIDs(to: query, limit: 10, where: filter, effort: .exact).map(\.id)
      let found = try collection.nearestIDs(to: query, limit: 10, where: filter, effort: .nodes(24)).map(\.id)
      hits += Set(truth).intersection(found).count
    }
    #expect(hits >= 490, "\(hits) of 500")
  }

  @Test func `Filters hold for what was changed, added and deleted after they were first used`() throws {
    let database = try Database.open(at: folder.path)
    let collection = try database.createCollection(.test(dimension: dimension))
    let vectors = try fill(collection)
    let filter = Filter.metadata("name", .equal(.string("n7")))
    let before = try collection.get(where: filter, withEmbedding: false)
    #expect(before.count == count / 100 && before.allSatisfy { $0.metadata["name"] == .string("n7") })
    try collection.update([RecordUpdate(id: "7", metadata: ["name": .string("other")])])
    try collection.delete(ids: ["107"])
    try collection.add([Record(id: "new", embedding: vectors[7], metadata: ["name": .string("n7")])])
    let after = try collection.get(where: filter, withEmbedding: false).map(\.id)
    #expect(after == before.map(\.id).filter { $0 != "7" && $0 != "107" } + ["new"])
    #expect(try collection.nearest(to: vectors[7], limit: 1, where: filter).map(\.record.id) == ["new"])
    let page = try collection.get(where: filter, limit: 3, offset: 2, withEmbedding: false).map(\.id)
    #expect(page == Array(after[2..<5]))
  }

  @Test func `Filters hold for words as for vectors, and texts can be filters`() throws {
    let database = try Database.open(at: folder.path)
    let collection = try database.createCollection(.test(dimension: dimension))
    let vectors = try fill(collection)
    let filter = Filter.all([.metadata("centre", .equal(.integer(3))), .document(.contains("text 4"))])
    let found = try collection.search(words: "text", limit: 20, where: filter).map(\.record)
    #expect(
      found.count == 20
        && found.allSatisfy { $0.metadata["centre"] == .integer(3) && $0.document == "text 4" })
    let near = try collection.nearest(to: vectors[0], limit: 20, where: filter).map(\.record)
    #expect(
      near.count == 20 && near.allSatisfy { $0.metadata["centre"] == .integer(3) && $0.document == "text 4" })
    let ids = ["4", "14", "25"]
    #expect(Set(try collection.nearest(to: vectors[0], limit: 9, ids: ids).map(\.record.id)) == Set(ids))
  }
}
