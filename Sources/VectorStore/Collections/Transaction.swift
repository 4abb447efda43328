/// Changes that are kept together or not at all. Made by `Database.transaction`.
public final class Transaction {
  let connection: StoreConnection
  /// The number of this transaction, taken with its first change.
  private(set) var sequence: Int?
  /// Whether something was deleted or dropped.
  var hasDeleted = false
  /// The collections that were touched, as this transaction sees them.
  private var infos = [Int64: CollectionInfo]()

  init(_ connection: StoreConnection) { self.connection = connection }

  // MARK: Records

  /// Adds records; an id that is there already is an error.
  public func add(_ records: [Record], to collection: VectorCollection) throws(VectorStoreError) {
    for record in records {
      guard try !contains(id: record.id, in: collection) else { throw .recordExists(id: record.id) }
      try write(record, to: collection, source: nil)
    }
  }

  /// Adds records, or replaces those with the same ids.
  public func upsert(_ records: [Record], to collection: VectorCollection) throws(VectorStoreError) {
    for record in records { try write(record, to: collection, source: nil) }
  }

  /// Changes records; ids that are not there are no error.
  ///
  /// - Returns: How many were changed.
  public func update(_ updates: [RecordUpdate], in collection: VectorCollection) throws(VectorStoreError)
    -> Int
  {
    let reader = try RecordReader(info(of: collection))
    var changed = 0
    for update in updates {
      guard let (record, source) = try reader.recordAndSource(id: update.id, connection) else { continue }
      try write(update.applied(to: record), to: collection, source: source)
      changed += 1
    }
    return changed
  }

  /// Deletes records, and tells how many there were.
  public func delete(ids: [String], from collection: VectorCollection) throws(VectorStoreError) -> Int {
    try touch(collection)
    var deleted = 0
    for id in ids {
      try connection.run("DELETE FROM records_\(collection.info.number) WHERE id = ?", .text(id))
      deleted += connection.changes
    }
    hasDeleted = hasDeleted || deleted > 0
    return deleted
  }

  /// Whether the collection, as this transaction sees it, has a record of that id.
  public func contains(id: String, in collection: VectorCollection) throws(VectorStoreError) -> Bool {
    let info = try info(of: collection)
    return try connection.integer("SELECT key FROM records_\(info.number) WHERE id = ?", .text(id)) != nil
  }

  // MARK: Sources

  /// Replaces all that came from a source: its old records go, these take their place.
  public func replace(
    _ source: Source, in collection: VectorCollection, with records: [Record]
  ) throws(VectorStoreError) {
    let key = try beginSource(source, in: collection)
    try append(records, toSource: key, in: collection)
  }

  /// Deletes the records of a source and notes its new state. Records are then appended to it by the key given back.
  public func beginSource(_ source: Source, in collection: VectorCollection) throws(VectorStoreError) -> Int64
  {
    try deleteSource(path: source.path, from: collection)
    try connection.run(
      "INSERT INTO sources (collection, path, size, modified, hash, details) VALUES (?, ?, ?, ?, ?, ?)",
      .integer(collection.info.number), .text(source.path), .integer(source.byteCount),
      .integer(source.modificationDate.nanosecondsSince1970),
      .text(source.hash), .text(source.details.encoded))
    return connection.lastInsertedKey
  }

  /// Notes the new state of a source, which is made where it is missing; its records stay. Records are then appended to
  /// it by the key given back.
  public func extendSource(_ source: Source, in collection: VectorCollection) throws(VectorStoreError)
    -> Int64
  {
    try touch(collection)
    let number = collection.info.number
    guard
      let key = try connection.integer(
        "SELECT key FROM sources WHERE collection = ? AND path = ?", .integer(number), .text(source.path))
    else { return try beginSource(source, in: collection) }
    try updateSource(path: source.path, to: source, in: collection)
    return Int64(key)
  }

  /// Adds records to a source that `beginSource` or `extendSource` gave the key of in this transaction.
  public func append(
    _ records: [Record], toSource key: Int64, in collection: VectorCollection
  ) throws(VectorStoreError) {
    for record in records { try write(record, to: collection, source: key) }
  }

  /// Deletes a source with all its records; an unknown path is no error.
  public func deleteSource(path: String, from collection: VectorCollection) throws(VectorStoreError) {
    try touch(collection)
    let number = collection.info.number
    guard
      let key = try connection.integer(
        "SELECT key FROM sources WHERE collection = ? AND path = ?", .integer(number), .text(path))
    else { return }
    try connection.run("DELETE FROM records_\(number) WHERE source = ?", .integer(key))
    try connection.run("DELETE FROM sources WHERE key = ?", .integer(key))
    hasDeleted = true
  }

