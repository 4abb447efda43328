import Foundation
import MartletSeededRandom
import MartletTestScope
import Testing

@testable import MartletVectorStore

@Suite struct MaintenanceTests {
  private let folder: TemporaryFolder
  private let database: Database

  init() throws {
    folder = try TemporaryFolder()
    database = try Database.open(at: folder.path)
  }

  private static func fill(
    _ collection: VectorCollection, _ count: Int, dimension: Int = 32, seed: UInt64 = 1
  ) throws {
    var random = SplitMix64(seed: seed)
    try collection.upsert(
      (0..<count).map { number in
        Record(
          id: "\(number)", embedding: (0..<dimension).map { _ in Float.random(in: -1...1, using: &random) },
          document: "record \(number) of many", metadata: ["number": .integer(number)])
      })
  }

  @Test(.long) func `Space comes back to the disk after deletes and drops`() throws {
    let collection = try database.createCollection(.test(dimension: 512))
    try Self.fill(collection, 20_000, dimension: 512)
    try collection.finishIndex()
    try database.checkpoint()
    let full = try database.statistics()
    #expect(full.collections[0].recordCount == 20_000 && full.collections[0].slotCount == 20_000)
    #expect(full.fileBytes > 40_000_000 && full.collections[0].indexBytes > 30_000_000)
    try collection.delete(ids: (0..<1000).map { "\($0)" })
    _ = try collection.nearest(to: [Float](repeating: 1, count: 512), limit: 1)
    #expect(try database.statistics().collections[0].deadIndexBytes > 1_500_000)
    try collection.delete(ids: (1000..<11_000).map { "\($0)" })
    try collection.finishIndex()
    let less = try database.statistics()
    #expect(less.fileBytes < full.fileBytes / 2 && less.collections[0].deadIndexBytes == 0)
    #expect(less.collections[0].indexBytes < full.collections[0].indexBytes / 2)
    try collection.delete(ids: (11_000..<15_000).map { "\($0)" })
    try database.compact()
    let compact = try database.statistics()
    #expect(compact.freeBytes == 0 && compact.deadBytes == 0 && compact.fileBytes < less.fileBytes)
    #expect(compact.collections[0].indexBytes == 0)
    #expect(try collection.count() == 5000)
    #expect(try database.check().problems.isEmpty)
    try database.deleteCollection(named: "test")
    let empty = try database.statistics()
    #expect(empty.collections.isEmpty && empty.totalBytes < 8_000_000)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(left.allSatisfy { !$0.hasPrefix("collection-") })
  }

  @Test func `Files of a collection that was dropped while its index was made go, too`() throws {
    for round in 0..<3 {
      let collection = try database.createCollection(.test(dimension: 32))
      try Self.fill(collection, 9000)
      let finished = Flag()
      let thread = Thread {
        // It may find the collection gone.
        try? collection.finishIndex()
        finished.finish()
      }
      thread.start()
      usleep(UInt32(round) * 60_000)
      try database.deleteCollection(named: "test")
      finished.waitForFinish()
    }
    database.close()
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(left.allSatisfy { !$0.hasPrefix("collection-") }, "\(left)")
  }

  @Test func `What a killed drop has left is removed by the next writer, and nobody else's files`() throws {
    let folder = try TemporaryFolder()
    func write() throws {
      let database = try Database.open(at: folder.path)
      let collection = try database.createCollection(.test(dimension: 32))
      try Self.fill(collection, 9000)
      try collection.finishIndex()
    }
    func names() throws -> Set<String> {
      Set(try FileManager.default.contentsOfDirectory(atPath: folder.path))
    }
    try write()
    let own = try names().filter { $0.hasPrefix("collection-") }
    #expect(own.count == 2)
    let orphans = ["collection-99.graph", "collection-99.graph.new", "collection-99-1f.vectors"]
    let others = ["collection-of-notes.vectors", "collection-99.txt"]
    for name in orphans + others { try Data([1]).write(to: URL(fileURLWithPath: folder.path + "/" + name)) }
    _ = try Database.open(at: folder.path, mode: .readOnly)
    #expect(try names().isSuperset(of: orphans))
    _ = try Database.open(at: folder.path)
    #expect(try names().isDisjoint(with: orphans))
    #expect(try names().isSuperset(of: own.union(others)))
  }

  @Test(arguments: Distance.allCases)
  func `Statistics say what the index keeps in memory, the same before it is opened`(distance: Distance)
    throws
  {
    let count = 9000
    let collection = try database.createCollection(
      CollectionConfiguration(name: "test", dimension: 100, distance: distance))
    try Self.fill(collection, count, dimension: 100)
    try collection.finishIndex()
    let graph = try #require(database.indexes.entry(of: collection.info)).index.graph
    let kept =
      graph.codes.bytes(count).count + graph.scales.bytes(count).count + graph.links.bytes(count).count
      + (distance == .l2 ? graph.offsets.bytes(count).count : 0)
    let stated = try database.statistics().collections[0].memoryBytes
    // Beside these, the keys, and what finds the slots of keys and of vectors.
    #expect(stated > kept + 8 * count && stated < kept + 33 * count)
    let unopened = try Database.open(at: folder.path, mode: .readOnly)
    #expect(try unopened.statistics().collections[0].memoryBytes == stated)
  }

