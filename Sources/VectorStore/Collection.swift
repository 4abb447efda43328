/// Records with vectors of one length, made by one embedder and compared by one distance.
public final class Collection: Sendable {
  let database: Database
  let info: CollectionInfo

  init(database: Database, info: CollectionInfo) {
    self.database = database
    self.info = info
  }

  /// Unique in its database.
  public var name: String { info.configuration.name }
  /// Unique everywhere.
  public var id: String { info.id }
  /// What the collection was made with.
  public var configuration: CollectionConfiguration { info.configuration }

  /// Throws unless vectors of this embedder can be compared with those of the collection.
  public func check(embedder: EmbedderIdentity, dimension: Int) throws(VectorStoreError) {
    let own = info.configuration.embedder
    guard embedder.name == own.name, embedder.revision == own.revision else {
      throw .wrongEmbedder(collection: name, expected: own.description, found: embedder.description)
    }
    guard dimension == info.configuration.dimension else {
      throw .wrongDimension(collection: name, expected: info.configuration.dimension, found: dimension)
    }
  }

  // MARK: Writing

  /// Adds records; an id that is there already is an error, and then none is added.
  public func add(_ records: [Record]) throws {
    try database.transaction { try $0.add(records, to: self) }
  }

  /// Adds records, or replaces those with the same ids.
  public func upsert(_ records: [Record]) throws {
    try database.transaction { try $0.upsert(records, to: self) }
  }

  /// Deletes records; ids that are not there are no error.
  ///
  /// - Returns: How many were deleted.
  @discardableResult
  public func delete(ids: [String]) throws -> Int {
    try database.transaction { try $0.delete(ids: ids, from: self) }
  }

  // MARK: Reading

  /// How many records there are.
  public func count() throws -> Int {
    try database.read { state in
      try state.connection.integer("SELECT count(*) FROM records_\(info.number)") ?? 0
    }
  }

  /// The records with these ids, in the order asked for; ids that are not there are left out.
  public func get(ids: [String]) throws -> [Record] {
    try database.read { state in
      try ids.compactMap { id in
        try readRecords(state.connection, "WHERE r.id = ?", [.text(id)], withEmbedding: true).first
      }
    }
  }

  /// Records in the order in which they were first added.
  public func get(limit: Int, offset: Int = 0) throws -> [Record] {
    try database.read { state in
      try readRecords(
        state.connection, "ORDER BY r.key LIMIT ? OFFSET ?", [.integer(limit), .integer(offset)],
        withEmbedding: true)
    }
  }

  /// The first few records.
  public func peek(_ count: Int = 10) throws -> [Record] { try get(limit: count) }

  /// The records of one source, in the order in which they were added.
  public func records(ofSource path: String) throws -> [Record] {
    try database.read { state in
      try readRecords(
        state.connection, "WHERE s.path = ? AND s.collection = ? ORDER BY r.key",
        [.text(path), .integer(info.number)], withEmbedding: true)
    }
  }

  /// The records nearest to a vector, nearest first; ties in the order of their ids.
  public func query(embedding: [Float], count: Int) throws -> [Match] {
    guard embedding.count == info.configuration.dimension else {
      throw VectorStoreError.wrongDimension(
        collection: name, expected: info.configuration.dimension, found: embedding.count)
    }
    if let reason = unusableReason(embedding, configuration.distance) {
      throw VectorStoreError.unusableVector(id: "query", reason: reason)
    }
    return try database.read { state in
      let cached = try index(&state)
      try cached.refresh(state.connection, info)
      let nearest = cached.index.nearest(to: embedding, count: count)
      return Array(
        try matches(state.connection, nearest.map { ($0.key, Double($0.distance)) }, ascending: true)
          .prefix(count))
    }
  }

  /// The records with any of the words, best first by BM25 (k1 = 1.2, b = 0.75); ties in the order of their ids.
  public func query(words: String, count: Int) throws -> [Match] {
    guard let expression = KeywordQuery(words).expression, count > 0 else { return [] }
    let n = info.number
    return try database.read { state in
      let sql =
        "SELECT rowid, bm25(words_\(n)) FROM words_\(n) WHERE words_\(n) MATCH ? ORDER BY 2, 1 LIMIT ?"
      let found = try state.connection.rows(sql, [.text(expression), .integer(count)]) {
        (row: SQLiteRow) throws(VectorStoreError) in (row.integer(0), -row.double(1))
      }
      return try matches(state.connection, found, ascending: false)
    }
  }

  /// In how many records each of the words stands, and how many records there are.
  public func documentFrequencies(of words: [String]) throws -> (frequencies: [Int], records: Int) {
    let n = info.number
    return try database.read { state in
      let total = try state.connection.integer("SELECT count(*) FROM records_\(n)") ?? 0
      let counts = try words.map { word in
        guard let expression = KeywordQuery(word).expression else { return 0 }
        return try state.connection.integer(
          "SELECT count(*) FROM words_\(n) WHERE words_\(n) MATCH ?", .text(expression)) ?? 0
      }
      return (counts, total)
    }
  }

