import Foundation
import SeededRandom
import Testing

@testable import VectorStore

/// What people were promised and did not get elsewhere: the same nearest however many are wanted, and a damaged index
/// that is mended once.
@Suite struct GraphPromisesTests {
  private let folder: TemporaryFolder
  private let dimension = 24

  init() throws { folder = try TemporaryFolder() }

  private func vectors(_ count: Int, seed: UInt64) -> [[Float]] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in (0..<dimension).map { _ in .random(in: -1...1, using: &random) } }
  }

  private func fill(_ database: Database) throws -> VectorStore.Collection {
    let collection = try database.createCollection(.test(dimension: dimension))
    let vectors = vectors(10_000, seed: 41)
    try collection.add(vectors.enumerated().map { Record(id: "\($0.offset)", embedding: $0.element) })
    try collection.finishIndex()
    return collection
  }

  @Test func `The nearest do not depend on how many are wanted`() throws {
    let collection = try fill(try Database.open(at: folder.path))
    var (same, all) = (0, 0)
    for query in vectors(50, seed: 42) {
      let hundred = try collection.nearestIDs(to: query, count: 100).map(\.id)
      #expect(hundred.count == 100)
      for count in [1, 3, 10, 30] {
        let few = try collection.nearestIDs(to: query, count: count).map(\.id)
        same += Set(few).intersection(hundred.prefix(count)).count
        all += count
      }
    }
    #expect(Double(same) >= 0.98 * Double(all), "\(same) of \(all)")
  }

  @Test func `A damaged index is told of once and made anew once, however often it is asked`() throws {
    func write() throws { _ = try fill(try Database.open(at: folder.path)) }
    try write()
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    for name in names where name.hasSuffix(".graph") || name.hasSuffix(".vectors") {
      let file = URL(fileURLWithPath: folder.path + "/" + name)
      var bytes = try Data(contentsOf: file)
      for place in stride(from: 70_000, to: bytes.count, by: 5000) { bytes[place] ^= 0x20 }
      try bytes.write(to: file)
    }
    let database = try Database.open(at: folder.path, mode: .readOnly)
    let collection = try database.collection(named: "test")
    var warnings = [String]()
    for query in vectors(40, seed: 43) {
      #expect(try collection.nearestIDs(to: query, count: 5).count == 5)
      warnings += database.takeWarnings()
    }
    #expect(warnings.count == 1, "\(warnings)")
  }
}
