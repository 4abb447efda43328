import MartletCheckpoints
import MartletDocuments
import MartletVectorStore

/// How a chunk is kept as a record of the vector store, and read back.
enum PassageRecord {
  /// A record for a chunk of the file at `path`.
  static func make(_ chunk: Chunk, path: String, embedding: [Float]) -> Record {
    var metadata: [String: MetadataValue] = [:]
    PassageAttributes.write(place: chunk.place, attributes: chunk.attributes, to: &metadata)
    metadata["ordinal"] = .integer(chunk.ordinal)
    metadata["page"] = chunk.page.map { .integer($0) }
    metadata["start_line"] = chunk.startLine.map { .integer($0) }
    metadata["end_line"] = chunk.endLine.map { .integer($0) }
    if !chunk.context.isEmpty { metadata["context"] = .string(chunk.context) }
    metadata["parts"] = PassageParts.text(of: chunk.parts).map { .string($0) }
    if let header = chunk.repeatedHeader {
      metadata["header_line_breaks"] = .integer(header.lineBreaks)
      metadata["header_start_line"] = header.startLine.map { .integer($0) }
      metadata["header_end_line"] = header.endLine.map { .integer($0) }
    }
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

  /// What the parts of the passage's text are; empty where all of it is prose.
  static func parts(of record: Record) -> [Chunk.Part] {
    PassageParts.parts(in: record.metadata["parts"]?.stringValue ?? "")
  }

  /// The table header that the passage's text begins with, though it stands further up in the document.
  static func repeatedHeader(of record: Record) -> Chunk.RepeatedHeader? {
    guard let breaks = record.metadata["header_line_breaks"]?.integerValue else { return nil }
    return Chunk.RepeatedHeader(
      lineBreaks: breaks, startLine: record.metadata["header_start_line"]?.integerValue,
      endLine: record.metadata["header_end_line"]?.integerValue)
  }

  /// Derived from place and content, so that indexing again gives the same ids and no passage stands twice.
  private static func identifier(path: String, ordinal: Int, document: String) -> String {
    var digest = SHA256()
    Array("\(path)\u{0}\(ordinal)\u{0}\(document)".utf8).withUnsafeBytes { digest.update($0) }
    return String(digest.hexadecimal().prefix(20))
  }
}

/// The parts of a passage as one text, such as "heading 0-21, prose 23-400".
enum PassageParts {
  /// Nil where all of it is prose, which most passages are.
  static func text(of parts: [Chunk.Part]) -> String? {
    guard parts.contains(where: { $0.kind != .prose }) else { return nil }
    return parts.map { "\($0.kind.rawValue) \($0.byteRange.lowerBound)-\($0.byteRange.upperBound)" }
      .joined(separator: ", ")
  }

  /// What is malformed, as somebody else may have written it, is left out.
  static func parts(in text: String) -> [Chunk.Part] {
    text.split(separator: ",").compactMap { part in
      let words = part.split { $0 == " " || $0 == "-" }
      guard words.count == 3, let kind = Chunk.Part.Kind(rawValue: String(words[0])),
        let start = Int(words[1]), let end = Int(words[2]), 0 <= start, start <= end
      else { return nil }
      return Chunk.Part(kind: kind, byteRange: start..<end)
    }
  }
}
