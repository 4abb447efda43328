import MartletSQLite

/// A row of the table of collections.
struct CollectionInfo: Sendable, Equatable {
  var number: Int64
  var id: String
  var configuration: CollectionConfiguration
  /// Seconds since 1970.
  var created: Int
  /// Changes whenever what indexes in memory know of the records no longer suffices to follow.
  var epoch: Int

  // Vectors of other lengths were never written, since SQLite's blobs end at a billion bytes.
  static let possibleDimensions = 1...250_000_000

  /// All collections in the order of their names.
  static func all(_ connection: StoreConnection) throws(VectorStoreError) -> [CollectionInfo] {
    try some(connection, "ORDER BY c.name, c.number", [])
  }

  /// The collection of that name in a namespace.
  static func named(
    _ name: String, in namespace: Namespace, _ connection: StoreConnection
  ) throws(VectorStoreError) -> CollectionInfo? {
    try some(
      connection, "WHERE n.tenant = ? AND n.name = ? AND c.name = ?",
      [.text(namespace.tenant), .text(namespace.database), .text(name)]
    ).first
  }

  /// The collection of that number, as it is now.
  static func numbered(
    _ number: Int64, _ connection: StoreConnection
  ) throws(VectorStoreError) -> CollectionInfo? {
    try some(connection, "WHERE c.number = ?", [.integer(number)]).first
  }

  static func some(
    _ connection: StoreConnection, _ condition: String, _ values: [SQLiteValue]
  ) throws(VectorStoreError) -> [CollectionInfo] {
    let sql = """
      SELECT c.number, c.id, c.name, n.tenant, n.name, c.dimension, c.distance, c.embedder, c.revision,
        c.maximum_tokens, c.precision, c.created, c.epoch, c.metadata, c.client_configuration
      FROM collections c JOIN namespaces n ON n.number = c.namespace \(condition)
      """
    return try connection.rows(sql, values) { (row: SQLiteRow) throws(VectorStoreError) in
      try read(row, path: connection.path)
    }
  }

  private static func read(_ row: SQLiteRow, path: String) throws(VectorStoreError) -> CollectionInfo {
    let name = row.text(2)
    guard let distance = Distance(rawValue: row.text(6)) else {
      throw .damaged(path: path, detail: "collection \(name) has no known distance")
    }
    let dimension = row.optionalInteger(5)
    guard dimension.map(possibleDimensions.contains) ?? true else {
      throw .damaged(path: path, detail: "collection \(name) has vectors of \(row.integer(5)) numbers")
    }
    guard let metadata = Metadata(encoded: row.text(13)) else {
      throw .damaged(path: path, detail: "collection \(name) has unreadable metadata")
    }
    let embedder = EmbedderIdentity(
      name: row.text(7), revision: row.text(8), maximumTokens: Int(row.integer(9)), precision: row.text(10))
    let configuration = CollectionConfiguration(
      name: name, namespace: Namespace(tenant: row.text(3), database: row.text(4)), dimension: dimension,
      distance: distance, embedder: row.isNull(7) ? nil : embedder, metadata: metadata,
      clientConfiguration: row.optionalText(14))
    return CollectionInfo(
      number: row.integer(0), id: row.text(1), configuration: configuration, created: Int(row.integer(11)),
      epoch: Int(row.integer(12)))
  }
}
