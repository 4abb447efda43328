import Synchronization

/// Collections of records in one folder, durable and for many readers beside one writer.
///
///     let database = try Database.open(at: "/home/me/.local/share/martlet")
///     let notes = try database.createCollection(configuration)
///     try notes.upsert([Record(id: "1", embedding: vector, document: "A martlet never lands.")])
///     let nearest = try notes.query(embedding: vector, count: 5)
///
/// The truth is one SQLite file (write-ahead log, `synchronous = FULL`): what a call has returned from survives
/// `kill -9` and loss of power. Any number of processes may read; one at a time may write, and a second one is refused
/// at once. A reader sees each transaction as a whole or not at all.
public final class Database: Sendable {
  /// What a database is opened for.
  public enum Mode: Sendable, Equatable {
    /// Reading and writing; the folder and the file are made where they are missing.
    case readWrite
    /// Reading alone, which works while another process writes.
    case readOnly
  }

  /// The folder.
  public let path: String
  /// What it was opened for.
  public let mode: Mode

  private let lock: WriterLock?
  private let writer: Mutex<SQLiteConnection?>
  let reader: Mutex<ReaderState>

  /// What the reading side keeps: its connection, and the index of each collection that was searched.
  struct ReaderState: ~Copyable, Sendable {
    let connection: SQLiteConnection
    var indexes: [Int64: CachedIndex] = [:]
  }

  /// What the write-ahead log keeps on disk once its content is in the file: one large transaction is not to hold its
  /// space for ever.
  static let keptLogBytes = 16 << 20

  /// The name of the SQLite file in the folder.
  public static let fileName = "martlet.sqlite"

  private init(
    path: String, mode: Mode, lock: WriterLock?, writer: SQLiteConnection?, reader: SQLiteConnection
  ) {
    self.path = path
    self.mode = mode
    self.lock = lock
    self.writer = Mutex(writer)
    self.reader = Mutex(ReaderState(connection: reader))
  }

  /// Opens the database in a folder.
  ///
  /// - Parameters:
  ///   - folder: The folder; only this database should live in it.
  ///   - mode: What for.
  /// - Throws: Where there is nothing to read, another process writes, or the file is damaged or of a newer format.
  public static func open(at folder: String, mode: Mode = .readWrite) throws(VectorStoreError) -> Database {
    let file = folder + "/" + fileName
    var lock: WriterLock?
    var writer: SQLiteConnection?
    if mode == .readWrite {
      try makeFolder(folder)
      lock = try WriterLock(folder: folder)
      let connection = try SQLiteConnection(path: file, readOnly: false)
      try Schema.prepare(connection, in: folder, writing: true)
      try connection.execute(
        """
        PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;
        PRAGMA journal_size_limit = \(keptLogBytes)
        """)
      writer = connection
    } else if try !fileExists(file) {
      throw .missing(path: folder)
    }
    let reader = try SQLiteConnection(path: file, readOnly: true)
    try Schema.prepare(reader, in: folder, writing: false)
    return Database(path: folder, mode: mode, lock: lock, writer: writer, reader: reader)
  }

  /// The collections in the order of their names.
  public func collections() throws(VectorStoreError) -> [Collection] {
    let infos = try reader.withLock { (state) throws(VectorStoreError) in
      try CollectionInfo.all(state.connection)
    }
    return infos.map { Collection(database: self, info: $0) }
  }

  /// The collection of that name; an error that lists those there are where there is none.
  public func collection(named name: String) throws(VectorStoreError) -> Collection {
    let all = try collections()
    guard let found = all.first(where: { $0.name == name }) else {
      throw .noSuchCollection(name: name, existing: all.map(\.name))
    }
    return found
  }

  /// Makes a collection.
  public func createCollection(_ configuration: CollectionConfiguration) throws -> Collection {
    let info = try transaction { try $0.createCollection(configuration) }
    return Collection(database: self, info: info)
  }

  /// The collection of that name, made where it is missing.
  ///
  /// - Throws: `wrongEmbedder` or `wrongDimension` where the one there is holds other vectors.
  public func getOrCreateCollection(_ configuration: CollectionConfiguration) throws -> Collection {
    guard let found = try collections().first(where: { $0.name == configuration.name }) else {
      return try createCollection(configuration)
    }
    try found.check(embedder: configuration.embedder, dimension: configuration.dimension)
    return found
  }

  /// Drops a collection with all its records.
  public func deleteCollection(named name: String) throws {
    let collection = try collection(named: name)
    try transaction { try $0.deleteCollection(collection.info) }
    reader.withLock { $0.indexes[collection.info.number] = nil }
  }

  /// Runs `body` as one transaction: all of its changes are kept, durably, or none.
  ///
  /// The transaction must not be used after `body` has returned.
  public func transaction<Result: Sendable>(_ body: (Transaction) throws -> Result) throws -> Result {
    try writer.withLock { writer in
      guard let connection = writer else { throw VectorStoreError.readOnly }
      return try connection.transaction(writing: true) {
        let transaction = Transaction(connection)
        let result = try body(transaction)
        try transaction.finish()
        return result
      }
    }
  }

  /// Moves what the write-ahead log holds into the file, so that the log does not grow for ever.
  public func checkpoint() throws {
    try writer.withLock { writer throws(VectorStoreError) in
      guard let connection = writer else { throw .readOnly }
      try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    }
  }

  /// Runs `body` on the reading connection, within one state of the database.
  func read<Result>(
    _ body: (inout ReaderState) throws -> sending Result
  ) throws -> sending Result {
    try reader.withLock { state in
      try state.connection.execute("BEGIN DEFERRED")
      // A reading transaction has nothing to lose; COMMIT and ROLLBACK end it alike.
      defer { try? state.connection.execute("COMMIT") }
      return try body(&state)
    }
  }
}
