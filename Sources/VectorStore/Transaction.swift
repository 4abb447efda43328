#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Changes that are kept together or not at all. Made by `Database.transaction`.
public final class Transaction {
  let connection: SQLiteConnection
  private var touched = Set<Int64>()
  private var sequence: Int?

  init(_ connection: SQLiteConnection) { self.connection = connection }

  // MARK: Records

  /// Adds records; an id that is there already is an error.
  public func add(_ records: [Record], to collection: Collection) throws(VectorStoreError) {
    for record in records {
      guard try key(of: record.id, in: collection.info) == nil else { throw .recordExists(id: record.id) }
      try write(record, to: collection.info, source: nil)
    }
  }

  /// Adds records, or replaces those with the same ids.
  public func upsert(_ records: [Record], to collection: Collection) throws(VectorStoreError) {
    for record in records { try write(record, to: collection.info, source: nil) }
  }

  /// Deletes records, and tells how many there were.
  public func delete(ids: [String], from collection: Collection) throws(VectorStoreError) -> Int {
    _ = try nextSequence(collection.info)
    var deleted = 0
    for id in ids {
      try connection.run("DELETE FROM records_\(collection.info.number) WHERE id = ?", .text(id))
      deleted += connection.changes
    }
    return deleted
  }

  /// Whether the collection, as this transaction sees it, has a record of that id.
  public func contains(id: String, in collection: Collection) throws(VectorStoreError) -> Bool {
    try key(of: id, in: collection.info) != nil
  }

  // MARK: Sources

  /// Replaces all that came from a source: its old records go, these take their place.
  public func replace(
    _ source: Source, in collection: Collection, with records: [Record]
  ) throws(VectorStoreError) {
    let key = try beginSource(source, in: collection)
    try append(records, toSource: key, in: collection)
  }

  /// Deletes the records of a source and notes its new state. Records are then appended to it by the key given back.
  public func beginSource(_ source: Source, in collection: Collection) throws(VectorStoreError) -> Int64 {
    try deleteSource(path: source.path, from: collection)
    try connection.run(
      "INSERT INTO sources (collection, path, size, modified, hash, details) VALUES (?, ?, ?, ?, ?, ?)",
      .integer(collection.info.number), .text(source.path), .integer(source.size), .integer(source.modified),
      .text(source.hash), .text(Record.encode(source.details)))
    return connection.lastInsertedKey
  }

  /// Adds records to a source that `beginSource` made in this transaction.
  public func append(
    _ records: [Record], toSource key: Int64, in collection: Collection
  ) throws(VectorStoreError) {
    for record in records { try write(record, to: collection.info, source: key) }
  }

  /// Deletes a source with all its records; an unknown path is no error.
  public func deleteSource(path: String, from collection: Collection) throws(VectorStoreError) {
    _ = try nextSequence(collection.info)
    let number = collection.info.number
    guard
      let key = try connection.integer(
        "SELECT key FROM sources WHERE collection = ? AND path = ?", .integer(number), .text(path))
    else { return }
    try connection.run("DELETE FROM records_\(number) WHERE source = ?", .integer(key))
    try connection.run("DELETE FROM sources WHERE key = ?", .integer(key))
  }

  /// Notes a new path, size, time or details of a source whose content, and so its records, stayed as they were.
  public func updateSource(
    path: String, to source: Source, in collection: Collection
  ) throws(VectorStoreError) {
    try connection.run(
      "UPDATE sources SET path = ?, size = ?, modified = ?, hash = ?, details = ? "
        + "WHERE collection = ? AND path = ?",
      .text(source.path), .integer(source.size), .integer(source.modified), .text(source.hash),
      .text(Record.encode(source.details)), .integer(collection.info.number), .text(path))
  }

  // MARK: Collections

