import MartletCSQLite

/// A value that is bound to a parameter of a statement.
enum SQLiteValue {
  case null
  case integer(Int64)
  case double(Double)
  case text(String)
  case blob([UInt8])

  static func integer(_ value: Int) -> SQLiteValue { .integer(Int64(value)) }
  static func optional(_ value: Int?) -> SQLiteValue { value.map { .integer(Int64($0)) } ?? .null }
  static func optional(_ value: String?) -> SQLiteValue { value.map { .text($0) } ?? .null }
}

/// A connection to one SQLite file, with the statements that it has prepared.
///
/// Statements hold a cursor, so a connection is used by one thread at a time: its owner keeps it in a mutex, which is
/// what makes it sendable.
final class SQLiteConnection: @unchecked Sendable {
  /// How long a connection waits for others' locks, in milliseconds.
  static let patience: Int32 = 10_000

  let path: String
  private let handle: OpaquePointer
  private let isReadOnly: Bool
  private var statements = [String: OpaquePointer]()
  private var deadline: Deadline?

  init(path: String, readOnly: Bool) throws(VectorStoreError) {
    self.path = path
    var handle: OpaquePointer?
    let flags = readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    guard let pages = CheckedPages.name else {
      throw .system(path: path, detail: "SQLite: the file system that checks pages could not be added to it")
    }
    let code = sqlite3_open_v2(path, &handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, pages)
    guard code == SQLITE_OK, let handle else {
      let detail = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
      let number = handle.map { sqlite3_system_errno($0) } ?? 0
      sqlite3_close(handle)
      if number != 0 { throw .refusal(path: path, doing: detail + ": ", number: number) }
      throw .system(path: path, detail: detail)
    }
    self.handle = handle
    isReadOnly = readOnly
    sqlite3_busy_timeout(handle, Self.patience)
    var installed = TextFunctions.install(on: handle)
    if installed == SQLITE_OK { installed = WordFunctions.install(on: handle) }
    if installed == SQLITE_OK, !readOnly { installed = CheckedPages.reserve(on: handle) }
    guard installed == SQLITE_OK else { throw error(installed) }
  }

  deinit {
    for statement in statements.values { sqlite3_finalize(statement) }
    sqlite3_close_v2(handle)
  }

