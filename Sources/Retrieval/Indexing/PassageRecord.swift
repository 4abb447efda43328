import Checkpoints
import Documents
import VectorStore

/// How a chunk is kept as a record of the vector store, and read back.
enum PassageRecord {
  /// A record for a chunk of the file at `path`.
  static func make(_ chunk: Chunk, path: String, embedding: [Float]) -> Record {
    var metadata: [String: MetadataValue] = ["ordinal": .integer(chunk.ordinal)]
    metadata["page"] = chunk.page.map { .integer($0) }
    metadata["start_line"] = chunk.startLine.map { .integer($0) }
    metadata["end_line"] = chunk.endLine.map { .integer($0) }
    if !chunk.context.isEmpty { metadata["context"] = .string(chunk.context) }
    if !chunk.headings.isEmpty { metadata["headings"] = .string(chunk.headings.joined(separator: " > ")) }
    return Record(
      id: identifier(path: path, ordinal: chunk.ordinal, document: chunk.embeddingText), embedding: embedding,
      document: chunk.embeddingText, metadata: metadata)
  }

  /// A record of the same passage in another file.
  static func copy(_ record: Record, to path: String) -> Record {
    var copy = record
    copy.id = identifier(
      path: path, ordinal: record.metadata["ordinal"]?.integerValue ?? 0, document: record.document ?? "")
    copy.path = nil
    return copy
  }

  /// The passage's own text: the document without the headings that were put before it.
  static func text(of record: Record) -> String {
    let document = record.document ?? ""
    guard let context = record.metadata["context"]?.stringValue, document.hasPrefix(context + "\n") else {
      return document
    }
    return String(document.dropFirst(context.count + 1))
  }

  /// Derived from place and content, so that indexing again gives the same ids and no passage stands twice.
  private static func identifier(path: String, ordinal: Int, document: String) -> String {
    var digest = SHA256()
    Array("\(path)\u{0}\(ordinal)\u{0}\(document)".utf8).withUnsafeBytes { digest.update($0) }
    return String(digest.hexadecimal().prefix(20))
  }
}