  func createCollection(_ configuration: CollectionConfiguration) throws(VectorStoreError) -> CollectionInfo {
    let name = configuration.name
    guard (1...512).contains(name.count),
      !name.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 })
    else { throw .invalidName(name) }
    let known = try connection.integer("SELECT count(*) FROM collections WHERE name = ?", .text(name))
    guard known == 0 else { throw .collectionExists(name: name) }
    let embedder = configuration.embedder
    let created = Int(time(nil))
    let id = Self.makeIdentifier()
    try connection.run(
      """
      INSERT INTO collections
        (id, name, dimension, distance, embedder, revision, maximum_tokens, precision, created)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      .text(id), .text(name), .integer(configuration.dimension), .text(configuration.distance.rawValue),
      .text(embedder.name), .text(embedder.revision), .integer(embedder.maximumTokens),
      .text(embedder.precision),
      .integer(created))
    let number = connection.lastInsertedKey
    try connection.execute(Schema.tables(of: number))
    return CollectionInfo(number: number, id: id, configuration: configuration, created: created)
  }

  func deleteCollection(_ info: CollectionInfo) throws(VectorStoreError) {
    try connection.execute(Schema.drop(info.number))
    try connection.run("DELETE FROM collections WHERE number = ?", .integer(info.number))
  }

  /// A random UUID (RFC 9562, version 4).
  private static func makeIdentifier() -> String {
    var bytes = (0..<16).map { _ in UInt8.random(in: 0...255) }
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    let digits = bytes.map { byte in
      let text = String(byte, radix: 16)
      return text.utf8.count == 1 ? "0" + text : text
    }
    return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }.joined(separator: "-")
  }

  // MARK: Parts

  /// Called before COMMIT: forgets old deletions where they have become many.
  func finish() throws(VectorStoreError) {
    for number in touched {
      let remembered =
        try connection.integer("SELECT max(number) - min(number) FROM deletions_\(number)") ?? 0
      guard remembered > Schema.rememberedDeletions else { continue }
      try connection.run("DELETE FROM deletions_\(number)")
      try connection.run("UPDATE collections SET epoch = epoch + 1 WHERE number = ?", .integer(number))
    }
  }

  /// The number of this transaction, taken with its first change.
  private func nextSequence(_ info: CollectionInfo) throws(VectorStoreError) -> Int {
    touched.insert(info.number)
    if let sequence { return sequence }
    try connection.run("UPDATE meta SET value = value + 1 WHERE key = 'sequence'")
    let taken = try connection.integer("SELECT value FROM meta WHERE key = 'sequence'") ?? 0
    sequence = taken
    return taken
  }

  private func key(of id: String, in info: CollectionInfo) throws(VectorStoreError) -> Int? {
    try connection.integer("SELECT key FROM records_\(info.number) WHERE id = ?", .text(id))
  }

  private func write(_ record: Record, to info: CollectionInfo, source: Int64?) throws(VectorStoreError) {
    let configuration = info.configuration
    guard record.embedding.count == configuration.dimension else {
      throw .wrongDimension(
        collection: configuration.name, expected: configuration.dimension, found: record.embedding.count)
    }
    if let reason = unusableReason(record.embedding, configuration.distance) {
      throw .unusableVector(id: record.id, reason: reason)
    }
    let sequence = try nextSequence(info)
    let metadata = Record.encode(record.metadata)
    let blob = record.embedding.withUnsafeBytes { Array($0) }
    let vectorChecksum = blob.withUnsafeBytes { RecordChecksum.vector(id: record.id, $0) }
    try connection.run(
      """
      INSERT INTO records_\(info.number)
        (id, source, sequence, document, metadata, payload_checksum, vector_checksum, embedding)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET source = excluded.source, sequence = excluded.sequence,
        document = excluded.document, metadata = excluded.metadata, payload_checksum = excluded.payload_checksum,
        vector_checksum = excluded.vector_checksum, embedding = excluded.embedding
      """,
      .text(record.id), source.map { .integer($0) } ?? .null, .integer(sequence), .optional(record.document),
      .text(metadata),
      .integer(RecordChecksum.payload(id: record.id, document: record.document, metadata: metadata)),
      .integer(vectorChecksum), .blob(blob))
  }
}
