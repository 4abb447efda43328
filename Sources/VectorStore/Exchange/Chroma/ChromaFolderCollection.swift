import JSON

/// A collection as the tables of Chroma's folder describe it.
struct ChromaFolderCollection {
  /// Its id, which the topic of its changes ends with.
  var id: String
  /// Its name, unique in its database.
  var name: String
  /// The tenant and database that it belongs to.
  var namespace: Namespace
  /// What it was made with, as versions from 1.0 on write it.
  private var configuration: String?
  /// What it was made with, as versions from 1.3 on write it.
  private var schema: String?
  /// The distance that its metadata name, as all versions take it.
  private var space: String?

  /// All collections of a folder.
  static func all(_ connection: SQLiteConnection) throws -> [Self] {
    for table in ["collections", "databases", "segments", "max_seq_id", "embeddings", "embeddings_queue"] {
      guard try connection.integer("SELECT count(*) FROM sqlite_master WHERE name = ?", .text(table)) != 0
      else {
        throw VectorFileError(
          .unsupported, path: connection.path,
          "it has no table \(table), as Chroma's versions from 0.5 on have it")
      }
    }
    let columns = try connection.rows("SELECT name FROM pragma_table_info('collections')") {
      (row: SQLiteRow) throws(VectorStoreError) in row.text(0)
    }
    func optional(_ column: String) -> String { columns.contains(column) ? "c." + column : "NULL" }
    return try connection.rows(
      """
      SELECT c.id, c.name, d.tenant_id, d.name, \(optional("config_json_str")), \(optional("schema_str")), m.str_value
      FROM collections c JOIN databases d ON d.id = c.database_id
      LEFT JOIN collection_metadata m ON m.collection_id = c.id AND m.key = 'hnsw:space' ORDER BY c.name
      """
    ) { (row: SQLiteRow) throws(VectorStoreError) in
      Self(
        id: row.text(0), name: row.text(1), namespace: Namespace(tenant: row.text(2), database: row.text(3)),
        configuration: row.optionalText(4), schema: row.optionalText(5), space: row.optionalText(6))
    }
  }

  /// How it compares vectors.
  func distance(path: String) throws(VectorFileError) -> Distance {
    let configuration = configuration.flatMap { try? JSON(parsing: $0) }
    let vectorIndex = schema.flatMap { try? JSON(parsing: $0) }?["keys"]?["#embedding"]?["float_list"]?[
      "vector_index"]
    let name =
      vectorIndex?["config"]?["space"]?.stringValue ?? configuration?["hnsw"]?["space"]?.stringValue
      ?? configuration?["hnsw_configuration"]?["space"]?.stringValue ?? space ?? Distance.l2.rawValue
    guard let distance = Distance(rawValue: name) else {
      throw VectorFileError(
        .unsupported, path: path, "collection \(self.name) compares by \(name), which is unknown")
    }
    return distance
  }

  /// The keys of its own metadata, without those that are settings of Chroma's.
  func metadataKeys(_ connection: SQLiteConnection) throws(VectorStoreError) -> [String] {
    try connection.rows(
      "SELECT key FROM collection_metadata WHERE collection_id = ? AND key NOT LIKE 'hnsw:%' ORDER BY key",
      [.text(id)]
    ) { (row: SQLiteRow) throws(VectorStoreError) in row.text(0) }
  }

  /// The ids of the segments with metadata and with vectors.
  func segments(_ connection: SQLiteConnection) throws -> (metadata: String, vectors: String) {
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
