import Foundation
import MartletSeededRandom
import MartletTestScope
import Testing

@testable import MartletVectorStore

/// What `add` returned from is found by its own vector, whatever other records took from its links.
@Suite struct GraphRepairTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Vectors of numbers drawn by chance, where some nodes are near to no other one.
  private func vectors(_ count: Int, _ dimension: Int, _ random: inout SplitMix64) -> [[Float]] {
    (0..<count).map { _ in
      (0..<dimension).map { _ in
        .random(in: -1...1, using: &random) + .random(in: -1...1, using: &random)
          + .random(in: -1...1, using: &random)
      }
    }
  }

  private func index(_ database: Database, _ collection: VectorCollection) throws -> CollectionIndex {
    try #require(database.indexes.entry(of: collection.info)).index
  }

  /// The records of some that a search for their own vectors does not give.
  private func notFound(
    _ collection: VectorCollection, _ vectors: [String: [Float]], count: Int, every step: Int
  ) throws -> [String] {
    let ids = vectors.keys.sorted()
    return try stride(from: 0, to: ids.count, by: step).compactMap { place in
      let id = ids[place]
      let vector = try #require(vectors[id])
      return try collection.nearestIDs(to: vector, limit: count).contains { $0.id == id } ? nil : id
    }
  }

  /// Adds, changes and deletes records in turns, and gives what is there then.
  private func write(
    _ collection: VectorCollection, _ vectors: [[Float]], batch: Int, _ random: inout SplitMix64
  ) throws -> [String: [Float]] {
    var there = [String: [Float]]()
    for first in stride(from: 0, to: vectors.count, by: batch) {
      let part = first..<min(first + batch, vectors.count)
      try collection.add(part.map { Record(id: "\($0)", embedding: vectors[$0]) })
      for number in part { there["\(number)"] = vectors[number] }
      try collection.finishIndex()
      let gone = Set((0..<60).map { _ in "\(Int.random(in: 0..<part.upperBound, using: &random))" })
      try collection.delete(ids: Array(gone))
      for id in gone { there[id] = nil }
      let changed = there.keys.sorted().prefix(40)
      let fresh = self.vectors(changed.count, vectors[0].count, &random)
      try collection.upsert(zip(changed, fresh).map { Record(id: $0, embedding: $1) })
      for (id, vector) in zip(changed, fresh) { there[id] = vector }
    }
    try collection.finishIndex()
    return there
  }

  @Test(.long, arguments: Distance.allCases)
  func `No node is lost by others that are linked after it`(distance: Distance) throws {
    var random = SplitMix64(seed: 81)
    let database = try Database.open(at: folder.path)
    let collection = try database.createCollection(.test(dimension: 32, distance: distance))
    _ = try write(collection, vectors(10_000, 32, &random), batch: 2_500, &random)
    let index = try index(database, collection)
    #expect(index.graph.linked == index.count && index.graph.isSettled)
    #expect(index.graph.effort?.walks == true, "Nothing is walked, and nothing shown")
    #expect(index.graph.doubted.population == 0)
    #expect(index.lostSlots().isEmpty)
    #expect(try database.check().problems.isEmpty)
    guard distance != .ip else { return }
    let reach = WalkReach(wanted: 1, kept: MeasuredEffort.leastNodes, distance).plain
    let walk = Walk()
    let missed = (0..<index.count).filter {
      index.alive.contains($0) && !index.graph.isFound($0, reach, walk)
    }
    #expect(missed.isEmpty)
  }

  @Test func `A node that walks do not find is compared by itself until it is linked in again`() throws {
    var random = SplitMix64(seed: 82)
    let database = try Database.open(at: folder.path)
    let collection = try database.createCollection(.test(dimension: 24))
    let vectors = vectors(9_000, 24, &random)
    try collection.add(vectors.enumerated().map { Record(id: "\($0.offset)", embedding: $0.element) })
    try collection.finishIndex()
    let index = try index(database, collection)
    #expect(index.graph.effort?.walks == true)
    // All links to one node go.
    let victim = 4_321
    for slot in 0..<index.count {
      let kept = index.graph.links(of: slot).filter { $0 != UInt32(victim) }
      for place in 0..<index.graph.degree {
        index.graph.links.row(slot)[place] = place < kept.count ? kept[place] : .max
      }
    }
    #expect(index.lostSlots() == [victim])
    #expect(try database.check().problems.count == 1)
    // Its own vector is looked up. One beside it is not.
    var beside = vectors[victim]
    beside[0] += 0.001
    #expect(try collection.nearestIDs(to: vectors[victim], limit: 1).map(\.id) == ["\(victim)"])
    #expect(try collection.nearestIDs(to: beside, limit: 10).allSatisfy { $0.id != "\(victim)" })
    index.graph.beginLinking()
    index.graph.doubt(victim)
    #expect(index.lostSlots().isEmpty)
    #expect(try collection.nearestIDs(to: beside, limit: 1).map(\.id) == ["\(victim)"])
    try collection.finishIndex()
    #expect(index.graph.doubted.population == 0 && index.graph.isSettled)
    #expect(try collection.nearestIDs(to: beside, limit: 1).map(\.id) == ["\(victim)"])
    #expect(try database.check().problems.isEmpty)
  }

  @Test(.slow, arguments: [UInt64(91), 92, 93], [Distance.cosine, .l2])
  func `Each of 21,000 records is found by its own vector, also after the database is opened again`(
    seed: UInt64, distance: Distance
  ) throws {
    var random = SplitMix64(seed: seed)
    func write() throws -> [String: [Float]] {
      let database = try Database.open(at: folder.path)
      let collection = try database.createCollection(.test(dimension: 64, distance: distance))
      let there = try self.write(collection, vectors(21_000, 64, &random), batch: 5_000, &random)
      for count in [1, 10, 100] {
        #expect(try notFound(collection, there, count: count, every: count == 1 ? 1 : 10) == [])
      }
      #expect(try database.check().problems.isEmpty)
      database.close()
      return there
    }
    let there = try write()
    let database = try Database.open(at: folder.path)
    let collection = try database.collection(named: "test")
    #expect(try notFound(collection, there, count: 1, every: 1) == [])
    #expect(try database.check().problems.isEmpty)
  }
}
