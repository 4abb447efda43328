import MartletJSON
import MartletVectorStore

/// Records as Chroma's answers have them: a list of each part. Vectors are read as they come, without a tree of their
/// numbers.
package struct ChromaRecords {
  private var ids: [String] = []
  private var embeddings: [[Float]?] = []
  private var documents: [JSON] = []
  private var metadatas: [JSON] = []
  private var uris: [JSON] = []
  private var distances: [JSON] = []

  /// What an answer is to hold.
  static func include(withEmbedding: Bool, _ more: String...) -> JSON {
    .array(
      (["documents", "metadatas", "uris"] + (withEmbedding ? ["embeddings"] : []) + more).map { .string($0) })
  }

  /// The records of an answer to `get`.
  package static func records(_ answer: [UInt8], _ title: String) throws -> [Record] {
    try read(answer, isNested: false, title).records(title)
  }

  /// The records of an answer to `query` with one vector, with their distances.
  package static func matches(_ answer: [UInt8], _ title: String) throws -> [Match] {
    let found = try read(answer, isNested: true, title)
    let records = try found.records(title)
    return zip(records.indices, records).map { place, record in
      Match(
        record: record,
        distance: place < found.distances.count ? found.distances[place].doubleValue ?? .nan : .nan
      )
    }
  }

  /// - Parameter isNested: Whether each list stands in one of its own, for the vector that was asked with.
  private static func read(_ answer: [UInt8], isNested: Bool, _ title: String) throws -> ChromaRecords {
    var found = ChromaRecords()
    do {
      var reader = try JSONReader(answer)
      try reader.readMembers { member, reader in
        guard try reader.nextKind() == .array, member != "include" else {
          _ = try reader.skipValue()
          return
        }
        if isNested {
          var isFirst = true
          try reader.readElements { reader in
            if isFirst { try found.read(member, &reader) } else { _ = try reader.skipValue() }
            isFirst = false
          }
        } else {
          try found.read(member, &reader)
        }
      }
      try reader.readEnd()
    } catch let error as JSONError {
      throw RemoteStoreError.unexpectedAnswer(store: title, detail: "\(error)")
    }
    return found
  }

  private mutating func read(_ member: String, _ reader: inout JSONReader) throws {
    guard try reader.nextKind() == .array else {
      _ = try reader.skipValue()
      return
    }
    switch member {
    case "ids": try reader.readElements { ids.append(try $0.readString()) }
    case "embeddings":
      try reader.readElements { reader in
        guard try reader.nextKind() == .array else {
          _ = try reader.skipValue()
          return embeddings.append(nil)
        }
        var vector = [Float]()
        try reader.readElements { vector.append(Float(try $0.readDouble())) }
        embeddings.append(vector)
      }
    case "documents": try reader.readElements { documents.append(try $0.readValue()) }
    case "metadatas": try reader.readElements { metadatas.append(try $0.readValue()) }
    case "uris": try reader.readElements { uris.append(try $0.readValue()) }
    case "distances": try reader.readElements { distances.append(try $0.readValue()) }
    default: _ = try reader.skipValue()
    }
  }

  private func records(_ title: String) throws(RemoteStoreError) -> [Record] {
    let counts = [embeddings.count, documents.count, metadatas.count, uris.count]
    guard counts.allSatisfy({ $0 == 0 || $0 == ids.count }) else {
      throw .unexpectedAnswer(store: title, detail: "its lists have different lengths")
    }
    var records = [Record]()
    records.reserveCapacity(ids.count)
    for (place, id) in ids.enumerated() {
      var metadata = Metadata()
      if let object = place < metadatas.count ? metadatas[place].objectValue : nil {
        do { metadata = try Metadata(object) } catch {
          throw .unexpectedAnswer(store: title, detail: "of record \(id): \(error)")
        }
      }
      records.append(
        Record(
          id: id, embedding: place < embeddings.count ? embeddings[place] ?? [] : [],
          document: place < documents.count ? documents[place].stringValue : nil, metadata: metadata,
          uri: place < uris.count ? uris[place].stringValue : nil))
    }
    return records
  }
}
