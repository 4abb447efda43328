import MartletJSON
import MartletVectorStore

/// The records of an add, an upsert or an update, as columns.
struct RecordsPayload {
  /// What a request does with its records.
  enum Use { case add, upsert, update }

  private(set) var ids: [String] = []
  private(set) var embeddings: [[Float]?]?
  /// Each as its text, which was read once to see that it can be: as values, many small ones take ten times as much.
  private var metadatas: [ArraySlice<UInt8>?]?
  private let use: Use
  private var documents: [String?]?
  private var uris: [String?]?

  init(_ body: [UInt8], for use: Use, atMost limit: Int, _ notices: Notices) throws {
    self.use = use
    var hasIDs = false
    try readPayload(body, notices) { member, reader in
      switch member {
      case "ids":
        ids = try reader.texts(at: "ids", atMost: limit)
        hasIDs = true
      case "embeddings": embeddings = try Self.embeddings(&reader, for: use, limit)
      case "metadatas": metadatas = try Self.metadatas(&reader, for: use, limit)
      case "documents": documents = try reader.orNull { try $0.textsOrNulls(at: "documents", atMost: limit) }
      case "uris": uris = try reader.orNull { try $0.textsOrNulls(at: "uris", atMost: limit) }
      default: return false
      }
      return true
    }
    guard hasIDs else { throw HTTPError.misshapen("missing field `ids`") }
    guard embeddings != nil || use == .update else { throw HTTPError.misshapen("missing field `embeddings`") }
    try check()
  }

  private static func embeddings(_ reader: inout JSONReader, for use: Use, _ limit: Int) throws -> [[Float]?]?
  {
    func all(_ reader: inout JSONReader) throws -> [[Float]?] {
      try reader.list(at: "embeddings", atMost: limit) { reader, index in
        let place = "embeddings[\(index)]"
        return use == .update ? try reader.orNull { try $0.vector(at: place) } : try reader.vector(at: place)
      }
    }
    return use == .update ? try reader.orNull(all) : try all(&reader)
  }

  private static func metadatas(_ reader: inout JSONReader, for use: Use, _ limit: Int) throws
    -> [ArraySlice<UInt8>?]?
  {
    try reader.orNull { reader in
      try reader.list(at: "metadatas", atMost: limit) { reader, index in
        try reader.orNull { reader in
          try reader.text(of: { _ = try $0.metadata(at: "metadatas[\(index)]", allowsNull: use != .add) })
        }
      }
    }
  }

  private func check() throws(HTTPError) {
    let lengths = [embeddings?.count, metadatas?.count, documents?.count, uris?.count]
    guard lengths.allSatisfy({ $0 ?? ids.count == ids.count }) else {
      throw .invalid("Inconsistent number of IDs, embeddings, documents, URIs and metadatas")
    }
    guard !ids.contains("") else { throw .invalid("Empty ID, ID must have at least one character") }
    let vectors = (embeddings ?? []).lazy.compactMap { $0 }
    guard vectors.allSatisfy({ $0.count == vectors.first?.count }) else {
      throw .invalid("Inconsistent dimensions in provided embeddings")
    }
  }

  /// The numbers of each vector; nil where there is none.
  var dimension: Int? { embeddings?.lazy.compactMap { $0 }.first?.count }

  /// The record at an index as a new one.
  func record(_ index: Int) throws -> Record {
    Record(
      id: ids[index], embedding: embeddings?[index] ?? [], document: documents?[index],
      metadata: try metadata(index).compactMapValues { $0 }, uri: uris?[index])
  }

  /// The record at an index as changes to the one that is there.
  func changes(_ index: Int) throws -> RecordUpdate {
    RecordUpdate(
      id: ids[index], embedding: embeddings?[index], document: documents?[index],
      metadata: try metadata(index), uri: uris?[index])
  }

  private func metadata(_ index: Int) throws -> MetadataChanges {
    guard let text = metadatas?[index] else { return [:] }
    var reader = try JSONReader(Array(text))
    return try reader.metadata(at: "metadatas[\(index)]", allowsNull: use != .add)
  }
}
