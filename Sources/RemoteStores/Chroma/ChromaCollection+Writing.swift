import Foundation
import MartletJSON
import MartletVectorStore

extension ChromaCollection {
  /// Adds records. The server takes them in batches (`max_batch_size`), each of them whole or not at all.
  public func add(_ records: [Record]) throws {
    try check(records)
    var seen = Set<[UInt8]>()
    if let twice = records.first(where: { !seen.insert(Array($0.id.utf8)).inserted }) {
      throw VectorStoreError.recordExists(id: twice.id)
    }
    // Chroma passes over ids that are there already without a word.
    if let known = try get(ids: records.map(\.id), withEmbedding: false).first {
      throw VectorStoreError.recordExists(id: known.id)
    }
    try write(records, to: "add") { ChromaPayload($0, isBase64: store.supportsBase64) }
  }

  /// Adds records, or replaces those with the same ids.
  ///
  /// Chroma's own `upsert` merges metadata and keeps texts that are not named. So keys that are gone are taken away by
  /// name, and of records whose text or URI is gone the old ones are deleted first: those move to the end of the order.
  public func upsert(_ records: [Record]) throws {
    try check(records)
    let byID = Dictionary(records.map { (Array($0.id.utf8), $0) }) { _, last in last }
    var seen = Set<[UInt8]>()
    let last = records.compactMap { seen.insert(Array($0.id.utf8)).inserted ? byID[Array($0.id.utf8)] : nil }
    let old = try get(ids: last.map(\.id), withEmbedding: false)
    let oldByID = Dictionary(old.map { (Array($0.id.utf8), $0) }) { first, _ in first }
    let emptied = last.filter { record in
      guard let old = oldByID[Array(record.id.utf8)] else { return false }
      return (record.document == nil && old.document != nil) || (record.uri == nil && old.uri != nil)
    }
    if !emptied.isEmpty { try delete(ids: emptied.map(\.id)) }
    try write(last, to: "upsert") { part in
      ChromaPayload(part, isBase64: store.supportsBase64) { record in
        oldByID[Array(record.id.utf8)]?.metadata.keys.filter { record.metadata[$0] == nil } ?? []
      }
    }
  }

  /// Changes records; ids that are not there are no error.
  ///
  /// - Returns: How many were changed.
  @discardableResult
  public func update(_ updates: [RecordUpdate]) throws -> Int {
    let known = Set(try get(ids: updates.map(\.id), withEmbedding: false).map { Array($0.id.utf8) })
    let there = updates.filter { known.contains(Array($0.id.utf8)) }
    for update in there {
      if let embedding = update.embedding, let reason = unusableReason(embedding, configuration.distance) {
        throw VectorStoreError.unusableVector(id: update.id, reason: reason)
      }
    }
    // An id may be named twice, which Chroma refuses in one request.
    var group = [RecordUpdate]()
    for update in there {
      if group.contains(where: { $0.id.utf8.elementsEqual(update.id.utf8) }) {
        try write(group, to: "update") { ChromaPayload(updates: $0, isBase64: store.supportsBase64) }
        group = []
      }
      group.append(update)
    }
    try write(group, to: "update") { ChromaPayload(updates: $0, isBase64: store.supportsBase64) }
    return there.count
  }

  /// Deletes records; ids that are not there are no error.
  ///
  /// - Returns: How many were deleted.
  @discardableResult
  public func delete(ids: [String]) throws -> Int {
    // The server answers with how many it was named.
    let there = try get(ids: ids, withEmbedding: false).map(\.id)
    let unique = Array(Set(there.map { Array($0.utf8) })).map { String(decoding: $0, as: UTF8.self) }
    try write(unique, to: "delete") { ChromaPayload(ids: $0) }
    return unique.count
  }

  /// Deletes all records.
  func deleteAll() throws {
    while case let ids = try ids(limit: store.batchSize), !ids.isEmpty {
      try write(ids, to: "delete") { ChromaPayload(ids: $0) }
    }
  }

