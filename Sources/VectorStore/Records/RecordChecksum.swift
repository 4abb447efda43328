import MartletSQLite

/// The two checksums of a record. Both begin with the id, so that parts of two records cannot change places unseen.
enum RecordChecksum {
  static func vector(id: String, _ embedding: UnsafeRawBufferPointer) -> Int64 {
    var id = id
    return id.withUTF8 { Int64(bitPattern: XXHash64.chain(UnsafeRawBufferPointer($0), embedding, seed: 1)) }
  }

  /// Over everything but the vector. The seed tells what is missing from what is empty.
  static func payload(id: String, document: String?, metadata: String, uri: String?) -> Int64 {
    let hash = hash(id, seed: document == nil ? 2 : 3)
    let payload = Self.hash(metadata, seed: Self.hash(document ?? "", seed: hash))
    // Records without a URI have the checksum that they had when there were none.
    return Int64(bitPattern: uri.map { Self.hash($0, seed: payload) } ?? payload)
  }

  private static func hash(_ text: String, seed: UInt64) -> UInt64 {
    var text = text
    return text.withUTF8 { XXHash64.hash(UnsafeRawBufferPointer($0), seed: seed) }
  }
}
