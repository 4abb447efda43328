/// A row of the table of collections.
struct CollectionInfo: Sendable, Equatable {
  var number: Int64
  var id: String
  var configuration: CollectionConfiguration
  /// Seconds since 1970.
  var created: Int

  /// All collections in the order of their names.
  static func all(_ connection: SQLiteConnection) throws(VectorStoreError) -> [CollectionInfo] {
    let sql = """
      SELECT number, id, name, dimension, distance, embedder, revision, maximum_tokens, precision, created
      FROM collections ORDER BY name
      """
    return try connection.rows(sql) { (row: SQLiteRow) throws(VectorStoreError) in
      guard let distance = Distance(rawValue: row.text(4)) else {
        throw .damaged(path: connection.path, detail: "collection \(row.text(2)) has no known distance")
      }
      // Vectors of other lengths were never written, since SQLite's blobs end at a billion bytes.
      guard (1...250_000_000).contains(row.integer(3)) else {
        throw .damaged(
          path: connection.path, detail: "collection \(row.text(2)) has vectors of \(row.integer(3)) numbers")
      }
      let embedder = EmbedderIdentity(
        name: row.text(5), revision: row.text(6), maximumTokens: Int(row.integer(7)), precision: row.text(8))
      return CollectionInfo(
        number: row.integer(0), id: row.text(1),
        configuration: CollectionConfiguration(
          name: row.text(2), dimension: Int(row.integer(3)), distance: distance, embedder: embedder),
        created: Int(row.integer(9)))
    }
  }
}

/// The index of one collection in memory, and up to which state it has followed SQLite.
final class CachedIndex: @unchecked Sendable {
  // Used under the lock of the database's reading side alone.
  let index: any VectorIndex
  private var sequence = -1
  private var epoch = -1

  init(_ index: any VectorIndex) { self.index = index }

  /// Brings the index to the state of the transaction that `connection` reads in.
  func refresh(_ connection: SQLiteConnection, _ info: CollectionInfo) throws(VectorStoreError) {
    let current = try connection.integer("SELECT value FROM meta WHERE key = 'sequence'") ?? 0
    let newEpoch =
      try connection.integer("SELECT epoch FROM collections WHERE number = ?", .integer(info.number)) ?? 0
    if current == sequence && newEpoch == epoch { return }
    let isFresh = newEpoch != epoch
    if isFresh { index.removeAll() }
    let n = info.number
    // Until all of it has been taken in, the index counts as being in no state at all.
    let since = isFresh ? -1 : sequence
    epoch = -1
    if isFresh {
      try load(connection, "SELECT key, id, vector_checksum, embedding FROM records_\(n)", [], info)
    } else {
      try connection.forEachRow("SELECT key FROM deletions_\(n) WHERE sequence > ?", [.integer(since)]) {
        (row: SQLiteRow) throws(VectorStoreError) in index.remove(key: row.integer(0))
      }
      try load(
        connection, "SELECT key, id, vector_checksum, embedding FROM records_\(n) WHERE sequence > ?",
        [.integer(since)], info)
    }
    sequence = current
    epoch = newEpoch
  }

  private func load(
    _ connection: SQLiteConnection, _ sql: String, _ values: [SQLiteValue], _ info: CollectionInfo
  ) throws(VectorStoreError) {
    try connection.forEachRow(sql, values) { (row: SQLiteRow) throws(VectorStoreError) in
      let id = row.text(1)
      let isSound = row.withBytes(3) { bytes in
        guard bytes.count == info.configuration.dimension * 4,
          RecordChecksum.vector(id: id, bytes) == row.integer(2)
        else { return false }
        // SQLite aligns blobs to eight bytes or more; where it should not, the numbers are copied.
        if Int(bitPattern: bytes.baseAddress) % 4 == 0 {
          index.set(key: row.integer(0), vector: bytes.bindMemory(to: Float.self))
        } else {
          let copy = (0..<info.configuration.dimension).map {
            bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self)
          }
          copy.withUnsafeBufferPointer { index.set(key: row.integer(0), vector: $0) }
        }
        return true
      }
      guard isSound else { throw .damagedRecord(collection: info.configuration.name, id: id, part: "vector") }
    }
  }
}
