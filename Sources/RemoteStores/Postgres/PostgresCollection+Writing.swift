import MartletVectorStore

extension PostgresCollection {
  /// Adds records, all or none.
  public func add(_ records: [Record]) throws {
    let byID = try checked(records)
    guard byID.count == records.count else {
      var seen = Set<[UInt8]>()
      let twice = records.first { !seen.insert(Array($0.id.utf8)).inserted }
      throw VectorStoreError.recordExists(id: twice?.id ?? "")
    }
    try write(records) { connection in
      let known = try connection.run(
        "SELECT id FROM \(table) WHERE id = ANY($1) LIMIT 1", [.texts(records.map(\.id))])
      if let id = known.map({ $0.text(0) }).first { throw VectorStoreError.recordExists(id: id) }
      try insert(records, connection, "")
    }
  }

  /// Adds records, or replaces those with the same ids.
  public func upsert(_ records: [Record]) throws {
    // Of several with one id the last one counts, in the place of the first.
    let byID = try checked(records)
    var seen = Set<[UInt8]>()
    let last = records.compactMap { record in
      let id = Array(record.id.utf8)
      return seen.insert(id).inserted ? byID[id] : nil
    }
    try write(last) { try replace(last, $0) }
  }

  /// Changes records; ids that are not there are no error.
  ///
  /// - Returns: How many were changed.
  @discardableResult
  public func update(_ updates: [RecordUpdate]) throws -> Int {
    try transact { connection in
      let ids = updates.map(\.id).filter(PostgresMetadata.isKept)
      let found = try records(
        connection, "WHERE id = ANY($1) ORDER BY key FOR UPDATE", [.texts(ids)], true)
      var byID = Dictionary(found.map { (Array($0.id.utf8), $0) }) { first, _ in first }
      var changed = 0
      for update in updates {
        guard let record = byID[Array(update.id.utf8)] else { continue }
        byID[Array(update.id.utf8)] = update.applied(to: record)
        changed += 1
      }
      let changes = found.compactMap { byID[Array($0.id.utf8)] }
      _ = try checked(changes)
      if let dimension = changes.first?.embedding.count {
        try takeDimension(dimension, changes, connection)
      }
      try replace(changes, connection)
      return changed
    }
  }

  /// Deletes records; ids that are not there are no error.
  ///
  /// - Returns: How many were deleted.
  @discardableResult
  public func delete(ids: [String]) throws -> Int {
    try transact { connection in
      try connection.run(
        "DELETE FROM \(table) WHERE id = ANY($1)", [.texts(ids.filter(PostgresMetadata.isKept))]
      ).changes
    }
  }

  /// Gives the collection another name in its namespace.
  @discardableResult
  public func rename(to name: String) throws -> any RecordCollection {
    try CollectionConfiguration.check(name: name)
    return try withConnection { connection in
      do {
        try connection.run(
          "UPDATE martlet.collections SET name = $1 WHERE number = $2", [.text(name), .integer(number)])
      } catch let failure as PostgresFailure where failure.state == "23505" {
        throw VectorStoreError.collectionExists(name: name)
      }
      let rows = try PostgresCollectionRow.read(connection, "WHERE number = $1", [.integer(number)])
      guard let row = rows.first else { throw VectorStoreError.collectionDropped(name: self.name) }
      return PostgresCollection(store: store, row: row)
    }
  }

  // MARK: Parts

  /// Bytes that an entry of a b-tree has room for, a third of a page, less what is not the id.
  private static let longestID = 2_690

  /// The records by their ids; an error where one cannot be kept.
  private func checked(_ records: [Record]) throws -> [[UInt8]: Record] {
    for record in records {
      try record.check(distance: configuration.distance)
      for (part, text) in [("id", record.id), ("document", record.document ?? ""), ("uri", record.uri ?? "")]
      where !PostgresMetadata.isKept(text) {
        throw RemoteStoreError.unfit(
          store: store.title,
          reason: "the \(part) of record \(record.id.replacing("\0", with: "\\0")) has the character U+0000")
      }
    }
    return Dictionary(records.map { (Array($0.id.utf8), $0) }) { _, last in last }
  }

  private func write(_ records: [Record], _ body: (PostgresConnection) throws -> Void) throws {
    guard let dimension = records.first?.embedding.count else { return }
    try transact { connection in
      try takeDimension(dimension, records, connection)
      try body(connection)
    }
  }

  /// Holds vectors to the collection's dimension, which its first vector gives it.
  private func takeDimension(_ first: Int, _ records: [Record], _ connection: PostgresConnection) throws {
    let sql = "SELECT dimension FROM martlet.collections WHERE number = $1"
    let known = try connection.run(sql, [.integer(number)])
    guard known.count > 0 else { throw VectorStoreError.collectionDropped(name: name) }
    if known.integer == nil {
      try store.check(dimension: first)
      // Whoever comes first says; others wait here, and then find that somebody has.
      let changed = try connection.run(
        "UPDATE martlet.collections SET dimension = $1 WHERE number = $2 AND dimension IS NULL",
        [.integer(first), .integer(number)]
      ).changes
      if changed > 0 {
        try connection.run("ALTER TABLE \(table) ALTER COLUMN embedding TYPE vector(\(first))")
      }
    }
    // Nobody drops the collection until this transaction ends.
    let locked = try connection.run(sql + " FOR SHARE", [.integer(number)])
    guard let dimension = locked.integer else { throw VectorStoreError.collectionDropped(name: name) }
    if let other = records.first(where: { $0.embedding.count != dimension }) {
      throw VectorStoreError.wrongDimension(
        collection: name, expected: dimension, found: other.embedding.count)
    }
  }

  private func replace(_ records: [Record], _ connection: PostgresConnection) throws {
    try insert(
      records, connection,
      """
      ON CONFLICT (id) DO UPDATE SET embedding = excluded.embedding, document = excluded.document,
        metadata = excluded.metadata, uri = excluded.uri
      """)
  }

  /// One statement for all records: a list of each column.
  private func insert(_ records: [Record], _ connection: PostgresConnection, _ conflict: String) throws {
    guard let types = store.vectorTypes else { return }
    let metadata = try records.map {
      try PostgresMetadata.encoded($0.metadata, of: "record \($0.id)", store.title)
    }
    do {
      try connection.run(
        """
        INSERT INTO \(table) (id, embedding, document, metadata, uri)
        SELECT id, embedding, document, metadata, uri FROM unnest($1, $2, $3, $4, $5)
          WITH ORDINALITY AS t (id, embedding, document, metadata, uri, place) ORDER BY place
        \(conflict)
        """,
        [
          .texts(records.map(\.id)), .vectors(records.map(\.embedding), types),
          .texts(records.map(\.document)), .jsons(metadata), .texts(records.map(\.uri)),
        ])
    } catch let failure as PostgresFailure where failure.state == "54000" {
      // Which one it was, the server does not say; how far an id can be compressed decides.
      guard let longest = records.map(\.id).max(by: { $0.utf8.count < $1.utf8.count }),
        longest.utf8.count > Self.longestID
      else { throw failure }
      throw RemoteStoreError.unfit(
        store: store.title,
        reason: "the id that begins with \"\(longest.prefix(40))\" has \(longest.utf8.count) bytes, and "
          + "PostgreSQL's index of ids takes some \(Self.longestID)")
    }
  }
}
