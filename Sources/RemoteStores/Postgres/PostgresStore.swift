import MartletJSON
import MartletVectorStore
import Synchronization

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Collections in a database of PostgreSQL's, with pgvector.
///
/// ```swift
/// let store = try PostgresStore.open(StoreLocation(store: "postgresql://ann@db.lan/library"))
/// let notes = try store.makeCollection(CollectionConfiguration(name: "notes", dimension: 384))
/// try notes.upsert(records)
/// ```
///
/// All of it lies in a schema called `martlet`: a table of collections, and a table of records for each of them, with
/// the vectors as pgvector's `vector` and the metadata as `jsonb`. Other programs may read it.
public final class PostgresStore: RecordStore {
  /// The address without a password.
  public let title: String
  /// What it was opened for.
  public let mode: Database.Mode
  private let address: String
  private let idle = Mutex<[PostgresConnection]>([])
  private let warnings = Mutex<[String]>([])
  private let types = Mutex<VectorTypes?>(nil)

  private init(title: String, address: String, mode: Database.Mode) {
    self.title = title
    self.address = address
    self.mode = mode
  }

  /// Connects to a database.
  ///
  /// - Parameters:
  ///   - location: One of PostgreSQL's. What it leaves out comes from libpq's own places: PGPASSWORD, `~/.pgpass`.
  ///   - mode: What for. With `readWrite` Martlet's schema and pgvector are made where they are missing.
  /// - Throws: `RemoteStoreError`.
  public static func open(_ location: StoreLocation, mode: Database.Mode = .readWrite) throws -> PostgresStore
  {
    guard case .postgresql(let address) = location.place else {
      throw RemoteStoreError.unsupported(
        operation: "A connection", store: "\(location)", advice: "This is no address of PostgreSQL's.")
    }
    let store = PostgresStore(
      title: StoreLocation(location.place).description, address: address, mode: mode)
    try store.withConnection { connection in
      if mode == .readWrite { try PostgresSchema.prepare(connection) }
      // Of what is not there yet, reading finds nothing.
      if try PostgresSchema.exists(connection) {
        let types = try PostgresSchema.vectorTypes(connection)
        store.types.withLock { $0 = types }
      }
    }
    return store
  }

  // MARK: Collections

  /// The collections of all namespaces in the order of their names.
  public func listCollections() throws -> [any RecordCollection] { try collections() }

  /// The collections of all namespaces in the order of their names.
  public func collections() throws -> [PostgresCollection] {
    guard vectorTypes != nil else { return [] }
    return try withConnection { connection in
      try PostgresCollectionRow.read(connection, "ORDER BY name, number").map {
        PostgresCollection(store: self, row: $0)
      }
    }
  }

  /// The collection of that name.
  public func openCollection(named name: String, in namespace: Namespace) throws -> any RecordCollection {
    try collection(named: name, in: namespace)
  }

  /// The collection of that name.
  ///
  /// - Throws: `VectorStoreError.noSuchCollection` where there is none.
  public func collection(named name: String, in namespace: Namespace = .default) throws -> PostgresCollection
  {
    guard vectorTypes != nil else {
      throw VectorStoreError.noSuchCollection(name: name, existing: [])
    }
    return try withConnection { connection in
      let row = try PostgresCollectionRow.read(
        connection, "WHERE tenant = $1 AND database = $2 AND name = $3",
        [.text(namespace.tenant), .text(namespace.database), .text(name)]
      ).first
      if let row { return PostgresCollection(store: self, row: row) }
      let existing = try PostgresCollectionRow.read(
        connection, "WHERE tenant = $1 AND database = $2 ORDER BY name",
        [.text(namespace.tenant), .text(namespace.database)])
      throw VectorStoreError.noSuchCollection(name: name, existing: existing.map(\.configuration.name))
    }
  }

