import Foundation
import MartletCSQLite
import MartletSQLite
import MartletSeededRandom
import Testing

@Suite("Formats, migrations and checked pages of SQLite files")
struct SQLiteFormatTests {
  private static let format = SQLiteFormat(applicationID: 0x4269_7264, version: 3, firstCheckedVersion: 2)

  private func open(
    _ file: TemporaryFile, _ format: SQLiteFormat = format, readOnly: Bool = false
  ) throws(SQLiteError) -> SQLiteConnection<SQLiteError> {
    try SQLiteConnection(path: file.path, readOnly: readOnly, format: format)
  }

  @Test("An empty file is made one of the format, with checked pages of the size asked for")
  func creation() throws {
    let file = try TemporaryFile()
    let connection = try open(file)
    #expect(try connection.formatState() == .empty)
    try connection.create(pageSize: 8192, tables: "CREATE TABLE t (x); CREATE INDEX by_x ON t (x)")
    #expect(try connection.formatState() == .current)
    #expect(connection.hasCheckedPages)
    #expect(try connection.integer("PRAGMA page_size") == 8192)
    let newer = SQLiteFormat(applicationID: 0x4269_7264, version: 2, firstCheckedVersion: 2)
    #expect(throws: SQLiteError.newerFormat(path: file.path, found: 3, supported: 2)) {
      try open(file, newer, readOnly: true).formatState()
    }
  }

  @Test("Tables that cannot be made leave an empty file")
  func failedCreation() throws {
    let file = try TemporaryFile()
    let connection = try open(file)
    #expect(throws: SQLiteError.self) {
      try connection.create(tables: "CREATE TABLE t (x); CREATE TABLE t (x)")
    }
    let again = try open(file)
    #expect(try again.formatState() == .empty)
    try again.create(tables: "CREATE TABLE t (x)")
    #expect(try again.formatState() == .current)
  }

  @Test("A file of an early version gets its steps and its checksums; a step that fails has not begun")
  func migrations() throws {
    struct Stop: Error {}
    let file = try TemporaryFile()
    var handle: OpaquePointer?
    sqlite3_open(file.path, &handle)
    sqlite3_exec(
      handle,
      "PRAGMA application_id = 1114206820; PRAGMA user_version = 1; CREATE TABLE t (x); INSERT INTO t VALUES (1)",
      nil, nil, nil)
    sqlite3_close(handle)
    let connection = try open(file)
    #expect(try connection.formatState() == .older(1))
    #expect(try !open(file, readOnly: true).hasCheckedPages)
    try connection.addChecksums()
    #expect(try open(file, readOnly: true).hasCheckedPages)
    #expect(try connection.formatState() == .older(2))
    #expect(throws: SQLiteError.self) {
      try connection.migrate(to: 3) { (connection) throws(SQLiteError) in
        try connection.execute("DROP TABLE t; SELECT nonsense")
      }
    }
    #expect(try connection.formatState() == .older(2))
    try connection.migrate(to: 3) { (connection) throws(SQLiteError) in
      try connection.execute("ALTER TABLE t ADD COLUMN y DEFAULT 5")
    }
    #expect(try connection.formatState() == .current)
    #expect(try connection.integer("SELECT x + y FROM t") == 6)
  }

  @Test("A changed bit in any page is an error that names the page, wherever it is read")
  func damage() throws {
    let seed: UInt64 = 11
    var random = SplitMix64(seed: seed)
    let file = try TemporaryFile()
    let pages = try fill(file)
    for _ in 0..<40 {
      let page = Int.random(in: 2...pages, using: &random)
      let offset = UInt64((page - 1) * 4096 + Int.random(in: 0..<4096, using: &random))
      let bit = Int.random(in: 0..<8, using: &random)
      try file.flip(bit: bit, at: offset)
      let error = #expect(throws: SQLiteError.self, "seed \(seed), byte \(offset)") { try readAll(file) }
      #expect("\(try #require(error))".contains("page \(page) is not what was written"), "seed \(seed)")
      try file.flip(bit: bit, at: offset)
    }
    try readAll(file)
  }

  @Test("Two formats do not take each other's files for their own")
  func formats() throws {
    let file = try TemporaryFile()
    _ = try fill(file)
    let other = SQLiteFormat(applicationID: 0x4F74_6872, version: 1)
    let connection = try open(file, other, readOnly: true)
    #expect(
      throws: SQLiteError.otherFormat(path: file.path, detail: "another program's mark is in its header")
    ) {
      try connection.formatState()
    }
    // Its pages say of themselves that they have checksums, so that they are checked here as well.
    #expect(connection.hasCheckedPages)
    #expect(try connection.integer("SELECT count(*) FROM t") == 2000)
  }

  /// Makes a file of many pages, and gives their number.
  private func fill(_ file: TemporaryFile) throws -> Int {
    let connection = try open(file)
    try connection.create(tables: "CREATE TABLE t (x TEXT)")
    try connection.transaction(writing: true) {
      for row in 0..<2000 {
        try connection.run(
          "INSERT INTO t VALUES (?)", .text("\(row) ".padding(toLength: 100, withPad: "x", startingAt: 0)))
      }
    }
    try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return try connection.integer("PRAGMA page_count") ?? 0
  }

  private func readAll(_ file: TemporaryFile) throws {
    let connection = try open(file, readOnly: true)
    // The structure, the free pages and the map of pages with them.
    try connection.run("PRAGMA integrity_check")
    _ = try connection.integer("SELECT sum(length(x)) FROM t")
  }
}
