import MartletSQLite

/// Makes records of rows, and holds them to their checksums.
struct RecordReader {
  let info: CollectionInfo

  init(_ info: CollectionInfo) { self.info = info }

  private var collection: String { info.configuration.name }

  /// The records that a condition names, over `records_N r` and its source `s`.
  func records(
    _ connection: StoreConnection, _ condition: String, _ values: [SQLiteValue], withEmbedding: Bool
  ) throws(VectorStoreError) -> [Record] {
    try connection.rows(sql(condition, withEmbedding: withEmbedding), values) {
      (row: SQLiteRow) throws(VectorStoreError) in try read(row, withEmbedding: withEmbedding)
    }
  }

  /// The record of that key, where there is one.
  func record(key: Int64, _ connection: StoreConnection, withEmbedding: Bool) throws(VectorStoreError)
    -> Record?
  {
    try records(connection, "WHERE r.key = ?", [.integer(key)], withEmbedding: withEmbedding).first
  }

  /// The record of that id with the key of its source, where there is one.
  func recordAndSource(
    id: String, _ connection: StoreConnection
  ) throws(VectorStoreError) -> (Record, source: Int64?)? {
    try connection.rows(sql("WHERE r.id = ?", withEmbedding: true), [.text(id)]) {
      (row: SQLiteRow) throws(VectorStoreError) in
      (try read(row, withEmbedding: true), source: row.optionalInteger(6).map { Int64($0) })
    }.first
  }

  private func sql(_ condition: String, withEmbedding: Bool) -> String {
    """
    SELECT r.id, r.document, r.metadata, r.uri, r.payload_checksum, s.path, r.source\
    \(withEmbedding ? ", r.vector_checksum, r.embedding" : "")
    FROM records_\(info.number) r LEFT JOIN sources s ON s.key = r.source \(condition)
    """
  }

  private func read(_ row: SQLiteRow, withEmbedding: Bool) throws(VectorStoreError) -> Record {
    let id = row.text(0)
    let (document, encoded, uri) = (row.optionalText(1), row.text(2), row.optionalText(3))
    guard RecordChecksum.payload(id: id, document: document, metadata: encoded, uri: uri) == row.integer(4),
      let metadata = Metadata(encoded: encoded)
    else { throw .damagedRecord(collection: collection, id: id, part: "text or metadata") }
    var record = Record(
      id: id, embedding: [], document: document, metadata: metadata, uri: uri, path: row.optionalText(5))
    guard withEmbedding else { return record }
    let embedding: [Float]? = row.withBytes(8) { bytes in
      guard bytes.count == (info.configuration.dimension ?? -1) * 4,
        RecordChecksum.vector(id: id, bytes) == row.integer(7)
      else { return nil }
      return [Float](unsafeUninitializedCapacity: bytes.count / 4) { buffer, count in
        UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
        count = bytes.count / 4
      }
    }
    guard let embedding else { throw .damagedRecord(collection: collection, id: id, part: "vector") }
    record.embedding = embedding
    return record
  }
}

/// Why a vector cannot be compared with others; nil where it can.
///
/// - Parameter distance: That of a store that cannot compare vectors without a direction by cosine; nil takes these, too.
package func unusableReason(_ vector: [Float], _ distance: Distance? = nil) -> String? {
  // Bits, so that many are looked at at a time: an exponent of ones is no finite number's.
  var largest: UInt32 = 0
  for value in vector {
    let magnitude = value.bitPattern & 0x7FFF_FFFF
    largest = max(largest, magnitude)
  }
  if largest >= Float.infinity.bitPattern, let value = vector.first(where: { !$0.isFinite }) {
    return "holds \(value), which is no finite number"
  }
  if distance == .cosine && largest == 0 { return "is all zeros, which has no direction to compare" }
  return nil
}