  /// Runs statements without parameters or results.
  func execute(_ sql: String) throws(VectorStoreError) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw error(code) }
  }

  /// Runs one statement to its end.
  func run(_ sql: String, _ values: SQLiteValue...) throws(VectorStoreError) {
    _ = try rows(sql, values) { (_: SQLiteRow) throws(VectorStoreError) in () }
  }

  /// The first row's first column as an integer; nil where there is no row or it is NULL.
  func integer(_ sql: String, _ values: SQLiteValue...) throws(VectorStoreError) -> Int? {
    try rows(sql, values) { (row: SQLiteRow) throws(VectorStoreError) in
      row.isNull(0) ? nil : Int(row.integer(0))
    }
    .first.flatMap { $0 }
  }

  /// The rows of a query, each as `read` makes it.
  func rows<Element>(
    _ sql: String, _ values: [SQLiteValue] = [], _ read: (SQLiteRow) throws(VectorStoreError) -> Element
  ) throws(VectorStoreError) -> [Element] {
    var elements = [Element]()
    try forEachRow(sql, values) { (row: SQLiteRow) throws(VectorStoreError) in elements.append(try read(row))
    }
    return elements
  }

  /// Calls `body` with each row of a query as it comes. `body` must not run the same query again.
  func forEachRow(
    _ sql: String, _ values: [SQLiteValue] = [], _ body: (SQLiteRow) throws(VectorStoreError) -> Void
  ) throws(VectorStoreError) {
    try deadline?.check()
    let statement = try prepare(sql)
    defer {
      sqlite3_reset(statement)
      sqlite3_clear_bindings(statement)
    }
    for (index, value) in values.enumerated() { try bind(value, to: Int32(index + 1), of: statement) }
    while true {
      let code = sqlite3_step(statement)
      if code == SQLITE_DONE { return }
      guard code == SQLITE_ROW else { throw error(code) }
      try body(SQLiteRow(statement: statement))
    }
  }

  /// How many rows the last statement inserted, changed or deleted.
  var changes: Int { Int(sqlite3_changes64(handle)) }
  /// The key of the row that was inserted last.
  var lastInsertedKey: Int64 { sqlite3_last_insert_rowid(handle) }
  /// Gives back the memory of pages that are kept for later.
  func releasePages() { sqlite3_db_release_memory(handle) }
  /// Whether no transaction is open.
  var isOutsideTransaction: Bool { sqlite3_get_autocommit(handle) != 0 }

  /// Whether pages have room for checksums, or will have it, where this connection writes.
  var hasCheckedPages: Bool { CheckedPages.haveRoom(in: handle) }

  /// Runs `body` between BEGIN and COMMIT, and takes everything back if it throws.
  func transaction<Result>(writing: Bool, _ body: () throws -> Result) throws -> Result {
    try execute(writing ? "BEGIN IMMEDIATE" : "BEGIN DEFERRED")
    do {
      let result = try body()
      try execute("COMMIT")
      return result
    } catch {
      // A full disk or an I/O error may have rolled back already.
      if !isOutsideTransaction { try? execute("ROLLBACK") }
      throw error
    }
  }

  /// Runs `body`, in which statements are given up once the deadline has passed, also one that finds no row.
  func until<Result>(_ deadline: Deadline?, _ body: () throws -> Result) rethrows -> Result {
    guard let deadline else { return try body() }
    self.deadline = deadline
    // A scan takes some ten steps a record.
    sqlite3_progress_handler(
      handle, 100,
      { connection in
        guard let connection else { return 0 }
        let known = Unmanaged<SQLiteConnection>.fromOpaque(connection).takeUnretainedValue().deadline
        return known?.isOver == true ? 1 : 0
      }, Unmanaged.passUnretained(self).toOpaque())
    defer {
      sqlite3_progress_handler(handle, 0, nil, nil)
      self.deadline = nil
    }
    return try body()
  }

  private func prepare(_ sql: String) throws(VectorStoreError) -> OpaquePointer {
    if let known = statements[sql] { return known }
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
    guard code == SQLITE_OK, let statement else { throw error(code) }
    statements[sql] = statement
    return statement
  }

  private func bind(_ value: SQLiteValue, to index: Int32, of statement: OpaquePointer)
    throws(VectorStoreError)
  {
    // SQLITE_TRANSIENT: SQLite makes a copy of its own.
    let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    let code =
      switch value {
      case .null: sqlite3_bind_null(statement, index)
      case .integer(let number): sqlite3_bind_int64(statement, index, number)
      case .double(let number): sqlite3_bind_double(statement, index, number)
      case .text(let text):
        sqlite3_bind_text(statement, index, text, Int32(clamping: text.utf8.count), transient)
      case .blob(let bytes) where bytes.isEmpty: sqlite3_bind_zeroblob(statement, index, 0)
      case .blob(let bytes): sqlite3_bind_blob64(statement, index, bytes, UInt64(bytes.count), transient)
      }
    guard code == SQLITE_OK else { throw error(code) }
  }

  /// SQLite's last error on this connection as one of ours.
  private func error(_ code: Int32) -> VectorStoreError {
    if code == CheckedPages.damage {
      let page = CheckedPages.damagedPage(of: handle)
      return .damaged(
        path: path, detail: "page \(page) is not what was written (its checksum does not match)")
    }
    let detail = String(cString: sqlite3_errmsg(handle))
    switch code & 0xFF {
    case SQLITE_INTERRUPT where deadline != nil: return .timeLimit(seconds: deadline?.seconds ?? 0)
    case SQLITE_FULL: return .diskFull(path: path)
    case SQLITE_CORRUPT: return .damaged(path: path, detail: detail)
    case SQLITE_NOTADB: return .notADatabase(path: path, detail: detail)
    case SQLITE_BUSY, SQLITE_LOCKED: return .busyWriter(path: path)
    // A connection that was to write is refused by the system, not by us.
    case SQLITE_READONLY: return isReadOnly ? .readOnly : .noPermission(path: path)
    case SQLITE_PERM: return .noPermission(path: path)
    case SQLITE_CANTOPEN, SQLITE_IOERR:
      let number = sqlite3_system_errno(handle)
      return number == 0
        ? .system(path: path, detail: "SQLite: \(detail) (code \(code))")
        : .refusal(path: path, doing: "SQLite: \(detail) (code \(code)): ", number: number)
    default: return .system(path: path, detail: "SQLite: \(detail) (code \(code))")
    }
  }
}

/// The current row of a statement; valid until the next one.
struct SQLiteRow {
  fileprivate let statement: OpaquePointer

  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }
  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }
  func optionalInteger(_ column: Int32) -> Int? { isNull(column) ? nil : Int(integer(column)) }
  func double(_ column: Int32) -> Double { sqlite3_column_double(statement, column) }

  func text(_ column: Int32) -> String {
    withBytes(column) { String(decoding: $0, as: UTF8.self) }
  }

  func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

  /// The bytes of a blob or a text, valid during the call.
  func withBytes<Result>(_ column: Int32, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    // The pointer has to be asked for before the count: asking may convert the value.
    let start =
      sqlite3_column_type(statement, column) == SQLITE_BLOB
      ? sqlite3_column_blob(statement, column)
      : sqlite3_column_text(statement, column).map { UnsafeRawPointer($0) }
    let count = Int(sqlite3_column_bytes(statement, column))
    return body(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
  }
}
