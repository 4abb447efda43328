import Foundation
import Testing

@testable import MartletVectorStore

@Suite struct MigrationTests {
  private let folder: TemporaryFolder

  /// A database that the first version wrote: two files, indexed with MiniLM.
  init() throws {
    folder = try TemporaryFolder()
    let stored = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/format1/martlet.sqlite")
    try FileManager.default.copyItem(at: stored, to: URL(fileURLWithPath: folder.databaseFile))
  }

  @Test(arguments: [Database.Mode.readWrite, .readOnly])
  func `A database of the first format opens with all that is in it`(mode: Database.Mode) throws {
    let collection = try Database.open(at: folder.path, mode: mode).collection(named: "default")
    #expect(collection.configuration.dimension == 384)
    #expect(collection.configuration.embedder?.name == "all-minilm-l6-v2")
    #expect(collection.configuration.namespace == .default)
    let records = try collection.get()
    #expect(records.map(\.path) == ["/home/reader/notes/swifts.txt", "/home/reader/notes/tides.md"])
    #expect(records[1].metadata["headings"] == .string("Tides"))
    #expect(try collection.search(words: "moon", limit: 5).map(\.record.id) == [records[1].id])
    #expect(
      try collection.nearest(to: records[0].embedding, limit: 1).map(\.record.id) == [records[0].id])
    #expect(try collection.sources().count == 2)
  }

  @Test func `What the first format holds can be changed, and numbers are not used twice`() throws {
    let database = try Database.open(at: folder.path)
    let collection = try database.collection(named: "default")
    let number = collection.info.number
    try database.transaction { try $0.deleteSource(path: "/home/reader/notes/tides.md", from: collection) }
    #expect(try collection.search(words: "moon", limit: 5).isEmpty)
    try collection.upsert([
      Record(id: "new", embedding: [Float](repeating: 1, count: 384), document: "the moon", uri: "x:y")
    ])
    #expect(try collection.search(words: "moon", limit: 5).map(\.record.uri) == ["x:y"])
    try database.deleteCollection(named: "default")
    #expect(try database.createCollection(.test()).info.number > number)
    #expect(try Database.open(at: folder.path, mode: .readOnly).collections().map(\.name) == ["test"])
  }

  @Test func `Space of what is deleted comes back to the disk in a file that began in the first format`()
    throws
  {
    let database = try Database.open(at: folder.path)
    let collection = try database.collection(named: "default")
    try collection.upsert(
      (0..<6000).map { Record(id: "\($0)", embedding: [Float](repeating: Float($0 + 1), count: 384)) })
    try database.checkpoint()
    let full = try database.statistics().fileBytes
    try collection.delete(ids: (0..<6000).map { "\($0)" })
    #expect(try database.statistics().fileBytes < full / 2)
  }

  /// What `martlet db create notes --dimension 3 --distance l2 --metadata '{"place": "tower"}'` and an import of three
  /// records wrote, before pages had checksums.
  private func secondFormat() throws -> TemporaryFolder { try stored("format2") }

  private func stored(_ name: String) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let stored = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/\(name)/martlet.sqlite")
    try FileManager.default.copyItem(at: stored, to: URL(fileURLWithPath: folder.databaseFile))
    return folder
  }

  /// What an import of four records wrote while words were what SQLite's own tokenizer takes for words.
  @Test(arguments: [Database.Mode.readWrite, .readOnly])
  func `The index of words of a database of the third format is rebuilt once`(mode: Database.Mode)
    throws
  {
    let folder = try stored("format3")
    do {
      let notes = try Database.open(at: folder.path, mode: mode).collection(named: "notes")
      #expect(try notes.count() == 4)
      for (words, id) in [
        ("灯台", "ja"), ("difficult", "soft"), ("workshop", "soft"), ("rent", "rent"),
      ] {
        #expect(try notes.search(words: words, limit: 5).map(\.record.id) == [id], "\(words)")
      }
    }
    let database = try Database.open(at: folder.path)
    let notes = try database.collection(named: "notes")
    #expect(try notes.ranking(words: "rent", limit: 1).recordCount == 3)
    // Its triggers write the new index, too; a record without a text takes no part.
    #expect(try notes.delete(ids: ["ja", "bare"]) == 2)
    try notes.upsert([Record(id: "rent", embedding: [0, 0, 1], document: "鍵")])
    #expect(try notes.search(words: "灯台 rent", limit: 5).isEmpty)
    #expect(try notes.search(words: "鍵", limit: 5).map(\.record.id) == ["rent"])
    #expect(try notes.ranking(words: "鍵", limit: 1).recordCount == 2)
    #expect(try database.check().problems.isEmpty)
  }

  @Test(arguments: [Database.Mode.readWrite, .readOnly])
  func `A database of the second format opens with all that is in it, and its pages get checksums`(
    mode: Database.Mode
  ) throws {
    let folder = try secondFormat()
    let database = try Database.open(at: folder.path, mode: mode)
    let notes = try database.collection(named: "notes")
    #expect(
      notes.configuration.distance == .l2 && notes.configuration.metadata == ["place": .string("tower")])
    #expect(
      try notes.get() == [
        Record(
          id: "swift", embedding: [1, 0, 0], document: "Swifts sleep on the wing.",
          metadata: ["kind": .string("bird"), "year": .integer(2024)], uri: "file:///swift"),
        Record(
          id: "rent", embedding: [0, 1, 0.5], document: "The rent is due on Friday.",
          metadata: ["tags": .strings(["home", "money"]), "paid": .bool(false), "sum": .double(712.5)]),
        Record(id: "bare", embedding: [0.25, 0.5, 0.75]),
      ])
    #expect(try notes.search(words: "rent", limit: 5).map(\.record.id) == ["rent"])
    #expect(try database.check() == CheckReport(recordCount: 3, collectionCount: 1, problems: []))
    #expect(try database.readers.withConnection { $0.hasCheckedPages })
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.databaseFile)))
    #expect(bytes[20] == 8 && bytes.count % 32_768 == 0)
    // Any page is now held to its checksum.
    bytes[bytes.count - 20_000] ^= 1
    let damaged = try TemporaryFolder()
    try Data(bytes).write(to: URL(fileURLWithPath: damaged.databaseFile))
    #expect(try !Database.open(at: damaged.path).check().problems.isEmpty)
  }

  @Test func `Pages get their checksums after an earlier attempt was killed between its steps`() throws {
    let folder = try secondFormat()
    _ = try Database.open(at: folder.path)
    // All pages were written anew, and the version not yet.
    try folder.tamper("PRAGMA user_version = 2")
    let notes = try Database.open(at: folder.path).collection(named: "notes")
    #expect(try notes.count() == 3)
  }

  @Test func `A migration that is cut off has not begun`() throws {
    // A name that the migration needs for itself stands in its way near its end.
    try folder.tamper("CREATE TABLE newer_collections (x)")
    #expect(throws: VectorStoreError.self) { try Database.open(at: folder.path) }
    try folder.tamper("DROP TABLE newer_collections")
    #expect(try Database.open(at: folder.path).collection(named: "default").count() == 2)
  }
}
