import Foundation
import MartletSeededRandom
import MartletTestScope
import Synchronization
import Testing

@testable import MartletVectorStore

/// Collections large enough for a graph.
@Suite struct GraphIndexTests {
  private let folder: TemporaryFolder
  private let count = 12_000
  private let dimension = 24

  init() throws { folder = try TemporaryFolder() }

  /// Vectors around some centres, as embeddings lie.
  private func vectors(_ count: Int, seed: UInt64, centres: Int = 60) -> [[Float]] {
    var random = SplitMix64(seed: 77)
    func vector(_ range: ClosedRange<Float>) -> [Float] {
      (0..<dimension).map { _ in .random(in: range, using: &random) }
    }
    let middles = (0..<centres).map { _ in vector(-1...1) }
    random = SplitMix64(seed: seed)
    return (0..<count).map { _ in
      let middle = middles[Int.random(in: 0..<centres, using: &random)]
      return zip(middle, vector(-0.4...0.4)).map { $0 + $1 }
    }
  }

  private func filled(_ database: Database, _ distance: Distance = .cosine) throws -> (
    VectorCollection, [[Float]]
  ) {
    let collection = try database.createCollection(.test(dimension: dimension, distance: distance))
    let vectors = vectors(count, seed: 1)
    try collection.add(vectors.enumerated().map { Record(id: "\($0.offset)", embedding: $0.element) })
    return (collection, vectors)
  }

  private func recall(
    _ collection: VectorCollection, queries: [[Float]], effort: SearchEffort = .standard
  ) throws -> Double {
    var hits = 0
    for query in queries {
      let truth = try collection.nearestIDs(to: query, limit: 10, effort: .exact).map(\.id)
      let found = try collection.nearestIDs(to: query, limit: 10, effort: effort).map(\.id)
      hits += Set(truth).intersection(found).count
    }
    return Double(hits) / Double(10 * queries.count)
  }

  private func index(_ database: Database, _ collection: VectorCollection) throws -> CollectionIndex {
    try #require(database.indexes.entry(of: collection.info)).index
  }

  @Test(.long, arguments: Distance.allCases)
  func `The graph finds what a comparison with all finds`(distance: Distance) throws {
    let database = try Database.open(at: folder.path)
    let (collection, _) = try filled(database, distance)
    let queries = vectors(100, seed: 2)
    // Before there is a graph every record is looked at.
    #expect(try recall(collection, queries: queries) > 0.99)
    try collection.finishIndex()
    #expect(try index(database, collection).graph.linked == count)
    let recall = try recall(collection, queries: queries)
    #expect(recall > 0.97, "recall \(recall)")
    #expect(database.takeWarnings().isEmpty)
  }

  @Test func `What is written is found at once, what is deleted no more`() throws {
    let database = try Database.open(at: folder.path)
    let (collection, vectors) = try filled(database)
    try collection.finishIndex()
    var random = SplitMix64(seed: 3)
    for round in 0..<50 {
      let fresh = self.vectors(1, seed: UInt64(100 + round))[0]
      try collection.add([Record(id: "new\(round)", embedding: fresh)])
      #expect(try collection.nearestIDs(to: fresh, limit: 1).first?.id == "new\(round)")
      let victim = Int.random(in: 0..<count, using: &random)
      try collection.delete(ids: ["\(victim)"])
      #expect(try !collection.nearestIDs(to: vectors[victim], limit: 20).map(\.id).contains("\(victim)"))
      let moved = Int.random(in: 0..<count, using: &random)
      try collection.upsert([Record(id: "\(moved)", embedding: fresh)])
      #expect(try collection.nearestIDs(to: fresh, limit: 2).map(\.id).contains("\(moved)"))
    }
    #expect(try recall(collection, queries: self.vectors(50, seed: 4)) > 0.97)
  }

  @Test func `Deletes and updates do not wear the index out`() throws {
    let database = try Database.open(at: folder.path)
    let (collection, vectors) = try filled(database)
    try collection.finishIndex()
    // All of one region goes, and much of the rest; then as many records are written anew.
    try collection.delete(ids: (0..<count).filter { vectors[$0][0] > 0 }.map { "\($0)" })
    let left = try collection.count()
    #expect(try recall(collection, queries: self.vectors(50, seed: 5)) > 0.95)
    let fresh = self.vectors(count, seed: 6)
    try collection.upsert(fresh.enumerated().map { Record(id: "\($0.offset)", embedding: $0.element) })
    #expect(try collection.count() == count && left < count)
    try collection.finishIndex()
    let index = try index(database, collection)
    #expect(index.count < count * 3 / 2 && index.aliveCount == count)
    #expect(try recall(collection, queries: self.vectors(50, seed: 7)) > 0.97)
    database.close()
    // Of the files only those of the present index are left.
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(files.filter { $0.hasSuffix(".vectors") }.count == 1)
  }

