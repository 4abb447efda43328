/// Brings files of earlier forms to the present one. A step that is killed has not begun.
enum Migration {
  static func run(_ connection: SQLiteConnection, from version: Int) throws(VectorStoreError) {
    if version < 2 { try inTransaction(connection, to: 2, addNamespaces) }
    if version < Schema.firstCheckedVersion { try addChecksums(connection) }
    try inTransaction(connection, to: 4, indexWords)
    // All of the index is in the log now.
    try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
  }

  private static func addChecksums(_ connection: SQLiteConnection) throws(VectorStoreError) {
    // 2 to 3: each page gets a checksum, for which it has to be written anew (`CheckedPages`). So it has for the map of
    // pages that gives free ones back to the disk, which files of the first form lack.
    try connection.execute("PRAGMA auto_vacuum = INCREMENTAL; VACUUM")
    try connection.execute(
      "PRAGMA user_version = \(Schema.firstCheckedVersion); PRAGMA wal_checkpoint(TRUNCATE)")
  }

  private static func inTransaction(
    _ connection: SQLiteConnection, to version: Int,
    _ step: (SQLiteConnection) throws(VectorStoreError) -> Void
  ) throws(VectorStoreError) {
    // Tables that others refer to are made anew, which SQLite allows only while it does not look at references.
    try connection.execute("PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE")
    do throws(VectorStoreError) {
      try step(connection)
      try connection.execute("PRAGMA user_version = \(version); COMMIT")
    } catch {
      if !connection.isOutsideTransaction { try? connection.execute("ROLLBACK") }
      throw error
    }
  }

  /// 3 to 4: rebuilds the index of words with the new tokenizer.
  private static func indexWords(_ connection: SQLiteConnection) throws(VectorStoreError) {
    for number in try collections(connection) {
      try connection.execute(
        """
        DROP TABLE words_\(number);
        \(WordIndex.table(of: number));
        INSERT INTO words_\(number) (rowid, document)
          SELECT key, document FROM records_\(number) WHERE document IS NOT NULL
        """)
    }
  }

  private static func collections(_ connection: SQLiteConnection) throws(VectorStoreError) -> [Int64] {
    try connection.rows("SELECT number FROM collections") {
      (row: SQLiteRow) throws(VectorStoreError) in row.integer(0)
    }
  }

  /// 1 to 2: namespaces; collections with metadata and without a dimension or an embedder; URIs; triggers that pass
  /// records without a text.
  private static func addNamespaces(_ connection: SQLiteConnection) throws(VectorStoreError) {
    try connection.execute(
      """
      \(Schema.namespaces);
      \(Schema.collections(as: "newer_collections"));
      INSERT INTO newer_collections (number, id, name, namespace, dimension, distance, embedder, revision,
        maximum_tokens, precision, created, epoch)
      SELECT number, id, name, 1, dimension, distance, embedder, revision, maximum_tokens, precision, created, epoch
      FROM collections;
      INSERT OR REPLACE INTO sqlite_sequence (rowid, name, seq)
        SELECT (SELECT rowid FROM sqlite_sequence WHERE name = 'newer_collections'), 'newer_collections', seq
        FROM sqlite_sequence WHERE name = 'collections';
      DROP TABLE collections;
      ALTER TABLE newer_collections RENAME TO collections
      """)
    for number in try collections(connection) {
      try connection.execute(
        """
        ALTER TABLE records_\(number) ADD COLUMN uri TEXT;
        DROP TRIGGER after_insert_\(number); DROP TRIGGER after_delete_\(number); DROP TRIGGER after_update_\(number);
        DROP INDEX records_by_sequence_\(number); DROP INDEX records_by_source_\(number);
        \(Schema.indexes(of: number));
        \(Schema.triggers(of: number))
        """)
    }
  }
}
