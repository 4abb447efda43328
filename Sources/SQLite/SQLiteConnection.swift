import MartletCSQLite

/// A connection to one SQLite file, with the statements that it has prepared.
///
/// Errors are of the type that the module which opens it has chosen: ``SQLiteError``, or an error of its own that it makes
/// of one.
///
/// ```swift
/// let format = SQLiteFormat(applicationID: 0x4269_7264, version: 1)
/// let connection = try SQLiteConnection(path: path, readOnly: false, format: format)
/// if try connection.formatState() == .empty {
///   try connection.create(tables: "CREATE TABLE birds (name TEXT, grams REAL)")
/// }
/// try connection.run("INSERT INTO birds VALUES (?, ?)", .text("swift"), .double(40))
/// let names = try connection.rows("SELECT name FROM birds") { row throws(SQLiteError) in row.text(0) }
/// ```
///
/// Statements hold a cursor, so a connection is used by one thread at a time: its owner keeps it in a lock, which is what
/// makes it sendable.
public final class SQLiteConnection<Failure: Error>: @unchecked Sendable {
  /// How long a connection waits for others' locks, in milliseconds.
  public static var patience: Int32 { 10_000 }

  /// The file, or `:memory:`.
  public let path: String
  /// The form of the files that it makes, and whose pages it checks.
  public let format: SQLiteFormat
  private let handle: OpaquePointer
  private let isReadOnly: Bool
  private let failure: @Sendable (SQLiteError) -> Failure
  private var statements = [String: OpaquePointer]()
  private let running = RunningDeadline()

  /// Opens a file; a connection that writes makes it where it is missing.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - readOnly: Whether it is only read.
  ///   - format: The form of the files of the module that opens it. Files of others can be read, too.
  ///   - functions: Installs SQL functions and tokenizers on SQLite's own handle, and returns SQLite's result code.
  ///   - failure: Makes the caller's errors of SQLite's.
  public init(
    path: String, readOnly: Bool, format: SQLiteFormat, functions: (OpaquePointer) -> Int32,
    failure: @escaping @Sendable (SQLiteError) -> Failure
  ) throws(Failure) {
    self.path = path
    self.format = format
    self.failure = failure
    var handle: OpaquePointer?
    let flags = readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    guard let pages = CheckedPages.fileSystem(of: format) else {
      throw failure(
        .system(path: path, detail: "SQLite: the file system that checks pages could not be added to it"))
    }
    let code = sqlite3_open_v2(path, &handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, pages)
    guard code == SQLITE_OK, let handle else {
      let detail = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
      let number = handle.map { sqlite3_system_errno($0) } ?? 0
      sqlite3_close(handle)
      throw failure(
        number == 0
          ? .system(path: path, detail: detail) : .refusal(path: path, doing: detail + ": ", number: number))
    }
    self.handle = handle
    isReadOnly = readOnly
    sqlite3_busy_timeout(handle, Self.patience)
    var installed = functions(handle)
    if installed == SQLITE_OK, !readOnly { installed = CheckedPages.reserve(on: handle) }
    guard installed == SQLITE_OK else { throw error(installed) }
  }

  deinit {
    for statement in statements.values { sqlite3_finalize(statement) }
    sqlite3_close_v2(handle)
  }

