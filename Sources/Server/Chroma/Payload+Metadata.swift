import MartletJSON
import MartletVectorStore

/// Values by their keys; nil takes a key away.
typealias MetadataChanges = [String: MetadataValue?]

extension JSONReader {
  /// An object of metadata. Null as a value says that a key is to be taken away, where that makes sense.
  mutating func metadata(at place: String, allowsNull: Bool) throws -> MetadataChanges {
    guard try nextKind() == .object else {
      throw HTTPError.misshapen("\(place): expected an object, got \(try nextKind().rawValue)")
    }
    var metadata: MetadataChanges = [:]
    var listBytes = 0
    try readMembers { key, reader in
      try Self.checkKey(key, at: place)
      guard metadata.count < Self.mostKeys else {
        throw HTTPError.invalid("\(place): metadata may have \(Self.mostKeys) keys, and this has more")
      }
      guard metadata[key] == nil else {
        throw HTTPError.misshapen("\(place): duplicate key \(JSON.quoted(key))")
      }
      switch try reader.nextKind() {
      case .null:
        guard allowsNull else {
          throw HTTPError.misshapen("\(place).\(key): null; leave a key without a value out")
        }
        try reader.skipValue()
        metadata.updateValue(nil, forKey: key)
      case .string: metadata[key] = .string(try reader.readString())
      case .number, .bool: metadata[key] = try Self.value(reader.readValue(), key: key, at: place)
      default:
        let json = try reader.value(at: "\(place).\(key)", atMost: Self.longestList, &listBytes)
        guard listBytes <= Self.longestLists else {
          throw HTTPError(
            status: 413, message: "\(place): its lists may have \(Self.longestLists) bytes of JSON together")
        }
        metadata[key] = try Self.value(json, key: key, at: place)
      }
    }
    return metadata
  }

  /// The most keys of a record or a collection.
  private static let mostKeys = 4096
  /// The most bytes of a list among the metadata.
  private static let longestList = 1 << 20
  /// The most bytes of all lists of one record.
  private static let longestLists = 4 << 20

  private static func checkKey(_ key: String, at place: String) throws(HTTPError) {
    guard let first = key.utf8.first else { throw .invalid("\(place): Metadata key cannot be empty") }
    guard first != UInt8(ascii: "#"), first != UInt8(ascii: "$") else {
      throw .invalid("\(place): Metadata key cannot start with '#' or '$': \(key)")
    }
  }

  private static func value(_ json: JSON, key: String, at place: String) throws(HTTPError) -> MetadataValue {
    if json["#type"] == "sparse_vector" {
      throw .notImplemented(
        "\(place).\(key): sparse vectors are not supported, as they are not by Chroma on one machine.")
    }
    do throws(MetadataError) { return try MetadataValue(json, key: key) } catch {
      throw .misshapen("\(place): \(error)")
    }
  }

  /// A collection's metadata, or null. It is not empty, but for values that are null and so say nothing.
  mutating func collectionMetadata(at place: String, allowsNull: Bool) throws -> Metadata? {
    guard let read = try orNull({ try $0.metadata(at: place, allowsNull: allowsNull) }) else { return nil }
    guard !read.isEmpty else {
      throw HTTPError.invalid("Validation error: \(place): Metadata cannot be empty")
    }
    return read.compactMapValues { $0 }
  }
}
