import MartletSQLite
import Synchronization

/// Collections of records in one folder, durable and for many readers beside one writer.
///
/// ```swift
/// let database = try Database.open(at: "/home/me/.local/share/martlet")
/// let notes = try database.createCollection(configuration)
/// try notes.upsert([Record(id: "1", embedding: vector, document: "A martlet never lands.")])
/// let nearest = try notes.nearest(to: vector, limit: 5)
/// ```
///
/// The truth is one SQLite file (write-ahead log, `synchronous = FULL`): what a call has returned from survives
/// `kill -9` and loss of power. Any number of processes may read; one at a time may write, and a second one is refused
/// at once. A reader sees each transaction as a whole or not at all. Any number of threads may use a database.
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
  private let writer: Locked<StoreConnection?>
  private let mark: TransactionMark?
  private let files: OpenFiles
  /// The last transaction, where this database is the one that writes; -1 where it cannot know.
  let committed: Atomic<Int>
  let readers: ReaderPool<VectorStoreError>
  let indexes: IndexCache
  let upkeep: IndexUpkeep

  /// What the write-ahead log keeps on disk once its content is in the file: one large transaction is not to hold its
  /// space for ever.
  static let keptLogBytes = 16 << 20

  /// Free pages that a file keeps for what is written next.
  static let keptFreeBytes = 4 << 20

  /// The name of the SQLite file in the folder.
  public static let fileName = "martlet.sqlite"

  private init(
    path: String, mode: Mode, lock: WriterLock?, writer: StoreConnection?, reader: StoreConnection,
    sequence: Int
  ) {
    // A reader alone cannot know what others commit.
    committed = Atomic(mode == .readWrite ? sequence : -1)
    mark = mode == .readWrite ? TransactionMark(folder: path) : nil
    self.path = path
    self.mode = mode
    files = OpenFiles(database: path + "/" + Self.fileName)
    self.lock = lock
    self.writer = Locked(writer)
    readers = ReaderPool(first: reader) { [path = reader.path] () throws(VectorStoreError) in
      try StoreConnection(path: path, readOnly: true)
    }
    indexes = IndexCache(folder: path, mode: mode)
    upkeep = IndexUpkeep(indexes: indexes, readers: readers)
  }

  deinit { close() }

  /// Ends the work on the indexes in the background, keeps what it has done, and empties the write-ahead log. The
  /// database may still be used.
  public func close() {
    upkeep.stop()
    // What stays in the log, because somebody still reads it, is as safe there.
    if mode == .readWrite { try? withWriter { emptyLog($0) } }
  }

  /// What was found wrong with the caches beside the database and put right, since the last call.
  public func takeWarnings() -> [String] { indexes.takeWarnings() }

  /// Opens the database in a folder. A file of an earlier version is brought to the present form.
  ///
  /// - Parameters:
  ///   - folder: The folder; only this database should live in it.
  ///   - mode: What for.
  /// - Throws: Where there is nothing to read, another process writes, or the file is damaged or of a newer format.
  public static func open(at folder: String, mode: Mode = .readWrite) throws(VectorStoreError) -> Database {
    let file = folder + "/" + fileName
    let mark: TransactionMark.Found
    var writing: (lock: WriterLock, connection: StoreConnection)?
    if mode == .readWrite {
      try makeFolder(folder)
      let lock = try WriterLock(folder: folder)
      // Whoever deletes the file means to begin anew.
      if try !fileExists(file) { try TransactionMark.remove(folder: folder) }
      mark = try checkMark(folder: folder, file: file)
      writing = (lock, try openWriter(file: file))
    } else if try fileExists(file) {
      mark = try checkMark(folder: folder, file: file)
    } else {
      throw .missing(path: folder)
    }
    let reader = try openReader(folder: folder, file: file)
    let sequence = try reader.integer("SELECT value FROM meta WHERE key = 'sequence'") ?? 0
    let database = Database(
      path: folder, mode: mode, lock: writing?.lock, writer: writing?.connection, reader: reader,
      sequence: sequence)
    // A table that is damaged is for whoever reads it to say.
    if mode == .readWrite, let known = try? CollectionInfo.all(reader) {
      IndexFiles.removeFiles(in: folder, ofOthersThan: Set(known.map(\.number)))
    }
    if mark == .damaged {
      database.indexes.warn(
        "\(folder)/\(TransactionMark.fileName) is damaged; it is written anew with the next transaction.")
    }
    return database
  }

  /// What the folder's mark says, once the database was seen to have all that was kept. A connection that writes comes
  /// later: it would take an emptied file for a new one, and do away with a damaged log.
  private static func checkMark(
    folder: String, file: String
  ) throws(VectorStoreError) -> TransactionMark.Found {
    // Read before the database is: what is committed meanwhile is then in the one and not in the other.
    let mark = try TransactionMark.read(folder: folder)
    guard case .transaction(let kept) = mark else { return mark }
    var found = 0
    // SQLite deletes the log of an empty file.
    if sizeOfFile(file) > 0 {
      let connection = try StoreConnection(path: file, readOnly: true)
      if try connection.formatState() != .empty {
        found = try connection.integer("SELECT value FROM meta WHERE key = 'sequence'") ?? 0
      }
    }
    guard found >= kept else {
      throw .lostTransactions(
        path: folder, kept: kept, found: found, mark: folder + "/" + TransactionMark.fileName)
    }
    return mark
  }

  private static func openWriter(file: String) throws(VectorStoreError) -> StoreConnection {
    let connection = try StoreConnection(path: file, readOnly: false)
    // SQLite would leave pages that become free as they are, or unwritten past the file's end, and may read them when
    // they are used again: overwritten, they are as whole as all others.
    try connection.execute("PRAGMA secure_delete = ON")
    try Schema.prepare(connection)
    try connection.writeDurably(keptLogBytes: keptLogBytes)
    return connection
  }

  private static func openReader(folder: String, file: String) throws(VectorStoreError) -> StoreConnection {
    let reader = try StoreConnection(path: file, readOnly: true)
    switch try reader.formatState() {
    case .current: return reader
    // A writer that was killed as it began leaves an empty file: as good as none.
    case .empty: throw .missing(path: folder)
    case .older:
      let lock = try WriterLock(folder: folder)
      defer { withExtendedLifetime(lock) {} }
      _ = try openWriter(file: file)
      return try StoreConnection(path: file, readOnly: true)
    }
  }

  // MARK: Collections

  /// The collections of a namespace in the order of their names.
  public func collections(in namespace: Namespace = .default) throws -> [VectorCollection] {
    try allCollections().filter { $0.configuration.namespace == namespace }
  }

  /// The collections of all namespaces, in the order of their names.
  public func allCollections() throws -> [VectorCollection] {
    try readers.read { try CollectionInfo.all($0) }.map { VectorCollection(database: self, info: $0) }
  }

  /// The collection of that name; an error that lists those there are where there is none.
  public func collection(named name: String, in namespace: Namespace = .default) throws -> VectorCollection {
    if let found = try readers.read({ try CollectionInfo.named(name, in: namespace, $0) }) {
      return VectorCollection(database: self, info: found)
    }
    throw VectorStoreError.noSuchCollection(name: name, existing: try collections(in: namespace).map(\.name))
  }

  /// The collection with that `VectorCollection.id`, whatever its namespace; nil where there is none.
  public func collection(withID id: String) throws -> VectorCollection? {
    try readers.read { try CollectionInfo.some($0, "WHERE c.id = ?", [.text(id)]) }.first
      .map { VectorCollection(database: self, info: $0) }
  }

  /// Makes a collection.
  public func createCollection(_ configuration: CollectionConfiguration) throws -> VectorCollection {
    let info = try transaction { try $0.createCollection(configuration) }
    return VectorCollection(database: self, info: info)
  }

  /// The collection of that name, made where it is missing.
  ///
  /// - Throws: `wrongEmbedder`, `wrongDimension` or `wrongDistance` where the one there holds other vectors, or compares
  ///   them otherwise.
  public func getOrCreateCollection(_ configuration: CollectionConfiguration) throws -> VectorCollection {
    let found = try findOrCreateCollection(configuration)
    try found.configuration.check(suits: configuration)
    return found
  }

  /// The collection of that name, whatever its vectors are; made where it is missing. Of several threads that ask for it at
  /// once, one makes it, and the others are given that one.
  package func findOrCreateCollection(_ configuration: CollectionConfiguration) throws -> VectorCollection {
    let (name, namespace) = (configuration.name, configuration.namespace)
    // Most calls find it, and need not wait for a writer.
    if let found = try readers.read({ try CollectionInfo.named(name, in: namespace, $0) }) {
      return VectorCollection(database: self, info: found)
    }
    let info = try transaction { transaction in
      if let found = try CollectionInfo.named(name, in: namespace, transaction.connection) { return found }
      return try transaction.createCollection(configuration)
    }
    return VectorCollection(database: self, info: info)
  }

  /// Drops a collection with all its records, and what was made of them on disk.
  public func deleteCollection(named name: String, in namespace: Namespace = .default) throws {
    indexes.drop(try transaction { try $0.deleteCollection(named: name, in: namespace) })
  }

  // MARK: Transactions

  /// Runs `body` as one transaction: all of its changes are kept, durably, or none.
  ///
  /// The transaction must not be used after `body` has returned.
  ///
  /// - Throws: What `body` throws; `VectorStoreError.replaced` where somebody deleted or replaced the database's files.
  public func transaction<Result: Sendable>(_ body: (Transaction) throws -> Result) throws -> Result {
    let (result, touched) = try writer.withLock { writer in
      guard let connection = writer else { throw VectorStoreError.readOnly }
      let transaction = Transaction(connection)
      let result = try connection.transaction(writing: true) {
        let result = try body(transaction)
        try transaction.finish()
        return result
      }
      guard files.arePlaced else { throw VectorStoreError.replaced(path: path) }
      if let sequence = transaction.sequence { note(sequence) }
      if transaction.hasDeleted { reclaim(connection) }
      return (result, transaction.touched)
    }
    upkeep.noteChanges(touched)
    return result
  }

  /// Notes that a transaction is kept, before its caller learns of it.
  private func note(_ sequence: Int) {
    committed.store(sequence, ordering: .sequentiallyConsistent)
    guard let mark, !mark.note(sequence) else { return }
    indexes.warn(
      "\(path)/\(TransactionMark.fileName) cannot be written: that a transaction is missing might go unnoticed."
    )
  }

  /// Runs `search` on a collection's index and then `read`, both in one state of the database.
  func read<Found, Result>(
    _ info: CollectionInfo, filter: Filter?, search: (CollectionIndex?, StoreConnection) throws -> Found,
    then read: (Found, StoreConnection, CollectionInfo) throws -> Result
  ) throws -> Result {
    try indexes.read(info, readers, needsMetadata: filter != nil, search: search, then: read)
  }

  /// Moves what the write-ahead log holds into the file, so that the log does not grow for ever.
  public func checkpoint() throws {
    try withWriter { try $0.execute("PRAGMA wal_checkpoint(TRUNCATE)") }
  }

  /// Moves what the write-ahead log holds into the file, unless readers or a full disk are in the way: it is as safe
  /// where it is.
  func emptyLog(_ connection: StoreConnection) {
    do throws(VectorStoreError) {
      try connection.execute("PRAGMA busy_timeout = 50")
      // Whatever came of it, the next writer may wait for others again.
      defer { try? connection.execute("PRAGMA busy_timeout = \(StoreConnection.patience)") }
      try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    } catch {
      if case .busyWriter = error { return }
      indexes.warn("The write-ahead log could not be emptied: \(error)")
    }
  }

  /// Runs `body` on the connection that writes, outside of a transaction.
  func withWriter<Result: Sendable>(_ body: (StoreConnection) throws -> Result) throws -> Result {
    try writer.withLock { writer in
      guard let connection = writer else { throw VectorStoreError.readOnly }
      return try body(connection)
    }
  }
}
