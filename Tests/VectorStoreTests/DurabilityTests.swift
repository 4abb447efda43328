import Foundation
import MartletSeededRandom
import Testing

@testable import MartletVectorStore

@Suite struct DurabilityTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func source(_ path: String, hash: String = "h") -> Source {
    Source(path: path, byteCount: 1, modificationDate: Date(timeIntervalSince1970: 2), hash: hash)
  }

  @Test func `A source is replaced in one transaction`() throws {
    let database = try Database.open(at: folder.path)
    let collection = try database.createCollection(.test())
    try database.transaction {
      try $0.replace(
        source("/a"), in: collection,
        with: [
          Record(id: "1", embedding: [1, 0, 0], document: "one"), Record(id: "2", embedding: [0, 1, 0]),
        ])
      try $0.replace(source("/b"), in: collection, with: [Record(id: "3", embedding: [1, 0, 0])])
    }
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try database.transaction {
        try $0.replace(source("/a"), in: collection, with: [Record(id: "9", embedding: [1, 0, 0])])
        throw Stop()
      }
    }
    #expect(try collection.records(ofSource: "/a").map(\.id) == ["1", "2"])
    try database.transaction {
      try $0.replace(
        source("/a", hash: "new"), in: collection, with: [Record(id: "2", embedding: [1, 1, 0])])
    }
    #expect(try collection.records(ofSource: "/a").map(\.id) == ["2"])
    #expect(try collection.search(words: "one", limit: 1).isEmpty)
    #expect(try collection.sources()["/a"]?.hash == "new")
    try database.transaction {
      try $0.updateSource(path: "/a", to: source("/moved"), in: collection)
      try $0.deleteSource(path: "/b", from: collection)
    }
    #expect(try collection.get(limit: 9).map(\.path) == ["/moved"])
  }

  @Test func `An update of a source keeps its new details and its records`() throws {
    let database = try Database.open(at: folder.path)
    let collection = try database.createCollection(.test())
    try database.transaction {
      try $0.replace(source("/a"), in: collection, with: [Record(id: "1", embedding: [1, 0, 0])])
      var touched = source("/a")
      (touched.modificationDate, touched.details) = (Date(timeIntervalSince1970: 7), ["indexed": .integer(9)])
      try $0.updateSource(path: "/a", to: touched, in: collection)
    }
    let found = try #require(try collection.sources()["/a"])
    #expect(
      found.modificationDate == Date(timeIntervalSince1970: 7) && found.details == ["indexed": .integer(9)])
    #expect(try collection.records(ofSource: "/a").map(\.id) == ["1"])
  }

  @Test func `A file that a writer left empty counts as none, and the next writer makes the tables`() throws {
    try Data().write(to: URL(fileURLWithPath: folder.databaseFile))
    #expect(throws: VectorStoreError.missing(path: folder.path)) {
      try Database.open(at: folder.path, mode: .readOnly)
    }
    // As it is after the first pragmas, before the tables.
    try folder.tamper("PRAGMA page_size = 8192; PRAGMA journal_mode = WAL")
    #expect(throws: VectorStoreError.missing(path: folder.path)) {
      try Database.open(at: folder.path, mode: .readOnly)
    }
    #expect(try Database.open(at: folder.path).collections().isEmpty)
  }

  @Test func `A second writer is refused until the first is gone`() throws {
    var first: Database? = try Database.open(at: folder.path)
    #expect(throws: VectorStoreError.busyWriter(path: folder.path)) { try Database.open(at: folder.path) }
    _ = try Database.open(at: folder.path, mode: .readOnly)
    _ = first
    first = nil
    _ = try Database.open(at: folder.path)
  }

  @Test func `A newer format, another program's file and no file at all are told apart`() throws {
    #expect(throws: VectorStoreError.missing(path: folder.path)) {
      try Database.open(at: folder.path, mode: .readOnly)
    }
    _ = try Database.open(at: folder.path)
    try folder.tamper("PRAGMA user_version = 99")
    #expect(throws: VectorStoreError.newerFormat(path: folder.databaseFile, found: 99, supported: 4)) {
      try Database.open(at: folder.path)
    }
    let foreign = try TemporaryFolder()
    try foreign.tamper("CREATE TABLE t (x)")
    #expect(throws: VectorStoreError.self) { try Database.open(at: foreign.path) }
    let noise = try TemporaryFolder()
    try Data((0..<9000).map { UInt8(truncatingIfNeeded: $0 * 7) }).write(
      to: URL(fileURLWithPath: noise.databaseFile))
    #expect(
      throws: VectorStoreError.notADatabase(path: noise.databaseFile, detail: "file is not a database")
    ) { try Database.open(at: noise.path) }
  }

  @Test(arguments: [
    ("UPDATE records_1 SET document = 'swifter swift' WHERE id = 'a'", "text or metadata", false),
    ("UPDATE records_1 SET metadata = '{\"x\":2}' WHERE id = 'a'", "text or metadata", false),
    ("UPDATE records_1 SET embedding = zeroblob(12) WHERE id = 'a'", "vector", true),
    ("UPDATE records_1 SET embedding = x'00' WHERE id = 'a'", "vector", true),
  ])
  func `Damage to a record is an error that names it`(sql: String, part: String, isVector: Bool) throws {
    var database: Database? = try Database.open(at: folder.path)
    try database?.createCollection(.test()).add([
      Record(id: "a", embedding: [1, 0, 0], document: "swift", metadata: ["x": .integer(1)])
    ])
    database = nil
    try folder.tamper(sql)
    let collection = try Database.open(at: folder.path, mode: .readOnly).collection(named: "test")
    let error = VectorStoreError.damagedRecord(collection: "test", id: "a", part: part)
    #expect(throws: error) { try collection.get(ids: ["a"]) }
    #expect(throws: error) { try collection.nearest(to: [1, 0, 0], limit: 1) }
    if !isVector { #expect(throws: error) { try collection.search(words: "swift", limit: 1) } }
  }

  @Test func `Vectors that changed places are found out`() throws {
    var database: Database? = try Database.open(at: folder.path)
    try database?.createCollection(.test()).add([
      Record(id: "a", embedding: [1, 0, 0]), Record(id: "b", embedding: [0, 1, 0]),
    ])
    database = nil
    try folder.tamper(
      """
      UPDATE records_1 SET embedding = (SELECT embedding FROM records_1 WHERE id = 'b'),
        vector_checksum = (SELECT vector_checksum FROM records_1 WHERE id = 'b') WHERE id = 'a'
      """)
    let collection = try Database.open(at: folder.path, mode: .readOnly).collection(named: "test")
    #expect(throws: VectorStoreError.damagedRecord(collection: "test", id: "a", part: "vector")) {
      try collection.nearest(to: [1, 0, 0], limit: 1)
    }
  }

  @Test func `The log gives the space of a large transaction back to the disk`() throws {
    let database = try Database.open(at: folder.path)
    let collection = try database.createCollection(.test())
    func logBytes() throws -> Int {
      let attributes = try FileManager.default.attributesOfItem(atPath: folder.databaseFile + "-wal")
      return try #require(attributes[.size] as? Int)
    }
    let long = String(repeating: "swift ", count: 5_000_000)
    try collection.add([Record(id: "large", embedding: [1, 0, 0], metadata: ["text": .string(long)])])
    #expect(try logBytes() > 24_000_000)
    for number in 0..<3 { try collection.add([Record(id: "\(number)", embedding: [1, 0, 0])]) }
    #expect(try logBytes() <= 16 << 20)
    #expect(try collection.count() == 4)
  }

  @Test func `Flipped bits anywhere in the file give errors or the right data, never other data`() throws {
    var database: Database? = try Database.open(at: folder.path)
    let records = (0..<200).map {
      Record(
        id: "r\($0)", embedding: [1, Float($0), 2], document: "word\($0) and some text",
        metadata: ["n": .integer($0)])
    }
    try database?.createCollection(.test()).add(records)
    try database?.checkpoint()
    database = nil
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.databaseFile)))
    var generator = SplitMix64(seed: 5)
    var refused = 0
    for _ in 0..<150 {
      var bytes = whole
      bytes[Int.random(in: 0..<bytes.count, using: &generator)] ^=
        1 << UInt8.random(in: 0..<8, using: &generator)
      let damaged = try TemporaryFolder()
      try Data(bytes).write(to: URL(fileURLWithPath: damaged.databaseFile))
      do {
        let collection = try Database.open(at: damaged.path).collection(named: "test")
        // Whatever is handed out has to be what was written.
        let found = try collection.get(limit: 1000)
        #expect(found.allSatisfy { records.contains($0) })
        for match in try collection.nearest(to: [1, 5, 2], limit: 3) {
          #expect(records.contains { $0.id == match.record.id && $0.document == match.record.document })
        }
      } catch is VectorStoreError {
        refused += 1
      }
    }
    #expect(refused > 0)
  }

  @Test func `A full disk is said to be one, and nothing is lost`() throws {
    let database = try Database.open(at: folder.path)
    let collection = try database.createCollection(.test())
    try collection.add([Record(id: "kept", embedding: [1, 0, 0])])
    let text = String(repeating: "word ", count: 20_000)
    #expect(throws: VectorStoreError.diskFull(path: folder.databaseFile)) {
      try database.transaction { transaction in
        // SQLite answers as it does when the disk has no room.
        try transaction.connection.execute("PRAGMA max_page_count = 30")
        for index in 0..<200 {
          try transaction.upsert(
            [Record(id: "\(index)", embedding: [1, 0, 0], document: text)], to: collection)
        }
      }
    }
    #expect(try collection.get(limit: 10).map(\.id) == ["kept"])
  }
}