  /// Runs statements without parameters or results.
  public func execute(_ sql: String) throws(Failure) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw error(code) }
  }

  /// Runs one statement to its end.
  public func run(_ sql: String, _ values: SQLiteValue...) throws(Failure) {
    _ = try rows(sql, values) { (_: SQLiteRow) throws(Failure) in () }
  }

  /// The first row's first column as an integer; nil where there is no row or it is NULL.
  public func integer(_ sql: String, _ values: SQLiteValue...) throws(Failure) -> Int? {
    try rows(sql, values) { (row: SQLiteRow) throws(Failure) in
      row.isNull(0) ? nil : Int(row.integer(0))
    }
    .first.flatMap { $0 }
  }

  /// The rows of a query, each as `read` makes it.
  public func rows<Element>(
    _ sql: String, _ values: [SQLiteValue] = [], _ read: (SQLiteRow) throws(Failure) -> Element
  ) throws(Failure) -> [Element] {
    var elements = [Element]()
    try forEachRow(sql, values) { (row: SQLiteRow) throws(Failure) in elements.append(try read(row))
    }
    return elements
  }

  /// Calls `body` with each row of a query as it comes. `body` must not run the same query again.
  public func forEachRow(
    _ sql: String, _ values: [SQLiteValue] = [], _ body: (SQLiteRow) throws(Failure) -> Void
  ) throws(Failure) {
    if let deadline = running.deadline, deadline.isOver {
      throw failure(.timeLimit(seconds: deadline.seconds))
    }
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
  public var changes: Int { Int(sqlite3_changes64(handle)) }
  /// The key of the row that was inserted last.
  public var lastInsertedKey: Int64 { sqlite3_last_insert_rowid(handle) }
  /// Gives back the memory of pages that are kept for later.
  public func releasePages() { sqlite3_db_release_memory(handle) }
  /// Whether no transaction is open.
  public var isOutsideTransaction: Bool { sqlite3_get_autocommit(handle) != 0 }

  /// Whether pages have room for checksums, or will have it, where this connection writes.
  public var hasCheckedPages: Bool { CheckedPages.haveRoom(in: handle) }

  /// Runs `body` between BEGIN and COMMIT, and takes everything back if it throws.
  public func transaction<Result>(writing: Bool, _ body: () throws -> Result) throws -> Result {
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
  public func until<Result>(_ deadline: Deadline?, _ body: () throws -> Result) rethrows -> Result {
    guard let deadline else { return try body() }
    running.begin(deadline, on: handle)
    defer { running.end(on: handle) }
    return try body()
  }

  private func prepare(_ sql: String) throws(Failure) -> OpaquePointer {
    if let known = statements[sql] { return known }
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
    guard code == SQLITE_OK, let statement else { throw error(code) }
    statements[sql] = statement
    return statement
  }

  private func bind(_ value: SQLiteValue, to index: Int32, of statement: OpaquePointer)
    throws(Failure)
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

  /// SQLite's last error on this connection as one of the caller's.
  private func error(_ code: Int32) -> Failure { failure(sqliteError(code)) }

  private func sqliteError(_ code: Int32) -> SQLiteError {
    if code == CheckedPages.damage {
      let page = CheckedPages.damagedPage(of: handle)
      return .damaged(
        path: path, detail: "page \(page) is not what was written (its checksum does not match)")
    }
    let detail = String(cString: sqlite3_errmsg(handle))
    switch code & 0xFF {
    case SQLITE_INTERRUPT:
      guard let deadline = running.deadline else { break }
      return .timeLimit(seconds: deadline.seconds)
    case SQLITE_FULL: return .diskFull(path: path)
    case SQLITE_CORRUPT: return .damaged(path: path, detail: detail)
    case SQLITE_NOTADB: return .otherFormat(path: path, detail: detail)
    case SQLITE_BUSY, SQLITE_LOCKED: return .busy(path: path)
    // A connection that was to write is refused by the system, not by us.
    case SQLITE_READONLY: return isReadOnly ? .readOnly(path: path) : .noPermission(path: path)
    case SQLITE_PERM: return .noPermission(path: path)
    case SQLITE_CANTOPEN, SQLITE_IOERR:
      let number = sqlite3_system_errno(handle)
      guard number != 0 else { break }
      return .refusal(path: path, doing: "SQLite: \(detail) (code \(code)): ", number: number)
    default: break
    }
    return .system(path: path, detail: "SQLite: \(detail) (code \(code))")
  }

  /// An error of this module as one of the caller's.
  func failing(_ error: SQLiteError) -> Failure { failure(error) }
}

extension SQLiteConnection where Failure == SQLiteError {
  /// Opens a file; a connection that writes makes it where it is missing. Errors are SQLite's own.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - readOnly: Whether it is only read.
  ///   - format: The form of the files of the module that opens it. Files of others can be read, too.
  ///   - functions: Installs SQL functions and tokenizers on SQLite's own handle, and returns SQLite's result code.
  public convenience init(
    path: String, readOnly: Bool, format: SQLiteFormat,
    functions: (OpaquePointer) -> Int32 = { _ in SQLITE_OK }
  ) throws(SQLiteError) {
    try self.init(path: path, readOnly: readOnly, format: format, functions: functions, failure: { $0 })
  }
}

/// The deadline of the statements that a connection runs, where SQLite finds it.
private final class RunningDeadline {
  private(set) var deadline: Deadline?

  func begin(_ deadline: Deadline, on handle: OpaquePointer) {
    self.deadline = deadline
    // A scan takes some ten steps a record.
    sqlite3_progress_handler(
      handle, 100,
      { running in
        guard let running else { return 0 }
        let known = Unmanaged<RunningDeadline>.fromOpaque(running).takeUnretainedValue().deadline
        return known?.isOver == true ? 1 : 0
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  func end(on handle: OpaquePointer) {
    sqlite3_progress_handler(handle, 0, nil, nil)
    deadline = nil
  }
}
