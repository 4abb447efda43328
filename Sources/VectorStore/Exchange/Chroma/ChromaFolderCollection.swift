import MartletJSON
import MartletSQLite

/// A collection as the tables of Chroma's folder describe it.
struct ChromaFolderCollection {
  /// Its id, which the topic of its changes ends with.
  var id: String
  /// Its name, unique in its database.
  var name: String
  /// The tenant and database that it belongs to.
  var namespace: Namespace
  /// What versions from 1.0 on say of its index. Those before wrote a configuration of another form, which says l2
  /// whatever the distance.
  private var configuration: String?
  /// The same as versions from 1.2 on write it, in place of the configuration.
  private var schema: String?
  /// The distance that versions before 1.0 note with the segment of its vectors. The collection's own metadata name one,
  /// too, but may be replaced at any time.
  private var segmentSpace: String?

  /// All collections of a folder.
  static func all(_ connection: StoreConnection) throws -> [Self] {
    let required = [
      "collections", "segments", "segment_metadata", "max_seq_id", "embeddings", "embeddings_queue",
    ]
    for table in required where try !connection.hasTable(table) {
      throw VectorFileError(
        .unsupported, path: connection.path,
        "it has no table \(table), as Chroma's versions from 0.4 on have it")
    }
    let columns = try connection.rows("SELECT name FROM pragma_table_info('collections')") {
      (row: SQLiteRow) throws(VectorStoreError) in row.text(0)
    }
    func optional(_ column: String) -> String { columns.contains(column) ? "c." + column : "NULL" }
    // Databases and tenants came with 0.4.15.
    let hasDatabases = try columns.contains("database_id") && connection.hasTable("databases")
    let home = Namespace.default
    return try connection.rows(
      """
      SELECT c.id, c.name, \(hasDatabases ? "d.tenant_id, d.name" : "NULL, NULL"),
        \(optional("config_json_str")), \(optional("schema_str")), m.str_value
      FROM collections c \(hasDatabases ? "JOIN databases d ON d.id = c.database_id" : "")
      LEFT JOIN segments s ON s.collection = c.id AND s.scope = 'VECTOR'
      LEFT JOIN segment_metadata m ON m.segment_id = s.id AND m.key = 'hnsw:space' ORDER BY c.name
      """
    ) { (row: SQLiteRow) throws(VectorStoreError) in
      Self(
        id: row.text(0), name: row.text(1),
        namespace: Namespace(
          tenant: row.optionalText(2) ?? home.tenant, database: row.optionalText(3) ?? home.database),
        configuration: row.optionalText(4), schema: row.optionalText(5), segmentSpace: row.optionalText(6))
    }
  }

  /// How it compares vectors. As in Chroma, what it says of its index counts, unless that is as usual throughout: then
  /// what was noted with the segment does.
  func distance(path: String) throws(VectorFileError) -> Distance {
    let index = index
    let isUsual =
      (index.space ?? Self.usualSpace) == Self.usualSpace
      && Self.usualNumbers.allSatisfy { key, usual in index.numbers[key]?.doubleValue ?? usual == usual }
    let name = (isUsual ? segmentSpace : index.space) ?? Self.usualSpace
    guard let distance = Distance(rawValue: name) else {
      throw VectorFileError(
        .unsupported, path: path, "collection \(self.name) compares by \(name), which is unknown")
    }
    return distance
  }

  private static let usualSpace = Distance.l2.rawValue
  private static let usualNumbers: [String: Double] = [
    "ef_construction": 100, "ef_search": 100, "max_neighbors": 16, "resize_factor": 1.2,
    "sync_threshold": 1000,
    "batch_size": 100,
  ]

  /// What the schema, or else the configuration, says of the index.
  private var index: (space: String?, numbers: JSONObject) {
    if let schema = schema.flatMap({ try? JSON(parsing: $0) }), !schema.isNull {
      let keys = schema["keys"] ?? schema["key_overrides"]
      let own = keys?["#embedding"]?["float_list"]?["vector_index"]?["config"]
      let config = own ?? schema["defaults"]?["float_list"]?["vector_index"]?["config"]
      return (config?["space"]?.stringValue, config?["hnsw"]?.objectValue ?? [:])
    }
    let configuration = configuration.flatMap { try? JSON(parsing: $0) }
    let index = configuration?["vector_index"]?["hnsw"] ?? configuration?["hnsw"]
    return (index?["space"]?.stringValue, index?.objectValue ?? [:])
  }

  /// The keys of its own metadata, without those that are settings of Chroma's.
  func metadataKeys(_ connection: StoreConnection) throws(VectorStoreError) -> [String] {
    try connection.rows(
      "SELECT key FROM collection_metadata WHERE collection_id = ? AND key NOT LIKE 'hnsw:%' ORDER BY key",
      [.text(id)]
    ) { (row: SQLiteRow) throws(VectorStoreError) in row.text(0) }
  }

  /// The ids of the segments with metadata and with vectors.
  func segments(_ connection: StoreConnection) throws -> (metadata: String, vectors: String) {
    var segments = [String: String]()
    try connection.forEachRow("SELECT scope, id, type FROM segments WHERE collection = ?", [.text(id)]) {
      (row: SQLiteRow) throws(VectorStoreError) in segments[row.text(0)] = row.text(1)
    }
    // The second one names a folder.
    guard let metadata = segments["METADATA"], let vectors = segments["VECTOR"], !vectors.contains("/"),
      !vectors.hasPrefix(".")
    else {
      throw VectorFileError(
        .damaged, path: connection.path, "collection \(name) has no segments for its metadata and its vectors"
      )
    }
    return (metadata, vectors)
  }
}

extension [ChromaFolderCollection] {
  /// The collection that is named, as `NAME` or `TENANT/DATABASE/NAME`; the only one where none is.
  func named(_ name: String?, in folder: String) throws(VectorFileError) -> ChromaFolderCollection {
    let found = filter { name == nil || $0.name == name || "\($0.namespace)/\($0.name)" == name }
    if let only = found.first, found.count == 1 { return only }
    func failure(_ kind: VectorFileError.Kind, _ problem: String) -> VectorFileError {
      VectorFileError(kind, path: folder, problem)
    }
    guard !isEmpty else { throw failure(.missing, "there is no collection in it") }
    let all = map { "\($0.namespace)/\($0.name)" }.joined(separator: ", ")
    guard let name else {
      throw failure(.unsupported, "say which collection, as \(folder)#NAME; it has \(all)")
    }
    guard !found.isEmpty else { throw failure(.missing, "there is no collection \(name); it has \(all)") }
    let same = found.map { "\(folder)#\($0.namespace)/\($0.name)" }.joined(separator: " or ")
    throw failure(.unsupported, "it has several collections \(name); say \(same)")
  }
}