  /// Gives the collection another name in its database.
  @discardableResult
  public func rename(to name: String) throws -> any RecordCollection {
    // Chroma's own server says in its own way that a name is taken.
    do {
      _ = try store.openCollection(named: name, in: store.namespace)
      throw VectorStoreError.collectionExists(name: name)
    } catch VectorStoreError.noSuchCollection {}
    let body: JSON = ["new_name": .string(name)]
    _ = try asking { try store.json("PUT", "\(store.collectionsPath)/\(id)", body) }
    return try store.openCollection(named: name, in: store.namespace)
  }

  // MARK: Parts

  private func check(_ records: [Record]) throws {
    for record in records {
      try record.check(distance: configuration.distance)
      if let dimension = configuration.dimension, record.embedding.count != dimension {
        throw VectorStoreError.wrongDimension(
          collection: name, expected: dimension, found: record.embedding.count)
      }
    }
  }

  /// Sends elements in as many requests as the server's limits want; one whose body is too large for it is halved.
  private func write<Element>(
    _ all: [Element], to action: String, _ payload: ([Element]) -> ChromaPayload
  ) throws {
    var rest = all[...]
    var size = store.batchSize
    while !rest.isEmpty {
      try Cancellation.check()
      let part = Array(rest.prefix(size))
      do {
        _ = try asking { try sending(action, payload(part)) }
      } catch let refusal as TooLarge {
        guard part.count > 1 else { throw refusal.error }
        size = part.count / 2
        continue
      }
      rest = rest.dropFirst(part.count)
    }
  }

  private func sending(_ action: String, _ payload: ChromaPayload) throws -> [UInt8] {
    do {
      return try store.send("POST", path(action), payload.bytes)
    } catch let refusal as ChromaRefusal where refusal.status == 413 { throw TooLarge(error: refusal.error) }
  }

  private struct TooLarge: Error { let error: RemoteStoreError }
}

/// The body of a request with records: a list of each part.
struct ChromaPayload {
  /// JSON.
  let bytes: [UInt8]

  /// Whole records.
  ///
  /// - Parameter gone: Keys of the metadata that are to be taken away.
  init(_ records: [Record], isBase64: Bool, gone: (Record) -> [String] = { _ in [] }) {
    let metadatas = records.map { record -> JSON in
      var members = record.metadata.json.objectValue ?? [:]
      for key in gone(record) { members[key] = JSON.null }
      return members.isEmpty ? .null : .object(members)
    }
    bytes = Self.bytes([
      ("ids", .array(records.map { .string($0.id) })),
      ("embeddings", .array(records.map { Self.json($0.embedding, isBase64: isBase64) })),
      ("documents", Self.texts(records.map(\.document))), ("metadatas", .array(metadatas)),
      ("uris", Self.texts(records.map(\.uri))),
    ])
  }

  /// Changes.
  init(updates: [RecordUpdate], isBase64: Bool) {
    let metadatas = updates.map { update -> JSON in
      let sorted = update.metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      return sorted.isEmpty ? .null : .object(JSONObject(sorted.map { ($0.key, $0.value?.json ?? .null) }))
    }
    let embeddings = updates.map { $0.embedding.map { Self.json($0, isBase64: isBase64) } ?? .null }
    bytes = Self.bytes([
      ("ids", .array(updates.map { .string($0.id) })), ("embeddings", .array(embeddings)),
      ("documents", Self.texts(updates.map(\.document))), ("metadatas", .array(metadatas)),
      ("uris", Self.texts(updates.map(\.uri))),
    ])
  }

  /// Ids alone.
  init(ids: [String]) { bytes = Self.bytes([("ids", .array(ids.map { .string($0) }))]) }

  private static func bytes(_ members: [(String, JSON)]) -> [UInt8] {
    Array(JSON.object(JSONObject(members)).serialized().utf8)
  }

  private static func texts(_ texts: [String?]) -> JSON {
    .array(texts.map { $0.map { .string($0) } ?? .null })
  }

  /// The base64 of little-endian floats is shorter than decimals, and exact.
  private static func json(_ vector: [Float], isBase64: Bool) -> JSON {
    guard isBase64 else { return .array(vector.map { JSON($0) }) }
    return .string(vector.withUnsafeBytes { Data($0) }.base64EncodedString())
  }
}