  /// Notes a new path, size, time or details of a source whose content, and so its records, stayed as they were.
  public func updateSource(
    path: String, to source: Source, in collection: VectorCollection
  ) throws(VectorStoreError) {
    try touch(collection)
    try connection.run(
      "UPDATE sources SET path = ?, size = ?, modified = ?, hash = ?, details = ? "
        + "WHERE collection = ? AND path = ?",
      .text(source.path), .integer(source.byteCount), .integer(source.modificationDate.nanosecondsSince1970),
      .text(source.hash),
      .text(source.details.encoded), .integer(collection.info.number), .text(path))
  }

  // MARK: Parts

  /// The numbers of the collections that were changed.
  var touched: [Int64] { Array(infos.keys) }

  /// Called before COMMIT: forgets old deletions where they have become many.
  func finish() throws(VectorStoreError) {
    for number in infos.keys {
      let remembered =
        try connection.integer("SELECT max(number) - min(number) FROM deletions_\(number)") ?? 0
      guard remembered > Schema.rememberedDeletions else { continue }
      try connection.run("DELETE FROM deletions_\(number)")
      try connection.run("UPDATE collections SET epoch = epoch + 1 WHERE number = ?", .integer(number))
    }
  }

  /// Forgets a collection that this transaction drops: what follows meets `collectionDropped`.
  func forget(_ info: CollectionInfo) { infos[info.number] = nil }

  /// The collection as it is now, which may be dropped or have been given its dimension since it was opened.
  func info(of collection: VectorCollection) throws(VectorStoreError) -> CollectionInfo {
    let number = collection.info.number
    if let known = infos[number] { return known }
    guard let info = try CollectionInfo.numbered(number, connection) else {
      throw .collectionDropped(name: collection.name)
    }
    infos[number] = info
    return info
  }

  /// Notes that the collection changes.
  @discardableResult
  private func touch(_ collection: VectorCollection) throws(VectorStoreError) -> Int {
    _ = try info(of: collection)
    return try takeSequence()
  }

  /// The number of this transaction. Whoever knows it knows the whole state of the database.
  @discardableResult
  func takeSequence() throws(VectorStoreError) -> Int {
    if let sequence { return sequence }
    try connection.run("UPDATE meta SET value = value + 1 WHERE key = 'sequence'")
    let taken = try connection.integer("SELECT value FROM meta WHERE key = 'sequence'") ?? 0
    sequence = taken
    return taken
  }

  /// The dimension of the collection, which its first vector gives it.
  private func checkDimension(_ count: Int, of collection: VectorCollection) throws(VectorStoreError) {
    let info = try info(of: collection)
    if let dimension = info.configuration.dimension {
      guard count == dimension else {
        throw .wrongDimension(collection: info.configuration.name, expected: dimension, found: count)
      }
      return
    }
    guard CollectionInfo.possibleDimensions.contains(count) else { throw .impossibleDimension(count) }
    try connection.run(
      "UPDATE collections SET dimension = ? WHERE number = ?", .integer(count), .integer(info.number))
    infos[info.number]?.configuration.dimension = count
  }

  private func write(_ record: Record, to collection: VectorCollection, source: Int64?)
    throws(VectorStoreError)
  {
    try checkDimension(record.embedding.count, of: collection)
    try record.check()
    let sequence = try touch(collection)
    let metadata = record.metadata.encoded
    let blob = record.embedding.withUnsafeBytes { Array($0) }
    let vectorChecksum = blob.withUnsafeBytes { RecordChecksum.vector(id: record.id, $0) }
    try connection.run(
      """
      INSERT INTO records_\(collection.info.number)
        (id, source, sequence, document, metadata, payload_checksum, vector_checksum, embedding, uri)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET source = excluded.source, sequence = excluded.sequence,
        document = excluded.document, metadata = excluded.metadata, payload_checksum = excluded.payload_checksum,
        vector_checksum = excluded.vector_checksum, embedding = excluded.embedding, uri = excluded.uri
      """,
      .text(record.id), source.map { .integer($0) } ?? .null, .integer(sequence), .optional(record.document),
      .text(metadata),
      .integer(
        RecordChecksum.payload(id: record.id, document: record.document, metadata: metadata, uri: record.uri)),
      .integer(vectorChecksum), .blob(blob), .optional(record.uri))
  }
}
