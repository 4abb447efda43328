import FoundationEssentials
import MartletSQLite

/// Records with vectors of one length, made by one embedder and compared by one distance.
public final class VectorCollection: Sendable {
  let database: Database
  let info: CollectionInfo

  init(database: Database, info: CollectionInfo) {
    self.database = database
    self.info = info
  }

  /// Unique in its namespace.
  public var name: String { info.configuration.name }
  /// Unique everywhere: a UUID.
  public var id: String { info.id }
  /// When it was created, to the second.
  public var creationDate: Date { Date(timeIntervalSince1970: Double(info.created)) }
  /// What the collection was made with, as it was when it was opened.
  public var configuration: CollectionConfiguration { info.configuration }

  // MARK: Writing

  /// Adds records; an id that is there already is an error, and then none is added.
  public func add(_ records: [Record]) throws {
    try database.transaction { try $0.add(records, to: self) }
  }

  /// Adds records, or replaces those with the same ids.
  public func upsert(_ records: [Record]) throws {
    try database.transaction { try $0.upsert(records, to: self) }
  }

  /// Changes records; ids that are not there are no error.
  ///
  /// - Returns: How many were changed.
  @discardableResult
  public func update(_ updates: [RecordUpdate]) throws -> Int {
    try database.transaction { try $0.update(updates, in: self) }
  }

  /// Deletes records; ids that are not there are no error.
  ///
  /// - Returns: How many were deleted.
  @discardableResult
  public func delete(ids: [String]) throws -> Int {
    try database.transaction { try $0.delete(ids: ids, from: self) }
  }

  /// Gives the collection another name, other metadata, or another configuration of its client's; nil leaves as it was.
  ///
  /// - Returns: The collection as it is now.
  @discardableResult
  public func modify(
    name: String? = nil, metadata: Metadata? = nil, clientConfiguration: String? = nil
  ) throws -> VectorCollection {
    let info = try database.transaction { transaction in
      try transaction.modify(self, name: name, metadata: metadata, clientConfiguration: clientConfiguration)
      guard let info = try CollectionInfo.numbered(self.info.number, transaction.connection) else {
        throw VectorStoreError.collectionDropped(name: self.name)
      }
      return info
    }
    return VectorCollection(database: database, info: info)
  }

  // MARK: Reading

  /// How many records there are.
  public func count() throws -> Int {
    try read { connection, info in try connection.integer("SELECT count(*) FROM records_\(info.number)") ?? 0
    }
  }

  /// The records with these ids, in the order asked for; ids that are not there are left out.
  public func get(ids: [String], withEmbedding: Bool = true) throws -> [Record] {
    try read { connection, info in
      let reader = RecordReader(info)
      return try ids.compactMap { id in
        try reader.records(connection, "WHERE r.id = ?", [.text(id)], withEmbedding: withEmbedding).first
      }
    }
  }

  /// Records in the order in which they were first added.
  ///
  /// - Parameters:
  ///   - filter: Which records; nil takes all.
  ///   - ids: Only these, where they are there; nil takes all.
  ///   - limit: How many at most; nil takes all.
  ///   - offset: How many are passed over first.
  ///   - withEmbedding: Whether the vectors are read.
  ///   - deadline: When to give up; nil never does.
  public func get(
    where filter: Filter? = nil, ids: [String]? = nil, limit: Int? = nil, offset: Int = 0,
    withEmbedding: Bool = true, until deadline: Deadline? = nil
  ) throws -> [Record] {
    var records = [Record]()
    try forEachBatch(
      where: filter, ids: ids, limit: limit, offset: offset, withEmbedding: withEmbedding, until: deadline
    ) { records += $0 }
    return records
  }

  /// The first few records.
  public func peek(limit: Int = 10) throws -> [Record] { try get(limit: limit) }

  /// The records of one source, in the order in which they were added.
  public func records(ofSource path: String) throws -> [Record] {
    try read { connection, info in
      try RecordReader(info).records(
        connection, "WHERE s.path = ? AND s.collection = ? ORDER BY r.key",
        [.text(path), .integer(info.number)],
        withEmbedding: true)
    }
  }

  /// The sources of the collection, by their paths.
  public func sources() throws -> [String: Source] {
    try read { connection, info in
      let sql = "SELECT path, size, modified, hash, details FROM sources WHERE collection = ?"
      let all = try connection.rows(sql, [.integer(info.number)]) {
        (row: SQLiteRow) throws(VectorStoreError) in
        Source(
          path: row.text(0), byteCount: Int(row.integer(1)),
          modificationDate: Date(nanosecondsSince1970: row.integer(2)),
          hash: row.text(3),
          details: Metadata(encoded: row.text(4)) ?? [:])
      }
      return Dictionary(all.map { ($0.path, $0) }) { first, _ in first }
    }
  }

  /// Waits until the graph holds all records and is on disk, which happens by itself otherwise, and empties the
  /// write-ahead log. Small collections have no graph.
  public func finishIndex() throws {
    try database.upkeep.finish(info.number)
    guard database.mode == .readWrite else { return }
    try database.withWriter { connection in
      database.emptyLog(connection)
      connection.releasePages()
    }
  }

  /// Runs `body` in one state of the database, in which the collection still is.
  func read<Result>(_ body: (StoreConnection, CollectionInfo) throws -> Result) throws -> Result {
    try database.readers.read { connection in
      guard let info = try CollectionInfo.numbered(info.number, connection) else {
        throw VectorStoreError.collectionDropped(name: name)
      }
      return try body(connection, info)
    }
  }
}