  @Test func `A backup goes into a new folder or an empty one, and not among other files`() throws {
    _ = try database.createCollection(.test())
    let copy = try TemporaryFolder()
    let (other, empty) = (copy.path + "/other", copy.path + "/empty")
    try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
    // A killed backup leaves this.
    try Data("half".utf8).write(to: URL(filePath: empty + "/martlet.sqlite.unfinished"))
    try database.backup(to: empty)
    #expect(try Database.open(at: empty, mode: .readOnly).check().problems.isEmpty)
    try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
    try Data("mine".utf8).write(to: URL(filePath: other + "/notes.txt"))
    #expect(throws: VectorStoreError.backupFolderNotEmpty(path: other)) { try database.backup(to: other) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: other) == ["notes.txt"])
    let inside = database.path + "/copies/today"
    #expect(throws: VectorStoreError.backupInsideStore(path: inside)) { try database.backup(to: inside) }
    #expect(!FileManager.default.fileExists(atPath: inside))
  }

  @Test(arguments: [true, false])
  func `Writing to a database whose files were deleted or replaced is an error`(isReplaced: Bool) throws {
    let collection = try database.createCollection(.test(dimension: 2))
    try collection.add([Record(id: "a", embedding: [1, 2])])
    if isReplaced {
      try FileManager.default.copyItem(atPath: folder.databaseFile, toPath: folder.databaseFile + ".old")
      #expect(rename(folder.databaseFile + ".old", folder.databaseFile) == 0)
    } else {
      try FileManager.default.removeItem(atPath: folder.path)
    }
    #expect(throws: VectorStoreError.replaced(path: folder.path)) {
      try collection.add([Record(id: "b", embedding: [1, 2])])
    }
    #expect(throws: VectorStoreError.replaced(path: folder.path)) { try collection.delete(ids: ["a"]) }
  }

  @Test func `Writing to a database whose log was deleted is an error`() throws {
    let collection = try database.createCollection(.test(dimension: 2))
    try FileManager.default.removeItem(atPath: folder.databaseFile + "-wal")
    #expect(throws: VectorStoreError.replaced(path: folder.path)) {
      try collection.add([Record(id: "b", embedding: [1, 2])])
    }
  }

  @Test func `A backup taken while others write is one state of the database, whole`() throws {
    let collection = try database.createCollection(.test(dimension: 32))
    try Self.fill(collection, 3000)
    let stop = Flag()
    let writer = Thread {
      var round: UInt64 = 2
      while !stop.isSet {
        try? Self.fill(collection, 300, seed: round)
        round += 1
      }
      stop.finish()
    }
    writer.start()
    let copies = try (0..<3).map { number in
      let copy = try TemporaryFolder()
      try database.backup(to: copy.path)
      #expect(throws: VectorStoreError.backupExists(path: copy.databaseFile)) {
        try database.backup(to: copy.path)
      }
      return copy
    }
    stop.set()
    stop.waitForFinish()
    for copy in copies {
      let other = try Database.open(at: copy.path, mode: .readOnly)
      #expect(try other.check().problems.isEmpty)
      let records = try other.collection(named: "test").get()
      #expect(records.count == 3000)
      // All of the first 300 are of one round.
      var rounds = Set<UInt64>()
      for round in UInt64(1)...400 where rounds.isEmpty {
        var random = SplitMix64(seed: round)
        if records[0].embedding[0] == Float.random(in: -1...1, using: &random) { rounds.insert(round) }
      }
      let round = try #require(rounds.first)
      var random = SplitMix64(seed: round)
      for record in records.prefix(300) {
        #expect(record.embedding == (0..<32).map { _ in Float.random(in: -1...1, using: &random) })
      }
    }
  }

  @Test func `A check finds damage in records and says where`() throws {
    let collection = try database.createCollection(.test(dimension: 32))
    try Self.fill(collection, 100)
    #expect(try database.check() == CheckReport(recordCount: 100, collectionCount: 1, problems: []))
    try folder.tamper("UPDATE records_1 SET metadata = '{}' WHERE id = '42'")
    let report = try database.check()
    #expect(report.problems.count == 2)
    #expect(report.problems.first?.contains("text or metadata of record 42 in collection test") == true)
    #expect(report.problems.last?.contains("index of collection test was not compared") == true)
  }

  @Test func `Damage to one collection does not keep a check from the index of the next`() throws {
    try Self.fill(database.createCollection(.test("a", dimension: 32)), 100)
    let collection = try database.createCollection(.test("b", dimension: 32))
    try Self.fill(collection, 9000)
    try collection.finishIndex()
    try folder.tamper("UPDATE records_1 SET metadata = '{}' WHERE id = '42'")
    try #require(database.indexes.entry(of: collection.info)).index.graph.codes.row(17)[3] ^= 0x40
    let problems = try database.check().problems
    #expect(problems.contains { $0.contains("record 42 in collection a") })
    #expect(
      problems.contains { $0.contains("index of collection b") && $0.contains("key 18") }, "\(problems)")
  }

  @Test func `A check finds an index that says something else than the records`() throws {
    let collection = try database.createCollection(.test(dimension: 32))
    try Self.fill(collection, 9000)
    try collection.finishIndex()
    #expect(try database.check().problems.isEmpty)
    let index = try #require(database.indexes.entry(of: collection.info)).index
    index.graph.codes.row(17)[3] ^= 0x40
    let problems = try database.check().problems
    #expect(problems.count == 1 && problems.first?.contains("key 18") == true)
  }
}

/// Says to another thread that it should stop, and waits until it has.
private final class Flag: @unchecked Sendable {
  private let condition = NSCondition()
  private var wasSet = false
  private var finished = false

  var isSet: Bool { condition.withLock { wasSet } }
  func set() { condition.withLock { wasSet = true } }
  func finish() {
    condition.withLock {
      finished = true
      condition.signal()
    }
  }
  func waitForFinish() { condition.withLock { while !finished { condition.wait() } } }
}
