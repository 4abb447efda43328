import Foundation
import MartletSeededRandom
import MartletTestScope
import Testing

@testable import MartletVectorStore

/// Distances of large collections are those of the vectors as they were written, in whatever form an index keeps them.
@Suite struct FullPrecisionTests {
  private let folder: TemporaryFolder
  private let count = 9000
  private let dimension = 40

  init() throws { folder = try TemporaryFolder() }

  private func vectors(_ count: Int, seed: UInt64) -> [[Float]] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in (0..<dimension).map { _ in .random(in: -1...1, using: &random) } }
  }

  /// One number that is alike everywhere and so many times larger than those that make the difference.
  private func lopsided(_ vector: [Float], by times: Float = 1_000_000) -> [Float] {
    var vector = vector
    vector[7] = times
    return vector
  }

  private func records(_ vectors: [[Float]], from first: Int = 0) -> [Record] {
    vectors.enumerated().map { Record(id: "\(first + $0.offset)", embedding: $0.element) }
  }

  private func truth(_ query: [Float], _ vector: [Float], _ distance: Distance) -> Double {
    func product(_ a: [Float], _ b: [Float]) -> Double {
      zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    switch distance {
    case .cosine:
      return 1 - product(query, vector) / (product(query, query) * product(vector, vector)).squareRoot()
    case .l2:
      return zip(query, vector).reduce(0) {
        $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1))
      }
    case .ip: return 1 - product(query, vector)
    }
  }

  /// The ten nearest to some queries are the right ones, and as far as they are.
  private func expectTruth(
    _ collection: VectorCollection, _ vectors: [[Float]], queries: [[Float]],
    effort: SearchEffort = .exact
  ) throws {
    let distance = collection.info.configuration.distance
    for query in queries {
      let all = vectors.map { truth(query, $0, distance) }
      let nearest = all.sorted().prefix(10)
      let found = try collection.nearestIDs(to: query, limit: 10, effort: effort)
      #expect(found.count == 10)
      for (neighbor, true_) in zip(found, nearest) {
        let own = all[Int(neighbor.id) ?? 0]
        // What rounding of floats leaves.
        let tolerance = 2e-6 * max(1, abs(own))
        #expect(abs(Double(neighbor.distance) - own) < tolerance, "\(neighbor), \(own)")
        #expect(abs(own - true_) < 2 * tolerance, "\(neighbor), \(own), \(true_)")
      }
    }
  }

  private func form(_ database: Database, _ collection: VectorCollection) throws -> RowForm {
    try #require(database.indexes.entry(of: collection.info)).index.vectors.form
  }

  private func bytes(ending: String) throws -> Int {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
      $0.hasSuffix(ending)
    }
    #expect(names.count == 1)
    return try Data(contentsOf: URL(fileURLWithPath: folder.path + "/" + (names.first ?? ""))).count
  }

  @Test(.long, arguments: Distance.allCases)
  func `Half the bytes of a vector beside its code are as good as all of them`(distance: Distance) throws {
    let (vectors, queries) = (vectors(count, seed: 1), vectors(20, seed: 2))
    do {
      let database = try Database.open(at: folder.path)
      let collection = try database.createCollection(.test(dimension: dimension, distance: distance))
      try collection.add(records(vectors))
      try collection.finishIndex()
      #expect(try form(database, collection) == .remainders)
      try expectTruth(collection, vectors, queries: queries)
      #expect(try database.check().problems.isEmpty)
      database.close()
    }
    #expect(try bytes(ending: ".vectors") == VectorFile.headerBytes + count * dimension * 2)
    for mode in [Database.Mode.readOnly, .readWrite] {
      let database = try Database.open(at: folder.path, mode: mode)
      let collection = try database.collection(named: "test")
      try expectTruth(collection, vectors, queries: queries)
      #expect(try form(database, collection) == .remainders)
      #expect(database.takeWarnings().isEmpty)
      database.close()
    }
  }

  @Test(.long, arguments: [Distance.l2, .ip], [Float(100), 1_000_000])
  func `Vectors with a number that drowns the others keep them all`(distance: Distance, times: Float) throws {
    let vectors = vectors(count, seed: 3).map { lopsided($0, by: times) }
    let queries = self.vectors(10, seed: 4)
    let database = try Database.open(at: folder.path)
    let collection = try database.createCollection(.test(dimension: dimension, distance: distance))
    try collection.add(records(vectors))
    try collection.finishIndex()
    // To inner products the large number contributes nothing here, to distances as much as to all.
    let asked =
      distance == .l2
      ? queries.map { lopsided($0, by: times) }
      : queries.map { $0.enumerated().map { $0.offset == 7 ? 0 : $0.element } }
    try expectTruth(collection, vectors, queries: asked)
    #expect(try form(database, collection) == .floats)
    #expect(try database.check().problems.isEmpty)
  }

  @Test(.long) func `An index that meets a vector which needs whole floats is rebuilt with them`() throws {
    let (early, late) = (vectors(count, seed: 5), vectors(300, seed: 7).map { lopsided($0) })
    let (vectors, queries) = (early + late, vectors(10, seed: 6))
    let asked = queries + queries.map { lopsided($0) }
    do {
      let database = try Database.open(at: folder.path)
      let collection = try database.createCollection(.test(dimension: dimension, distance: .l2))
      try collection.add(records(early))
      try collection.finishIndex()
      #expect(try form(database, collection) == .remainders)
      // Another process reads meanwhile.
      let reader = try Database.open(at: folder.path, mode: .readOnly)
      try expectTruth(try reader.collection(named: "test"), early, queries: queries)
      try collection.add(records(late, from: count))
      try expectTruth(try reader.collection(named: "test"), vectors, queries: asked)
      try expectTruth(collection, vectors, queries: asked)
      try collection.finishIndex()
      try expectTruth(collection, vectors, queries: asked)
      #expect(try form(database, collection) == .floats)
      #expect(try database.check().problems.isEmpty)
      #expect(database.takeWarnings().isEmpty && reader.takeWarnings().isEmpty)
      database.close()
    }
    #expect(try bytes(ending: ".vectors") == VectorFile.headerBytes + vectors.count * dimension * 4)
    let database = try Database.open(at: folder.path)
    let collection = try database.collection(named: "test")
    try expectTruth(collection, vectors, queries: asked)
    // What is made anew keeps the form.
    try collection.delete(ids: (0..<20).map { "\($0)" })
    try database.compact()
    #expect(try form(database, collection) == .floats)
    #expect(try database.check().problems.isEmpty)
  }

  @Test func `Rows lie in segments, and a file's length follows from their number`() {
    for (dimension, form) in [(3, RowForm.floats), (129, .remainders), (384, .floats), (5_000_000, .floats)] {
      let row = dimension * form.bytesOfNumber
      let lengths = (0..<40_000).map { VectorFile.fileBytes(dimension: dimension, form: form, rows: $0) }
      #expect(lengths[0] == VectorFile.headerBytes && lengths[1] >= VectorFile.headerBytes + row)
      #expect(
        zip(lengths, lengths.dropFirst()).allSatisfy {
          $1 - $0 >= row && $1 - $0 < 2 * row + VectorFile.headerBytes
        })
    }
  }
}
