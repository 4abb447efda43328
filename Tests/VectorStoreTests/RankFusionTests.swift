import Foundation
import JSON
import Testing

@testable import VectorStore

@Suite("Two rankings become one")
struct RankFusionTests {
  @Test("A score is the sum of 1 / (15 + rank) over the rankings that have the item")
  func sums() {
    let scores = RankFusion.scores([["a", "b", "c"], ["b", "d"]])
    #expect(RankFusion.k == 15)
    #expect(Set(scores.keys) == ["a", "b", "c", "d"])
    // By hand: 1/16, 1/17 + 1/16, 1/18, 1/17.
    let expected = ["a": 0.0625, "b": 0.12132352941, "c": 0.05555555556, "d": 0.05882352941]
    for (id, score) in expected { #expect(abs((scores[id] ?? 0) - score) < 1e-10, "\(id)") }
  }

  @Test("Places that are changed about give equal scores, and no ranking at all gives none")
  func ties() {
    let scores = RankFusion.scores([["a", "b"], ["b", "a"]])
    #expect(scores["a"] == scores["b"])
    #expect(RankFusion.scores([]).isEmpty && RankFusion.scores([[], []]).isEmpty)
    #expect(RankFusion.scores([["a"]]) == ["a": 1.0 / 16])
  }

  @Test("Second places in both rankings are better than a first in one alone")
  func agreement() {
    let scores = RankFusion.scores([["a", "b"], ["c", "b"]])
    #expect((scores["b"] ?? 0) > (scores["a"] ?? 0))
  }

  /// Sixty records on a line of angles, the words of which go the other way round; every third is of another kind.
  private func collection(_ folder: TemporaryFolder) throws -> VectorStore.Collection {
    let database = try Database.open(at: folder.path)
    let collection = try database.createCollection(CollectionConfiguration(name: "test", dimension: 2))
    try collection.add(
      (0..<60).map { number in
        let angle = Float(number) / 100
        return Record(
          id: "\(number)", embedding: [cos(angle), sin(angle)],
          document: String(repeating: "swift ", count: number / 6 + 1) + (number == 40 ? "tower" : "bird"),
          metadata: ["kind": .integer(number % 3)])
      })
    return collection
  }

  @Test("What both ways find goes before what one finds, and each match knows its places")
  func fused() throws {
    let folder = try TemporaryFolder()
    let collection = try collection(folder)
    let found = try collection.query(VectorQuery([1, 0], count: 60), words: "tower")
    #expect(found.count == 60)
    #expect(
      found.first?.record.id == "40" && found.first?.nearness?.rank == 41 && found.first?.words?.rank == 1)
    #expect(abs((found.first?.score ?? 0) - (1.0 / 56 + 1.0 / 16)) < 1e-12)
    #expect(found.dropFirst().map(\.record.id) == (0..<60).filter { $0 != 40 }.map { "\($0)" })
    #expect(found.dropFirst().allSatisfy { $0.words == nil && $0.nearness != nil })
    #expect(try collection.query(VectorQuery([1, 0], count: 3), words: "tower") == Array(found.prefix(3)))
    #expect(try collection.query(VectorQuery([1, 0], count: 0), words: "tower").isEmpty)
    #expect(
      try collection.query(VectorQuery([1, 0], count: 3), words: "").map(\.record.id) == ["0", "1", "2"])
  }

  @Test("A filter, and a list of ids, hold for both ways")
  func filtered() throws {
    let folder = try TemporaryFolder()
    let collection = try collection(folder)
    let filter = try Filter(where: JSON(parsing: #"{"kind": 1}"#))
    let query = VectorQuery([1, 0], count: 60, where: filter, withEmbedding: true)
    let found = try collection.query(query, words: "tower swift")
    #expect(found.count == 20 && found.allSatisfy { $0.record.metadata["kind"] == .integer(1) })
    #expect(found.allSatisfy { $0.nearness != nil && $0.words != nil && $0.record.embedding.count == 2 })
    // "tower" stands in number 40 alone, which is of this kind.
    #expect(found.first { $0.words?.rank == 1 }?.record.id == "40")
    let listed = VectorQuery([1, 0], count: 5, ids: ["40", "41"])
    #expect(try Set(collection.query(listed, words: "tower bird").map(\.record.id)) == ["40", "41"])
  }
}
