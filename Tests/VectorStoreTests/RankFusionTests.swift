import Foundation
import MartletJSON
import Testing

@testable import MartletVectorStore

@Suite("Two rankings become one")
struct RankFusionTests {
  @Test("The spread of distances is that of all, or as the nearest of many tell it")
  func spread() {
    // By hand: mean 3, variance 2.
    let all = RankFusion.Spread(ofNearest: [1, 2, 3, 4, 5], among: 5)
    #expect(all.mean == 3 && abs(all.deviation - 2.0.squareRoot()) < 1e-12)
    #expect(abs(all.nearness(1) - 2.0.squareRoot()) < 1e-12)
    // The nearest 200 of 10,000 that are spread normally around 0.9, by 0.1.
    let nearest = (0..<200).map { 0.9 + 0.1 * RankFusion.quantile((Double($0) + 0.5) / 10_000) }
    let some = RankFusion.Spread(ofNearest: nearest, among: 10_000)
    #expect(abs(some.mean - 0.9) < 1e-6 && abs(some.deviation - 0.1) < 1e-6)
    for distances in [[], [0.5], [0.5, 0.5]] {
      for count in [distances.count, 100] {
        #expect(abs(RankFusion.Spread(ofNearest: distances, among: count).nearness(0.5)) < 1e-9)
      }
    }
  }

  @Test(
    "Quantiles are those of the normal distribution",
    arguments: [(0.5, 0), (0.025, -1.959964), (0.0001, -3.719016), (0.84134475, 1)])
  func quantiles(share: Double, place: Double) {
    #expect(abs(RankFusion.quantile(share) - place) < 0.00046)
  }

  @Test("All the words count for four standard deviations, some of them for their share")
  func scores() {
    #expect(RankFusion.score(nearness: 1.5, words: 0) == 1.5)
    #expect(RankFusion.score(nearness: -1, words: 1) == 3)
    #expect(RankFusion.score(nearness: 0, words: 0.5) == 2)
  }

  /// Four texts around a right angle, for which meaning and words disagree.
  @Test("A few of the words, or words that stand everywhere, do not outweigh nearness; the rare one does")
  func weights() throws {
    let folder = try TemporaryFolder()
    let database = try Database.open(at: folder.path)
    let collection = try database.createCollection(CollectionConfiguration(name: "test", dimension: 2))
    let texts = [
      "birds that stay in the air", "the tower and its bells", "the old ladder is bent",
      "that cat is on the stairs", "the roof leaks", "the rope is new and the door is old",
    ]
    try collection.add(
      texts.enumerated().map { index, text in
        let angle = Float(index) * 0.25
        return Record(id: "\(index)", embedding: [cos(angle), sin(angle)], document: text)
      })
    func order(_ words: String) throws -> [String] {
      try collection.search(VectorQuery([1, 0], limit: 6), words: words).map(\.record.id)
    }
    // "that" and "the" are no evidence, nor is one word of six that are mostly unknown here.
    #expect(try order("the swift that cannot fly") == ["0", "1", "2", "3", "4", "5"])
    #expect(try order("ornithology plumage migration moult cat flight").first == "0")
    #expect(try order("cat").first == "3")
    #expect(try order("bells").first == "1")
  }

  /// Sixty records on a line of angles, the words of which go the other way round; every third is of another kind.
  private func collection(_ folder: TemporaryFolder) throws -> VectorCollection {
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
    let found = try collection.search(VectorQuery([1, 0], limit: 60), words: "tower")
    #expect(found.count == 60)
    #expect(
      found.first?.record.id == "40" && found.first?.nearness?.rank == 41 && found.first?.words?.rank == 1)
    // It is the only one with the word: BM25 over the word's weight, and its distance among the sixty.
    let ranking = try collection.ranking(words: "tower", limit: 5)
    let nearest = try collection.nearest(to: [1, 0], limit: 60)
    let spread = RankFusion.Spread(ofNearest: nearest.map(\.distance), among: 60)
    let share = ranking.matches[0].score / ranking.weight
    #expect(abs((found.first?.score ?? 0) - (spread.nearness(nearest[40].distance) + 4 * share)) < 1e-12)
    #expect(found.dropFirst().map(\.record.id) == (0..<60).filter { $0 != 40 }.map { "\($0)" })
    #expect(found.dropFirst().allSatisfy { $0.words == nil && $0.nearness != nil })
    #expect(try collection.search(VectorQuery([1, 0], limit: 3), words: "tower") == Array(found.prefix(3)))
    #expect(try collection.search(VectorQuery([1, 0], limit: 0), words: "tower").isEmpty)
    #expect(
      try collection.search(VectorQuery([1, 0], limit: 3), words: "").map(\.record.id) == ["0", "1", "2"])
  }

  @Test("A filter, and a list of ids, hold for both ways")
  func filtered() throws {
    let folder = try TemporaryFolder()
    let collection = try collection(folder)
    let filter = try Filter(where: JSON(parsing: #"{"kind": 1}"#))
    let query = VectorQuery([1, 0], limit: 60, where: filter, withEmbedding: true)
    let found = try collection.search(query, words: "tower swift")
    #expect(found.count == 20 && found.allSatisfy { $0.record.metadata["kind"] == .integer(1) })
    #expect(found.allSatisfy { $0.nearness != nil && $0.words != nil && $0.record.embedding.count == 2 })
    // "tower" stands in number 40 alone, which is of this kind.
    #expect(found.first { $0.words?.rank == 1 }?.record.id == "40")
    let listed = VectorQuery([1, 0], limit: 5, ids: ["40", "41"])
    #expect(try Set(collection.search(listed, words: "tower bird").map(\.record.id)) == ["40", "41"])
  }
}
