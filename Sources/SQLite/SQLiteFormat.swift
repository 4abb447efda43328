/// What tells the files of one kind from others', and in which form they are.
public struct SQLiteFormat: Sendable, Hashable {
  /// The mark at a fixed place of the file's header, 32 bits: SQLite's `application_id`.
  public let applicationID: Int
  /// The version that is written: SQLite's `user_version`. Each form of the file that ever was released has a number, from
  /// 1 up.
  public let version: Int
  /// The first version whose pages have checksums.
  public let firstCheckedVersion: Int

  /// A format; all of its versions have checksums unless said otherwise.
  public init(applicationID: Int, version: Int, firstCheckedVersion: Int = 1) {
    self.applicationID = applicationID
    self.version = version
    self.firstCheckedVersion = firstCheckedVersion
  }

  /// What a file turned out to be.
  public enum State: Sendable, Equatable {
    /// Without a table: nobody's yet.
    case empty
    /// Of this format, in an earlier version.
    case older(Int)
    /// Of this format.
    case current
  }
}

extension SQLiteConnection {
  /// Looks at the file's header.
  ///
  /// - Throws: ``SQLiteError/otherFormat(path:detail:)``, ``SQLiteError/newerFormat(path:found:supported:)`` or
  ///   ``SQLiteError/damaged(path:detail:)`` as the caller's error.
  public func formatState() throws(Failure) -> SQLiteFormat.State {
    let version = try integer("PRAGMA user_version") ?? 0
    let application = try integer("PRAGMA application_id") ?? 0
    let tables = try integer("SELECT count(*) FROM sqlite_schema") ?? 0
    if version == 0 && application == 0 && tables == 0 { return .empty }
    guard application == format.applicationID else {
      throw failing(.otherFormat(path: path, detail: "another program's mark is in its header"))
    }
    guard version <= format.version else {
      throw failing(.newerFormat(path: path, found: version, supported: format.version))
    }
    // A header that asks for no checksums, and says of itself that they are there.
    guard version < format.firstCheckedVersion || hasCheckedPages else {
      throw failing(.damaged(path: path, detail: "page 1 is not what was written"))
    }
    return version == format.version ? .current : .older(version)
  }

  /// Makes the tables of an empty file, and marks it as one of ``format``, with a write-ahead log.
  ///
  /// - Parameters:
  ///   - pageSize: A power of two from 512 to 65,536 bytes.
  ///   - tables: Statements, separated by semicolons, which are all carried out, or none.
  public func create(pageSize: Int = 4096, tables: String) throws(Failure) {
    // A writer of an earlier version that was killed as it began leaves a page without room for a checksum.
    if try integer("PRAGMA page_count") ?? 0 > 0 { try execute("VACUUM") }
    // The page size holds from the first table on.
    try execute(
      "PRAGMA page_size = \(pageSize); PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL")
    try writing { () throws(Failure) in
      try execute(
        """
        \(tables);
        PRAGMA application_id = \(format.applicationID);
        PRAGMA user_version = \(format.version)
        """)
    }
  }

  /// Brings a file to a version: `step` and the new number are kept together, or neither.
  public func migrate(
    to version: Int, _ step: (SQLiteConnection) throws(Failure) -> Void
  ) throws(Failure) {
    // A step may recreate tables that others refer to, which SQLite allows only while it does not look at references.
    try execute("PRAGMA foreign_keys = OFF")
    try writing { () throws(Failure) in
      try step(self)
      try execute("PRAGMA user_version = \(version)")
    }
  }

  /// A transaction in which nothing but this connection fails.
  private func writing(_ body: () throws(Failure) -> Void) throws(Failure) {
    try execute("BEGIN IMMEDIATE")
    do throws(Failure) {
      try body()
      try execute("COMMIT")
    } catch {
      if !isOutsideTransaction { try? execute("ROLLBACK") }
      throw error
    }
  }

  /// Brings a file to the first version with checksums: each page gets one, for which it has to be written anew. So it has
  /// for the map of pages that gives free ones back to the disk.
  public func addChecksums() throws(Failure) {
    try execute("PRAGMA auto_vacuum = INCREMENTAL; VACUUM")
    try execute("PRAGMA user_version = \(format.firstCheckedVersion); PRAGMA wal_checkpoint(TRUNCATE)")
  }

  /// Settings of a connection that writes, once the tables are there: what is committed is on the disk, in a write-ahead
  /// log that keeps at most `keptLogBytes` of it between transactions.
  public func writeDurably(keptLogBytes: Int) throws(Failure) {
    try execute(
      """
      PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;
      PRAGMA journal_size_limit = \(keptLogBytes)
      """)
    let pageSize = try integer("PRAGMA page_size") ?? 4096
    try execute("PRAGMA wal_autocheckpoint = \(keptLogBytes / 2 / max(512, pageSize))")
  }
}
