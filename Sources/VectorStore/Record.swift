import JSON

/// A value of a record's metadata.
public enum MetadataValue: Sendable, Equatable, Hashable {
  /// Text.
  case string(String)
  /// A whole number.
  case integer(Int)
  /// A number with a fraction; infinities and NaN have no place in JSON and are refused.
  case double(Double)
  /// A truth value.
  case bool(Bool)

  /// The text, where it is one.
  public var stringValue: String? { if case .string(let value) = self { value } else { nil } }
  /// The whole number, where it is one.
  public var integerValue: Int? { if case .integer(let value) = self { value } else { nil } }
}

/// A text with its vector, as Chroma has it.
public struct Record: Sendable, Equatable {
  /// Unique in its collection.
  public var id: String
  /// The vector; its length is the collection's dimension. Empty where a query left it out.
  public var embedding: [Float]
  /// The text that keyword search looks through.
  public var document: String?
  /// Whatever else is known of the record.
  public var metadata: [String: MetadataValue]
  /// The path of the source that the record came with; nil where it was added by itself.
  public var path: String?

  /// Creates a record.
  public init(
    id: String, embedding: [Float], document: String? = nil, metadata: [String: MetadataValue] = [:],
    path: String? = nil
  ) {
    self.id = id
    self.embedding = embedding
    self.document = document
    self.metadata = metadata
    self.path = path
  }
}

/// A record that a query found.
public struct Match: Sendable, Equatable {
  /// The record, without its vector.
  public var record: Record
  /// For a vector query the distance (smaller is nearer); for a keyword query the BM25 score (larger is better).
  public var value: Double
}

extension Record {
  /// The metadata as a JSON object with sorted keys: the form that is stored and that the checksum covers.
  static func encode(_ metadata: [String: MetadataValue]) -> String {
    if metadata.isEmpty { return "{}" }
    let members = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { key, value in
      switch value {
      case .string(let text): (key, JSON.string(text))
      case .integer(let number): (key, JSON(number))
      case .double(let number): (key, JSON(number))
      case .bool(let truth): (key, JSON.bool(truth))
      }
    }
    return JSON.object(JSONObject(members)).serialized()
  }

  /// Reads what `encode` wrote; nil where it is something else.
  static func decode(_ text: String) -> [String: MetadataValue]? {
    if text == "{}" { return [:] }
    guard let object = try? JSON(parsing: text).objectValue else { return nil }
    var metadata = [String: MetadataValue]()
    for (key, value) in object {
      switch value {
      case .string(let text): metadata[key] = .string(text)
      case .bool(let truth): metadata[key] = .bool(truth)
      case .number(let number):
        // A double is written with a point or an exponent, an integer without.
        let isDouble = number.literal.contains { $0 == "." || $0 == "e" || $0 == "E" }
        if !isDouble, let whole = number.intValue {
          metadata[key] = .integer(whole)
        } else {
          metadata[key] = .double(number.doubleValue)
        }
      default: return nil
      }
    }
    return metadata
  }
}

/// The two checksums of a record. Both begin with the id, so that parts of two records cannot change places unseen.
enum RecordChecksum {
  static func vector(id: String, _ embedding: UnsafeRawBufferPointer) -> Int64 {
    var id = id
    return id.withUTF8 { Int64(bitPattern: XXHash64.chain(UnsafeRawBufferPointer($0), embedding, seed: 1)) }
  }

  static func payload(id: String, document: String?, metadata: String) -> Int64 {
    var id = id
    var metadata = metadata
    // A document that is missing differs from an empty one.
    var text = document ?? ""
    return id.withUTF8 { id in
      text.withUTF8 { text in
        metadata.withUTF8 { metadata in
          Int64(
            bitPattern: XXHash64.chain(
              UnsafeRawBufferPointer(id), UnsafeRawBufferPointer(text), UnsafeRawBufferPointer(metadata),
              seed: document == nil ? 2 : 3))
        }
      }
    }
  }
}