  @Test func `Thousands of equal vectors are all found, and hide no others`() throws {
    let database = try Database.open(at: folder.path)
    let (collection, vectors) = try filled(database)
    let same = [Float](repeating: 0.25, count: dimension)
    try collection.add((0..<3000).map { Record(id: "same\($0)", embedding: same) })
    try collection.finishIndex()
    let found = try collection.nearestIDs(to: same, limit: 1200).map(\.id)
    #expect(found.count == 1200 && found.allSatisfy { $0.hasPrefix("same") })
    #expect(found == (0..<3000).map { "same\($0)" }.sorted().prefix(1200).map { $0 })
    for slot in stride(from: 0, to: count, by: 1000) {
      #expect(try collection.nearestIDs(to: vectors[slot], limit: 1).first?.id == "\(slot)")
    }
    try collection.delete(ids: (0..<2990).map { "same\($0)" })
    #expect(try collection.nearestIDs(to: same, limit: 10).map(\.id) == (2990..<3000).map { "same\($0)" })
  }

  @Test func `Linking that is stopped again and again links each record once`() throws {
    let database = try Database.open(at: folder.path)
    let collection = try database.createCollection(.test(dimension: dimension))
    // Too few for the thread that links by itself, enough for a walk; a third are equal to another.
    let vectors = vectors(4000, seed: 10)
    let all = vectors + vectors.prefix(2000)
    try collection.add(all.enumerated().map { Record(id: "\($0.offset)", embedding: $0.element) })
    _ = try collection.nearestIDs(to: vectors[0], limit: 1)
    let index = try index(database, collection)
    var runs = 0
    while index.graph.linked < all.count {
      let asked = Atomic<Int>(0)
      let patience = 3 + runs * 5
      try GraphBuilder(index) { asked.wrappingAdd(1, ordering: .relaxed).newValue > patience }.run()
      runs += 1
    }
    #expect(runs > 5)
    // As a run does with those that a stopped one had come to.
    index.lock.reading {
      let walk = Walk()
      for slot in stride(from: 0, to: all.count, by: 3) { index.graph.link(slot, walk) }
    }
    for slot in stride(from: 0, to: 2000, by: 50) {
      let found = try collection.nearestIDs(to: vectors[slot], limit: 10).map(\.id)
      #expect(Set(found).count == 10 && Set(found.prefix(2)) == ["\(slot)", "\(slot + 4000)"])
    }
    #expect(index.lostSlots().isEmpty)
  }

  @Test func `A snapshot is opened again, and caught up with`() throws {
    let queries = vectors(20, seed: 8)
    func write() throws -> [[String]] {
      let (collection, _) = try filled(try Database.open(at: folder.path))
      try collection.finishIndex()
      let found = try queries.map { try collection.nearestIDs(to: $0, limit: 5).map(\.id) }
      try collection.delete(ids: ["17"])
      try collection.add([Record(id: "late", embedding: queries[0])])
      return found
    }
    let before = try write()
    for mode in [Database.Mode.readOnly, .readWrite] {
      let again = try Database.open(at: folder.path, mode: mode)
      let collection = try again.collection(named: "test")
      #expect(try collection.nearestIDs(to: queries[0], limit: 1).map(\.id) == ["late"])
      #expect(try index(again, collection).graph.linked == count)
      for (query, ids) in zip(queries, before).dropFirst() where !ids.contains("17") {
        #expect(try collection.nearestIDs(to: query, limit: 5).map(\.id) == ids)
      }
      #expect(again.takeWarnings().isEmpty)
      again.close()
    }
  }

  @Test(.long, arguments: ["graph", "vectors"])
  func `A damaged cache is made anew with a warning, and answers stay right`(kind: String) throws {
    func write() throws -> [[Float]] {
      let (collection, vectors) = try filled(try Database.open(at: folder.path))
      try collection.finishIndex()
      return vectors
    }
    let vectors = try write()
    let name = try #require(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).first { $0.hasSuffix("." + kind) })
    let path = folder.path + "/" + name
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    var random = SplitMix64(seed: 9)
    var warned = 0
    for round in 0..<12 {
      var bytes = whole
      if round % 4 == 3 {
        bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random))
      } else {
        // A header, or something within.
        let place =
          round % 4 == 0
          ? Int.random(in: 0..<64, using: &random) : Int.random(in: 0..<bytes.count, using: &random)
        for offset in 0..<(round % 4 == 2 ? 200_000 : 1) where place + offset < bytes.count {
          bytes[place + offset] ^= 0x10
        }
      }
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      let again = try Database.open(at: folder.path, mode: .readOnly)
      let collection = try again.collection(named: "test")
      for slot in stride(from: 0, to: count, by: 97) {
        let found = try collection.nearestIDs(to: vectors[slot], limit: 3)
        #expect(found.first?.id == "\(slot)" && abs(found[0].distance) < 1e-5)
      }
      warned += again.takeWarnings().isEmpty ? 0 : 1
    }
    #expect(warned >= 6)
  }

  @Test func `A snapshot of another state of the database is not used`() throws {
    let database = try Database.open(at: folder.path)
    let (collection, _) = try filled(database)
    try collection.finishIndex()
    try database.deleteCollection(named: "test")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).allSatisfy {
        !$0.hasPrefix("collection-")
      })
    let other = try database.createCollection(.test(dimension: dimension))
    try other.add([Record(id: "only", embedding: vectors(1, seed: 1)[0])])
    #expect(try other.nearestIDs(to: vectors(1, seed: 2)[0], limit: 5).map(\.id) == ["only"])
  }
}
