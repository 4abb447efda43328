import Foundation
import MartletSeededRandom
import MartletTestScope
import Testing

@testable import MartletVectorStore

/// Damage to SQLite's file, page by page: whatever is done to one, what comes out is an error or all that was written,
/// and a check finds it.
@Suite struct PageDamageTests {
  private let folder: TemporaryFolder
  private let whole: [UInt8]
  private let records: [Record]
  private let pageSize = 32_768
  private var pages: Int { whole.count / pageSize }

  init() throws {
    folder = try TemporaryFolder()
    var random = SplitMix64(seed: 12)
    // Some have texts that go over several pages, so that there are pages of every kind.
    records = (0..<120).map { number in
      Record(
        id: "r\(number)", embedding: (0..<700).map { _ in .random(in: -1...1, using: &random) },
        document: "word\(number) " + String(repeating: "swift ", count: number % 40 == 7 ? 20_000 : 3),
        metadata: ["n": .integer(number)])
    }
    let database = try Database.open(at: folder.path)
    try database.createCollection(.test(dimension: 700)).add(records)
    try database.createCollection(.test("second")).add([Record(id: "x", embedding: [1, 2, 3])])
    try database.compact()
    database.close()
    whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.databaseFile)))
  }

  @Test("Pages that are added, moved or freed by a transaction before they were ever written are no damage")
  func unwrittenPages() throws {
    let other = try TemporaryFolder()
    let database = try Database.open(at: other.path)
    let many = (0..<1300).map {
      Record(id: "n\($0)", embedding: [Float($0) / 7, 1, -1], document: $0 % 2 == 0 ? "text \($0)" : nil)
    }
    try database.createCollection(.test("source")).add(many)
    // The tables of a new collection begin at the front of the file: others move, some from beyond its end.
    for number in 0..<8 {
      let copy = try database.createCollection(.test("copy\(number)"))
      try copy.add(Array(many[..<(number * 150)]))
    }
    try database.deleteCollection(named: "source")
    try database.createCollection(.test("last")).add(many)
    #expect(try database.collection(named: "last").get() == many)
    #expect(try database.check().problems.isEmpty)
    database.close()
    #expect(try Database.open(at: other.path, mode: .readOnly).check().problems.isEmpty)
  }

  /// What a damaged file answers: nil where it was refused, and otherwise whether all of it was what was written.
  private func isWhole(_ bytes: [UInt8]) throws -> Bool? {
    let damaged = try copy(bytes)
    do {
      let database = try Database.open(at: damaged.path)
      guard try database.collections().map(\.name) == ["second", "test"] else { return false }
      let collection = try database.collection(named: "test")
      let found = try collection.get()
      let named = try collection.get(ids: records.map(\.id))
      let nearest = try collection.nearest(to: records[5].embedding, limit: 120, withEmbedding: true)
      let words = try collection.search(words: "swift", limit: 200)
      return try found == records && named == records && collection.count() == records.count
        && Set(nearest.map(\.record.id)).count == records.count
        && nearest.allSatisfy { records.contains($0.record) } && words.count == records.count
        && database.collection(named: "second").get().map(\.id) == ["x"]
    } catch is VectorStoreError {
      return nil
    }
  }

  /// Whether a check of a damaged file says so.
  private func isFound(_ bytes: [UInt8]) throws -> Bool {
    let damaged = try copy(bytes)
    do {
      return try !Database.open(at: damaged.path, mode: .readOnly).check().problems.isEmpty
    } catch is VectorStoreError {
      return true
    }
  }

  private func copy(_ bytes: [UInt8]) throws -> TemporaryFolder {
    let copy = try TemporaryFolder()
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      try FileManager.default.copyItem(atPath: folder.path + "/" + name, toPath: copy.path + "/" + name)
    }
    try Data(bytes).write(to: URL(fileURLWithPath: copy.databaseFile))
    return copy
  }

  private func expectRefused(_ bytes: [UInt8], _ what: String) throws {
    #expect(try isWhole(bytes) != false, "\(what): other data")
    #expect(try isFound(bytes), "\(what): a check does not find it")
  }

  @Test func `A file without damage is whole, and a check finds nothing`() throws {
    #expect(pages > 20 && whole.count % pageSize == 0)
    #expect(try isWhole(whole) == true)
    #expect(try !isFound(whole))
  }

  @Test(.long) func `A bit that changed in any page is found`() throws {
    var random = SplitMix64(seed: 13)
    for page in 0..<pages {
      // One in the page's header or its first cells, where trees are kept, and one anywhere.
      for limit in [page == 0 ? 128 : 16, pageSize] {
        var bytes = whole
        let place = page * pageSize + Int.random(in: 0..<limit, using: &random)
        bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        try expectRefused(bytes, "bit at \(place % pageSize) of page \(page + 1)")
      }
    }
  }

  @Test func `A page of zeros is found`() throws {
    for page in 0..<pages {
      var bytes = whole
      bytes.replaceSubrange(page * pageSize..<(page + 1) * pageSize, with: repeatElement(0, count: pageSize))
      try expectRefused(bytes, "zeros in page \(page + 1)")
    }
  }

  @Test func `A page in another one's place is found`() throws {
    for page in 0..<pages {
      // A neighbour, or one a little further on.
      let other = (page + 1 + page % 3) % pages
      var bytes = whole
      bytes.replaceSubrange(
        page * pageSize..<(page + 1) * pageSize, with: whole[other * pageSize..<(other + 1) * pageSize])
      try expectRefused(bytes, "page \(other + 1) in the place of \(page + 1)")
    }
  }

  @Test func `A file that was cut off is refused, wherever that was`() throws {
    for page in 0..<pages {
      try expectRefused(Array(whole.prefix(page * pageSize)), "\(page) pages of \(pages)")
      try expectRefused(Array(whole.prefix(page * pageSize + 1000)), "\(page) pages and a bit of \(pages)")
    }
  }
}