  /// Makes a collection without a record. There is no index until `PostgresCollection.createIndex` makes one.
  public func makeCollection(_ configuration: CollectionConfiguration) throws -> any RecordCollection {
    try CollectionConfiguration.check(name: configuration.name)
    if let dimension = configuration.dimension { try check(dimension: dimension) }
    return try transact { connection in
      let number = try PostgresCollectionRow.insert(configuration, connection)
      try connection.run(
        """
        CREATE TABLE martlet.records_\(number) (
          key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          id text COLLATE "C" NOT NULL UNIQUE,
          embedding vector\(configuration.dimension.map { "(\($0))" } ?? "") NOT NULL,
          document text,
          metadata jsonb NOT NULL,
          uri text)
        """)
      try connection.run("CREATE INDEX ON martlet.records_\(number) USING gin (metadata jsonb_path_ops)")
      let rows = try PostgresCollectionRow.read(connection, "WHERE number = $1", [.integer(number)])
      guard let row = rows.first else {
        throw VectorStoreError.collectionDropped(name: configuration.name)
      }
      return PostgresCollection(store: self, row: row)
    }
  }

  /// Drops a collection with its table and indexes.
  public func dropCollection(named name: String, in namespace: Namespace) throws {
    let number = try collection(named: name, in: namespace).number
    try transact { connection in
      try connection.run("DELETE FROM martlet.collections WHERE number = $1", [.integer(number)])
      try connection.run("DROP TABLE IF EXISTS martlet.records_\(number)")
    }
  }

  /// Lets go of the connections that nobody uses.
  public func close() { idle.withLock { $0 = [] } }

  /// What the server has remarked since the last call.
  public func takeWarnings() -> [String] {
    warnings.withLock { warnings in
      defer { warnings = [] }
      return warnings
    }
  }

  /// Takes a remark for `takeWarnings`.
  func warn(_ text: String) { warnings.withLock { $0.append(text) } }

  // MARK: Connections

  /// The longest vector that pgvector keeps.
  static let longestVector = 16_000

  func check(dimension: Int) throws {
    guard dimension > 0 else { throw VectorStoreError.impossibleDimension(dimension) }
    guard dimension <= Self.longestVector else {
      throw RemoteStoreError.unfit(
        store: title,
        reason: "vectors have \(dimension) numbers, and pgvector's at most \(Self.longestVector)")
    }
  }

  /// pgvector's types; nil where there is nothing of Martlet's, which can only be in a store that is only read.
  var vectorTypes: VectorTypes? { types.withLock { $0 } }

  /// Runs `body` on a connection that nobody else uses meanwhile. Within it another call uses another connection.
  func withConnection<Result>(_ body: (PostgresConnection) throws -> Result) throws -> Result {
    let connection = try idle.withLock { $0.popLast() }.flatMap { $0.isUsable ? $0 : nil } ?? connect()
    defer {
      let said = connection.takeWarnings()
      if !said.isEmpty { warnings.withLock { $0 += said } }
      if connection.isUsable { idle.withLock { $0.append(connection) } }
    }
    do { return try body(connection) } catch let failure as PostgresFailure { throw failure.error }
  }

  /// Runs `body` as one transaction, and again where the server broke it off in favour of another program's: two that
  /// write the same records in different orders wait for each other until the server ends one.
  func transact<Result>(_ body: (PostgresConnection) throws -> Result) throws -> Result {
    try withConnection { connection in
      var attempt = 1
      while true {
        do {
          return try connection.transaction { try body(connection) }
        } catch let failure as PostgresFailure where failure.isTransient && attempt < Self.attempts {
          try Cancellation.check()
          // Random, so that two writers do not retry in step.
          usleep(UInt32.random(in: 5_000...50_000) * UInt32(attempt))
          attempt += 1
        }
      }
    }
  }

  /// How often a transaction is tried.
  private static let attempts = 20

  private func connect() throws -> PostgresConnection {
    let connection = try PostgresConnection(address: address, title: title)
    do {
      try PostgresSchema.configure(connection, readOnly: mode == .readOnly)
    } catch let failure as PostgresFailure { throw failure.error }
    return connection
  }
}
