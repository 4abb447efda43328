import Foundation
import MartletSeededRandom
import Testing

@testable import MartletVectorStore

/// What `add` returned from is found by its own vector, however many others are equal to it or nearly so.
@Suite struct OwnVectorTests {
  private let folder: TemporaryFolder
  private static let count = 9_000

  init() throws { folder = try TemporaryFolder() }

  private func vectors(_ dimension: Int, _ random: inout SplitMix64) -> [[Float]] {
    (0..<Self.count).map { _ in (0..<dimension).map { _ in .random(in: -3...3, using: &random) } }
  }

  /// One record in nine is of group 0.
  private func fill(_ vectors: [[Float]], _ distance: Distance) throws -> VectorCollection {
    let collection = try Database.open(at: folder.path)
      .createCollection(.test(dimension: vectors[0].count, distance: distance))
    try collection.add(
      vectors.enumerated().map {
        Record(id: "\($0)", embedding: $1, metadata: ["group": .integer($0 <= 300 || $0 == 512 ? 0 : $0 % 9)])
      })
    try collection.finishIndex()
    return collection
  }

  @Test(arguments: [Distance.l2, .cosine])
  func `Copies of a vector are found, each once, with a filter and without`(distance: Distance) throws {
    var random = SplitMix64(seed: 31)
    var vectors = vectors(32, &random)
    // Slot 512 is one of those where walks begin: the others hang on it.
    let copies = Array(1...300) + [512]
    for copy in copies { vectors[copy] = vectors[1] }
    let collection = try fill(vectors, distance)
    for filter in [nil, Filter.metadata("group", .equal(0))] {
      for limit in [1, 2, 10, 100, copies.count] {
        let found = try collection.nearestIDs(to: vectors[1], limit: limit, where: filter).map(\.id)
        #expect(
          found.count == limit && Set(found).count == limit
            && found.allSatisfy { copies.contains(Int($0) ?? 0) })
      }
    }
  }

  @Test func `Vectors with one code, but a number that differs, are each found by their own`() throws {
    var random = SplitMix64(seed: 32)
    var vectors = vectors(32, &random)
    for number in 1...300 {
      vectors[number] = vectors[1]
      vectors[number][5] += Float(number) * 1e-5
    }
    let collection = try fill(vectors, .l2)
    for filter in [nil, Filter.metadata("group", .equal(0))] {
      let missed = try (1...300).filter {
        try collection.nearestIDs(to: vectors[$0], limit: 1, where: filter).first?.id != "\($0)"
      }
      #expect(missed.isEmpty)
    }
  }

  @Test func `A record that was written again and again is found, also after the database is opened again`()
    throws
  {
    var random = SplitMix64(seed: 33)
    // Far from the origin beside how far they are apart, so that walks miss most of them.
    let vectors = vectors(48, &random).map { $0.map { $0 / 3 + 50 } }
    let collection = try fill(vectors, .l2)
    let written = Array(0..<40)
    for _ in 0..<12 {
      try collection.upsert(written.map { Record(id: "\($0)", embedding: vectors[$0]) })
      let missed = try written.filter {
        try collection.nearestIDs(to: vectors[$0], limit: 1).first?.id != "\($0)"
      }
      #expect(missed.isEmpty)
    }
    try collection.finishIndex()
    let again = try Database.open(at: folder.path, mode: .readOnly).collection(named: "test")
    #expect(try written.allSatisfy { try again.nearestIDs(to: vectors[$0], limit: 1).first?.id == "\($0)" })
  }

  @Test func `A negative zero is a zero`() throws {
    var random = SplitMix64(seed: 34)
    let vectors = vectors(40, &random).map { vector in
      vector.enumerated().map { $0 % 4 == 0 ? 1e4 * $1 : $0 % 4 == 1 ? 0 : $1 / 1e4 }
    }
    let collection = try fill(vectors, .l2)
    for number in stride(from: 0, to: Self.count, by: 30) {
      let query = vectors[number].map { $0 == 0 ? -0.0 : $0 }
      #expect(try collection.nearestIDs(to: query, limit: 1).map(\.id) == ["\(number)"])
    }
  }
}
