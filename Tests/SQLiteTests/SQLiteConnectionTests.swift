import MartletCSQLite
import MartletSQLite
import Testing

@Suite("Connections to SQLite")
struct SQLiteConnectionTests {
  static let format = SQLiteFormat(applicationID: 0x4269_7264, version: 1)

  private func memory() throws -> SQLiteConnection<SQLiteError> {
    try SQLiteConnection(path: ":memory:", readOnly: false, format: Self.format)
  }

  @Test("Every kind of value comes back as it was bound")
  func values() throws {
    let connection = try memory()
    let values: [SQLiteValue] = [
      .null, .integer(-7), .double(2.5), .text("Größe\u{0}x"), .blob([0, 255]), .blob([]), .optional(3),
      .optional(nil as Int?), .optional("a"), .optional(nil as String?),
    ]
    let list = values.map { _ in "?" }.joined(separator: ", ")
    let kinds = try connection.rows("SELECT \(list)", values) { row throws(SQLiteError) in
      #expect(row.isNull(0) && row.optionalInteger(0) == nil && row.optionalText(0) == nil)
      #expect(row.integer(1) == -7 && row.optionalInteger(1) == -7 && row.double(2) == 2.5)
      #expect(row.text(3) == "Größe\u{0}x" && row.withBytes(4) { Array($0) } == [0, 255])
      #expect(row.withBytes(5) { $0.count } == 0 && !row.isNull(5))
      #expect(row.integer(6) == 3 && row.isNull(7) && row.optionalText(8) == "a" && row.isNull(9))
      return 1
    }
    #expect(kinds == [1])
    #expect(try connection.integer("SELECT NULL") == nil && connection.integer("SELECT 1 WHERE 0") == nil)
  }

  @Test("A transaction that throws leaves nothing behind; changes and keys are counted")
  func transactions() throws {
    struct Stop: Error {}
    let connection = try memory()
    try connection.execute("CREATE TABLE t (key INTEGER PRIMARY KEY, x)")
    try connection.transaction(writing: true) {
      try connection.run("INSERT INTO t (x) VALUES (?), (?)", .integer(1), .text("b"))
    }
    #expect(connection.changes == 2 && connection.lastInsertedKey == 2)
    #expect(throws: Stop.self) {
      try connection.transaction(writing: true) {
        try connection.run("DELETE FROM t")
        throw Stop()
      }
    }
    #expect(connection.isOutsideTransaction)
    #expect(try connection.integer("SELECT count(*) FROM t") == 2)
  }

  @Test("Errors say what was wrong, and are of the type that the caller makes of them")
  func errors() throws {
    let file = try TemporaryFile()
    #expect(throws: SQLiteError.self) {
      try SQLiteConnection(path: file.path, readOnly: true, format: Self.format)
    }
    let connection = try SQLiteConnection(path: file.path, readOnly: false, format: Self.format)
    let error = #expect(throws: SQLiteError.self) { try connection.execute("SELECT x FROM nowhere") }
    #expect("\(try #require(error))".contains("no such table: nowhere"))
    try connection.execute("CREATE TABLE t (x)")
    let reader = try SQLiteConnection(path: file.path, readOnly: true, format: Self.format)
    #expect(throws: SQLiteError.readOnly(path: file.path)) { try reader.execute("DELETE FROM t") }
    struct Own: Error, Equatable { let message: String }
    let own = try SQLiteConnection(
      path: file.path, readOnly: true, format: Self.format, functions: { _ in SQLITE_OK },
      failure: { Own(message: "\($0)") })
    #expect(throws: Own(message: "\(file.path) was opened for reading only.")) {
      try own.execute("DELETE FROM t")
    }
  }

  @Test("A file of another program, and bytes that are none, are told apart from damage")
  func otherFiles() throws {
    let file = try TemporaryFile()
    var handle: OpaquePointer?
    sqlite3_open(file.path, &handle)
    sqlite3_exec(handle, "PRAGMA application_id = 7; CREATE TABLE t (x)", nil, nil, nil)
    sqlite3_close(handle)
    let foreign = try SQLiteConnection(path: file.path, readOnly: true, format: Self.format)
    #expect(
      throws: SQLiteError.otherFormat(path: file.path, detail: "another program's mark is in its header")
    ) {
      try foreign.formatState()
    }
    #expect(try foreign.integer("SELECT count(*) FROM t") == 0 && !foreign.hasCheckedPages)
  }

  @Test("A statement is given up when its deadline has passed, also one that finds nothing")
  func deadlines() throws {
    let connection = try memory()
    let endless =
      "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n WHERE x < 0"
    #expect(throws: SQLiteError.timeLimit(seconds: 0.05)) {
      try connection.until(Deadline(seconds: 0.05)) { try connection.run(endless) }
    }
    #expect(throws: SQLiteError.timeLimit(seconds: 0)) {
      try connection.until(Deadline(seconds: 0)) { try connection.run("SELECT 1") }
    }
    // It holds for what was run within, and for nothing after it.
    #expect(try connection.integer("SELECT 1") == 1)
    #expect(try connection.until(nil) { try connection.integer("SELECT 2") } == 2)
  }

  @Test("Functions are those that the caller installs")
  func functions() throws {
    let connection = try SQLiteConnection(
      path: ":memory:", readOnly: false, format: Self.format,
      functions: { handle in
        sqlite3_create_function_v2(
          handle, "seven", 0, SQLITE_UTF8, nil, { context, _, _ in sqlite3_result_int(context, 7) }, nil, nil,
          nil)
      })
    #expect(try connection.integer("SELECT seven()") == 7)
    #expect(throws: SQLiteError.self) { try memory().integer("SELECT seven()") }
    #expect(throws: SQLiteError.self) {
      try SQLiteConnection(
        path: ":memory:", readOnly: false, format: Self.format, functions: { _ in SQLITE_ERROR })
    }
  }

  @Test("Readers of a pool see one state each while a writer goes on")
  func pool() throws {
    let file = try TemporaryFile()
    let writer = try SQLiteConnection(path: file.path, readOnly: false, format: Self.format)
    try writer.create(tables: "CREATE TABLE t (x)")
    try writer.writeDurably(keptLogBytes: 1 << 20)
    let path = file.path
    let open = { @Sendable () throws(SQLiteError) in
      try SQLiteConnection(path: path, readOnly: true, format: Self.format)
    }
    let pool = ReaderPool(first: try open(), open: open)
    try pool.read { first in
      #expect(try first.integer("SELECT count(*) FROM t") == 0)
      try writer.run("INSERT INTO t VALUES (1)")
      #expect(try first.integer("SELECT count(*) FROM t") == 0)
      #expect(try pool.read { try $0.integer("SELECT count(*) FROM t") } == 1)
    }
    pool.releasePages()
    #expect(try pool.withConnection { try $0.integer("SELECT count(*) FROM t") } == 1)
  }
}
