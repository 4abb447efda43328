import MartletSQLite

/// The tables of a database file, and the version of their form.
///
/// Each collection has three tables of its own, so that it can be dropped in one go:
///
/// - `records_N`: the truth. `key` is never used twice; `sequence` is the number of the transaction that wrote the row.
/// - `words_N`: SQLite's full-text index over `records_N.document`, kept in step by triggers. Its tokenizer is ours
///   (`WordTokenizer`), which other programs lack: they can read the records, and not look for words.
/// - `deletions_N`: the keys that were deleted lately, so that an index in memory can follow without a full scan.
enum Schema {
  /// "Mart" in ASCII tells our files from other programs'. Pages have checksums from version 3 on.
  static let format = SQLiteFormat(applicationID: 0x4D61_7274, version: 4, firstCheckedVersion: 3)
  /// Deletions that are remembered before they are forgotten and indexes start afresh.
  static let rememberedDeletions = 20_000

  /// Makes the tables of an empty file, or brings older ones to the present form.
  static func prepare(_ connection: StoreConnection) throws(VectorStoreError) {
    switch try connection.formatState() {
    case .empty: try create(connection)
    case .older(let version): try Migration.run(connection, from: version)
    case .current: break
    }
  }

  private static func create(_ connection: StoreConnection) throws(VectorStoreError) {
    // Vectors of 384 floats leave 4% of such a page unused; of 8 KiB, 20%.
    try connection.create(
      pageSize: 32768,
      tables: """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        INSERT INTO meta VALUES ('sequence', 0);
        \(namespaces);
        \(collections());
        CREATE TABLE sources (
          key INTEGER PRIMARY KEY AUTOINCREMENT,
          collection INTEGER NOT NULL REFERENCES collections (number) ON DELETE CASCADE,
          path TEXT NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL, hash TEXT NOT NULL,
          details TEXT NOT NULL, UNIQUE (collection, path));
        CREATE INDEX sources_by_hash ON sources (collection, hash)
        """)
  }

  /// Tenants and databases, in Chroma's words, with the one of each that is there from the beginning.
  static let namespaces = """
    CREATE TABLE tenants (name TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE namespaces (
      number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, tenant TEXT NOT NULL REFERENCES tenants (name),
      name TEXT NOT NULL, UNIQUE (tenant, name));
    \(defaultNamespace)
    """

  static let defaultNamespace = """
    INSERT INTO tenants VALUES ('\(Namespace.default.tenant)');
    INSERT INTO namespaces VALUES
      (1, '00000000-0000-0000-0000-000000000000', '\(Namespace.default.tenant)', '\(Namespace.default.database)')
    """

  static func collections(as name: String = "collections") -> String {
    """
    CREATE TABLE \(name) (
      number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
      namespace INTEGER NOT NULL REFERENCES namespaces (number), dimension INTEGER, distance TEXT NOT NULL,
      embedder TEXT, revision TEXT NOT NULL, maximum_tokens INTEGER NOT NULL, precision TEXT NOT NULL,
      created INTEGER NOT NULL, epoch INTEGER NOT NULL DEFAULT 0, metadata TEXT NOT NULL DEFAULT '{}',
      client_configuration TEXT, UNIQUE (namespace, name))
    """
  }

  /// The statements that make the tables of collection `number`. Only numbers of our own go into their text.
  static func tables(of number: Int64) -> String {
    """
    CREATE TABLE records_\(number) (
      key INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
      source INTEGER REFERENCES sources (key), sequence INTEGER NOT NULL, document TEXT, metadata TEXT NOT NULL,
      payload_checksum INTEGER NOT NULL, vector_checksum INTEGER NOT NULL, embedding BLOB NOT NULL, uri TEXT);
    CREATE TABLE deletions_\(number) (number INTEGER PRIMARY KEY, key INTEGER NOT NULL, sequence INTEGER NOT NULL);
    \(WordIndex.table(of: number));
    \(indexes(of: number));
    \(triggers(of: number))
    """
  }

  static func indexes(of number: Int64) -> String {
    """
    CREATE INDEX records_by_sequence_\(number) ON records_\(number) (sequence);
    CREATE INDEX records_by_source_\(number) ON records_\(number) (source) WHERE source IS NOT NULL
    """
  }

  /// A record without a text takes no part in the full-text index.
  static func triggers(of number: Int64) -> String {
    """
    CREATE TRIGGER after_insert_\(number) AFTER INSERT ON records_\(number) WHEN new.document IS NOT NULL BEGIN
      INSERT INTO words_\(number) (rowid, document) VALUES (new.key, new.document);
    END;
    CREATE TRIGGER after_delete_\(number) AFTER DELETE ON records_\(number) BEGIN
      INSERT INTO words_\(number) (words_\(number), rowid, document)
        SELECT 'delete', old.key, old.document WHERE old.document IS NOT NULL;
      INSERT INTO deletions_\(number) (key, sequence) SELECT old.key, value FROM meta WHERE key = 'sequence';
    END;
    CREATE TRIGGER after_update_\(number) AFTER UPDATE OF document ON records_\(number) BEGIN
      INSERT INTO words_\(number) (words_\(number), rowid, document)
        SELECT 'delete', old.key, old.document WHERE old.document IS NOT NULL;
      INSERT INTO words_\(number) (rowid, document) SELECT new.key, new.document WHERE new.document IS NOT NULL;
    END
    """
  }

  /// The statements that drop the tables of collection `number`.
  static func drop(_ number: Int64) -> String {
    "DROP TABLE records_\(number); DROP TABLE words_\(number); DROP TABLE deletions_\(number)"
  }
}