  /// For each id the part of its document that has most of the words, with the words marked; nothing for those that
  /// have none of them.
  public func snippets(ids: [String], words: String, tokens: Int = 32) throws -> [String: Snippet] {
    let n = info.number
    let expression = KeywordQuery(words).expression
    let marks = Snippet.Marks()
    return try database.read { state in
      var snippets = [String: Snippet]()
      for id in ids {
        guard let key = try state.connection.integer("SELECT key FROM records_\(n) WHERE id = ?", .text(id)),
          let expression
        else { continue }
        let sql = """
          SELECT snippet(words_\(n), 0, ?, ?, '…', ?) FROM words_\(n)
          WHERE words_\(n) MATCH ? AND rowid = ?
          """
        let found = try state.connection.rows(
          sql,
          [
            .text(marks.opening), .text(marks.closing), .integer(max(1, min(64, tokens))),
            .text(expression), .integer(key),
          ]
        ) { (row: SQLiteRow) throws(VectorStoreError) in row.text(0) }
        if let text = found.first { snippets[id] = Snippet(marked: text, by: marks) }
      }
      return snippets
    }
  }

  /// The sources of the collection, by their paths.
  public func sources() throws -> [String: Source] {
    try database.read { state in
      let sql = "SELECT path, size, modified, hash, details FROM sources WHERE collection = ?"
      let all = try state.connection.rows(sql, [.integer(info.number)]) {
        (row: SQLiteRow) throws(VectorStoreError) in
        Source(
          path: row.text(0), size: Int(row.integer(1)), modified: row.integer(2), hash: row.text(3),
          details: Record.decode(row.text(4)) ?? [:])
      }
      return Dictionary(all.map { ($0.path, $0) }) { first, _ in first }
    }
  }

  // MARK: Parts

  private func index(_ state: inout Database.ReaderState) throws(VectorStoreError) -> CachedIndex {
    if let known = state.indexes[info.number] { return known }
    let made = CachedIndex(
      try ExactIndex(dimension: configuration.dimension, distance: configuration.distance))
    state.indexes[info.number] = made
    return made
  }

  private func matches(
    _ connection: SQLiteConnection, _ found: [(key: Int64, value: Double)], ascending: Bool
  ) throws(VectorStoreError) -> [Match] {
    var matches = [Match]()
    for (key, value) in found {
      if let record = try readRecords(connection, "WHERE r.key = ?", [.integer(key)], withEmbedding: false)
        .first
      {
        matches.append(Match(record: record, value: value))
      }
    }
    return matches.sorted {
      $0.value == $1.value
        ? $0.record.id < $1.record.id : ascending ? $0.value < $1.value : $0.value > $1.value
    }
  }

  private func readRecords(
    _ connection: SQLiteConnection, _ condition: String, _ values: [SQLiteValue], withEmbedding: Bool
  ) throws(VectorStoreError) -> [Record] {
    let columns = withEmbedding ? ", r.vector_checksum, r.embedding" : ""
    let sql = """
      SELECT r.id, r.document, r.metadata, r.payload_checksum, s.path\(columns)
      FROM records_\(info.number) r LEFT JOIN sources s ON s.key = r.source \(condition)
      """
    return try connection.rows(sql, values) { (row: SQLiteRow) throws(VectorStoreError) in
      try RecordReader(collection: name, dimension: configuration.dimension).read(
        row, withEmbedding: withEmbedding)
    }
  }
}

/// Makes records of rows, and holds them to their checksums.
struct RecordReader {
  let collection: String
  let dimension: Int

  func read(_ row: SQLiteRow, withEmbedding: Bool) throws(VectorStoreError) -> Record {
    let id = row.text(0)
    let document = row.optionalText(1)
    let encoded = row.text(2)
    guard RecordChecksum.payload(id: id, document: document, metadata: encoded) == row.integer(3),
      let metadata = Record.decode(encoded)
    else { throw .damagedRecord(collection: collection, id: id, part: "text or metadata") }
    var record = Record(
      id: id, embedding: [], document: document, metadata: metadata, path: row.optionalText(4))
    guard withEmbedding else { return record }
    let embedding: [Float]? = row.withBytes(6) { bytes in
      guard bytes.count == dimension * 4, RecordChecksum.vector(id: id, bytes) == row.integer(5) else {
        return nil
      }
      return (0..<dimension).map { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
    }
    guard let embedding else { throw .damagedRecord(collection: collection, id: id, part: "vector") }
    record.embedding = embedding
    return record
  }
}

/// Why a vector cannot be compared with others; nil where it can.
func unusableReason(_ vector: [Float], _ distance: Distance) -> String? {
  var sum: Float = 0
  for value in vector {
    if !value.isFinite { return "holds \(value), which is no finite number" }
    sum += abs(value)
  }
  if distance == .cosine && sum == 0 { return "is all zeros, which has no direction to compare" }
  return nil
}
