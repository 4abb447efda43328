import Foundation
import MartletSeededRandom
import Testing

@testable import MartletVectorStore

/// Damage to SQLite's write-ahead log, which holds the last transactions: none of them is missing without a word.
@Suite struct LogDamageTests {
  private let folder: TemporaryFolder
  private let transactions = 12

  init() throws { folder = try TemporaryFolder() }

  /// A copy of a database's folder as a killed writer leaves it, its log full of transactions.
  private func killed() throws -> TemporaryFolder {
    let database = try Database.open(at: folder.path)
    let collection = try database.createCollection(.test())
    for number in 0..<transactions {
      try collection.add([
        Record(id: "r\(number)", embedding: [1, Float(number), 2], document: "text \(number)")
      ])
    }
    return try copy(folder)
  }

  private func copy(_ folder: TemporaryFolder) throws -> TemporaryFolder {
    let copy = try TemporaryFolder()
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where !name.hasSuffix("-shm")
    {
      try FileManager.default.copyItem(atPath: folder.path + "/" + name, toPath: copy.path + "/" + name)
    }
    return copy
  }

  private func log(of folder: TemporaryFolder) -> URL { URL(fileURLWithPath: folder.databaseFile + "-wal") }

  /// Nil where it was refused.
  private func count(_ folder: TemporaryFolder, _ mode: Database.Mode) throws -> Int? {
    do {
      return try Database.open(at: folder.path, mode: mode).collection(named: "test").get().count
    } catch is VectorStoreError {
      return nil
    }
  }

  @Test(arguments: [Database.Mode.readWrite, .readOnly])
  func `A log without damage gives back all that was acknowledged`(mode: Database.Mode) throws {
    let left = try killed()
    #expect(try Data(contentsOf: log(of: left)).count > transactions * 32_768)
    #expect(try count(left, mode) == transactions)
  }

  @Test func `A bit that changed anywhere in the log is no loss without a word`() throws {
    let left = try killed()
    let whole = [UInt8](try Data(contentsOf: log(of: left)))
    var random = SplitMix64(seed: 14)
    var refused = 0
    for round in 0..<60 {
      let damaged = try copy(left)
      var bytes = whole
      // Every frame's header at some time, and anything.
      let frame = 32 + (32_768 + 24) * Int.random(in: 0..<(whole.count - 32) / (32_768 + 24), using: &random)
      let place = round % 2 == 0 ? frame + round % 24 : Int.random(in: 0..<bytes.count, using: &random)
      bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      try Data(bytes).write(to: log(of: damaged))
      switch try count(damaged, round % 3 == 0 ? .readOnly : .readWrite) {
      case nil:
        refused += 1
        // What is left of it is not done away with.
        #expect(try [UInt8](Data(contentsOf: log(of: damaged))) == bytes)
      case let found: #expect(found == transactions, "bit at \(place)")
      }
    }
    #expect(refused > 30)
  }

  @Test func `A log that was cut off or deleted is missed`() throws {
    let left = try killed()
    let whole = try Data(contentsOf: log(of: left))
    for part in [0, 10, 32, whole.count / 3, whole.count / 2, whole.count - 1] {
      let damaged = try copy(left)
      try whole.prefix(part).write(to: log(of: damaged))
      #expect(throws: VectorStoreError.self, "\(part) bytes") { try Database.open(at: damaged.path) }
    }
    let damaged = try copy(left)
    try FileManager.default.removeItem(at: log(of: damaged))
    #expect(throws: VectorStoreError.self) { try Database.open(at: damaged.path, mode: .readOnly) }
  }

  @Test func `The error says what is lost, and how to go on without it`() throws {
    let database = try Database.open(at: folder.path)
    let collection = try database.createCollection(.test())
    try collection.add([Record(id: "kept", embedding: [1, 0, 0])])
    try database.checkpoint()
    try collection.add([Record(id: "lost", embedding: [0, 1, 0])])
    let left = try copy(folder)
    try FileManager.default.removeItem(at: log(of: left))
    let mark = left.path + "/last-transaction"
    let error = VectorStoreError.lostTransactions(path: left.path, kept: 3, found: 2, mark: mark)
    #expect(throws: error) { try Database.open(at: left.path) }
    #expect(error.description.contains("delete \(mark)"))
    try FileManager.default.removeItem(atPath: mark)
    #expect(try Database.open(at: left.path).collection(named: "test").get().map(\.id) == ["kept"])
  }

  @Test func `A file that was emptied is not taken for a new one; a folder without the file is`() throws {
    let database = try Database.open(at: folder.path)
    _ = try database.createCollection(.test())
    database.close()
    let left = try copy(folder)
    try Data().write(to: URL(fileURLWithPath: left.databaseFile))
    for mode in [Database.Mode.readWrite, .readOnly] {
      #expect(throws: VectorStoreError.self) { try Database.open(at: left.path, mode: mode) }
    }
    try FileManager.default.removeItem(atPath: left.databaseFile)
    #expect(try Database.open(at: left.path).collections().isEmpty)
  }

  @Test func `A damaged mark is said to be one, and written anew`() throws {
    func write() throws { _ = try Database.open(at: folder.path).createCollection(.test()) }
    try write()
    let mark = URL(fileURLWithPath: folder.path + "/last-transaction")
    #expect(try TransactionMark.read(folder: folder.path) == .transaction(1))
    try Data("martlet-transaction 1 7 0                   ".utf8).write(to: mark)
    let again = try Database.open(at: folder.path)
    #expect(again.takeWarnings().count == 1)
    try again.collection(named: "test").add([Record(id: "a", embedding: [1, 2, 3])])
    #expect(try TransactionMark.read(folder: folder.path) == .transaction(2))
  }
}
