import MartletVectorStore

/// What a collection takes on the server's disk.
public struct PostgresStatistics: Sendable, Equatable {
  /// The collection's name.
  public let name: String
  /// What it belongs to.
  public let namespace: Namespace
  /// How many records there are.
  public let recordCount: Int
  /// Numbers of each vector; nil before the first.
  public let dimension: Int?
  /// The index over the vectors; nil where there is none.
  public let index: PostgresIndex?
  /// Bytes of the table, long values included.
  public let tableBytes: Int
  /// Bytes of all of its indexes.
  public let indexBytes: Int
  /// Rows that were deleted or replaced and whose space was not taken back yet, as the server guesses.
  public let deadRowCount: Int
}

extension PostgresStore {
  /// What each collection takes on the server's disk, in the order of their names. Of one that this user may not read,
  /// the number of records is the server's estimate, which `takeWarnings` says.
  public func statistics() throws -> [PostgresStatistics] {
    try collections().map { collection in
      try collection.withConnection { connection in
        let row =
          try connection.run(
            """
            SELECT pg_table_size(c.oid), pg_indexes_size(c.oid), pg_stat_get_dead_tuples(c.oid),
              greatest(0, c.reltuples)::bigint
            FROM pg_class c WHERE c.oid = to_regclass($1)
            """, [.text(collection.table)]
          ).map { ($0.integer(0), $0.integer(1), $0.integer(2), $0.integer(3)) }.first ?? (0, 0, 0, 0)
        var records = row.3
        do {
          records = try connection.run("SELECT count(*) FROM \(collection.table)").integer ?? 0
        } catch let failure as PostgresFailure where failure.state == "42501" {
          warn(
            "Collection \(collection.name) cannot be read (\(failure.message)); its number of records is an estimate."
          )
        }
        return PostgresStatistics(
          name: collection.name, namespace: collection.configuration.namespace,
          recordCount: records,
          dimension: collection.configuration.dimension, index: collection.index, tableBytes: row.0,
          indexBytes: row.1, deadRowCount: row.2)
      }
    }
  }
}
