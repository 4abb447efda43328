import MartletJSON

extension Record {
  /// The record as one JSON object: id, embedding (shortest numbers that read back as the same floats; null where it
  /// is empty), document, metadata and uri.
  public var jsonText: String { String(decoding: jsonBytes, as: UTF8.self) }

  var jsonBytes: [UInt8] {
    var text = [UInt8]()
    text.reserveCapacity(64 + embedding.count * 14 + (document?.utf8.count ?? 0))
    text += #"{"id": "#.utf8
    text += JSON.quoted(id).utf8
    text += #", "embedding": "#.utf8
    if embedding.isEmpty {
      text += "null".utf8
    } else {
      for (index, value) in embedding.enumerated() {
        text += (index == 0 ? "[" : ", ").utf8
        text += value.description.utf8
      }
      text.append(0x5D)
    }
    text += #", "document": "#.utf8
    text += (document.map { JSON.quoted($0) } ?? "null").utf8
    text += #", "metadata": "#.utf8
    text += metadata.json.serialized(style: .python).utf8
    text += #", "uri": "#.utf8
    text += (uri.map { JSON.quoted($0) } ?? "null").utf8
    text.append(0x7D)
    return text
  }

  /// Reads what `jsonText` writes. All but the id may be missing or null; a member of another name is an error.
  ///
  /// - Throws: `JSONError`, `MetadataError` or `RecordTextError`.
  public init(jsonText bytes: [UInt8]) throws {
    var reader = try JSONReader(bytes)
    guard try reader.nextKind() == .object else {
      throw RecordTextError(
        description: "a record is an object, and this is \(try reader.nextKind().rawValue)")
    }
    var record = Record(id: "", embedding: [])
    var seen = Set<String>()
    try reader.readMembers { key, reader in
      guard seen.insert(key).inserted else {
        throw RecordTextError(description: "\"\(key)\" stands there twice")
      }
      let kind = try reader.nextKind()
      switch (key, kind) {
      case ("id", .string): record.id = try reader.readString()
      case ("embedding", .array): record.embedding = try Self.vector(&reader)
      case ("document", .string): record.document = try reader.readString()
      case ("uri", .string): record.uri = try reader.readString()
      case ("metadata", .object):
        guard let object = try reader.readValue().objectValue else { return }
        record.metadata = try Metadata(object)
      case ("embedding", .null), ("document", .null), ("uri", .null), ("metadata", .null):
        _ = try reader.skipValue()
      case ("id", _), ("document", _), ("uri", _):
        throw RecordTextError(description: "\"\(key)\" is \(kind.rawValue); it should be a string")
      case ("embedding", _):
        throw RecordTextError(description: "\"embedding\" is \(kind.rawValue); it should be an array")
      case ("metadata", _):
        throw RecordTextError(description: "\"metadata\" is \(kind.rawValue); it should be an object")
      default:
        throw RecordTextError(
          description: "\"\(key)\" is none of a record's members: id, embedding, document, metadata, uri")
      }
    }
    try reader.readEnd()
    guard seen.contains("id") else { throw RecordTextError(description: "the record has no \"id\"") }
    self = record
  }

  private static func vector(_ reader: inout JSONReader) throws -> [Float] {
    var vector = [Float]()
    try reader.readElements { vector.append(Float(try $0.readDouble())) }
    guard !vector.isEmpty else { throw RecordTextError(description: "\"embedding\" has no numbers") }
    return vector
  }
}

/// Why a JSON object is no record.
public struct RecordTextError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was wrong.
  public var description: String
}
