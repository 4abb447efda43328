import MartletSQLite

/// Brings files of earlier forms to the present one. A step that is killed has not begun.
enum Migration {
  static func run(_ connection: StoreConnection, from version: Int) throws(VectorStoreError) {
    if version < 2 { try connection.migrate(to: 2, addNamespaces) }
    // 2 to 3: each page gets a checksum.
    if version < Schema.format.firstCheckedVersion { try connection.addChecksums() }
    try connection.migrate(to: 4, indexWords)
    // All of the index is in the log now.
    try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
  }

  /// 3 to 4: rebuilds the index of words with the new tokenizer.
  private static func indexWords(_ connection: StoreConnection) throws(VectorStoreError) {
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

  private static func collections(_ connection: StoreConnection) throws(VectorStoreError) -> [Int64] {
    try connection.rows("SELECT number FROM collections") {
      (row: SQLiteRow) throws(VectorStoreError) in row.integer(0)
    }
  }

  /// 1 to 2: namespaces; collections with metadata and without a dimension or an embedder; URIs; triggers that pass
  /// records without a text.
  private static func addNamespaces(_ connection: StoreConnection) throws(VectorStoreError) {
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
