/// A text with its vector, as Chroma has it.
public struct Record: Sendable, Equatable {
  /// Unique in its collection.
  public var id: String
  /// The vector; its length is the collection's dimension. Empty where a query left it out, and where a
  /// `TextCollection` is to make it.
  public var embedding: [Float]
  /// The text that keyword search looks through.
  public var document: String?
  /// Whatever else is known of the record.
  public var metadata: Metadata
  /// Where what the record stands for can be had.
  public var uri: String?
  /// The path of the source that the record came with; nil where it was added by itself.
  public var path: String?

  /// Creates a record.
  public init(
    id: String, embedding: [Float] = [], document: String? = nil, metadata: Metadata = [:],
    uri: String? = nil,
    path: String? = nil
  ) {
    self.id = id
    self.embedding = embedding
    self.document = document
    self.metadata = metadata
    self.uri = uri
    self.path = path
  }
}

extension Record {
  /// Throws unless a collection can keep the record.
  ///
  /// - Parameter distance: That of a store that cannot compare vectors without a direction by cosine; nil takes these, too.
  package func check(distance: Distance? = nil) throws(VectorStoreError) {
    if let reason = unusableReason(embedding, distance) { throw .unusableVector(id: id, reason: reason) }
    for (key, value) in metadata {
      guard value.isFinite else {
        throw .unusableMetadata(id: id, key: key, reason: "holds a number that is not finite")
      }
      guard !value.isEmptyList else {
        throw .unusableMetadata(id: id, key: key, reason: "is an empty list")
      }
    }
  }
}

/// Changes to a record: what is nil stays as it was.
public struct RecordUpdate: Sendable, Equatable {
  /// Which record.
  public var id: String
  /// Its new vector.
  public var embedding: [Float]?
  /// Its new text.
  public var document: String?
  /// New values by their keys; nil takes a key away, and keys that are not named stay.
  public var metadata: [String: MetadataValue?]
  /// Its new URI.
  public var uri: String?

  /// Creates a set of changes.
  public init(
    id: String, embedding: [Float]? = nil, document: String? = nil, metadata: [String: MetadataValue?] = [:],
    uri: String? = nil
  ) {
    self.id = id
    self.embedding = embedding
    self.document = document
    self.metadata = metadata
    self.uri = uri
  }

  /// The record with the changes made.
  package func applied(to record: Record) -> Record {
    var changed = record
    if let embedding { changed.embedding = embedding }
    if let document { changed.document = document }
    if let uri { changed.uri = uri }
    for (key, value) in metadata { changed.metadata[key] = value }
    return changed
  }
}

/// A record that was found by its vector.
public struct Match: Sendable, Equatable {
  /// The record, without its vector unless that was asked for.
  public var record: Record
  /// How far its vector is from the query's, in the collection's `Distance`: smaller is nearer.
  public var distance: Double

  /// Creates a match.
  public init(record: Record, distance: Double) {
    self.record = record
    self.distance = distance
  }
}

/// A record that was found by its words.
public struct KeywordMatch: Sendable, Equatable {
  /// The record, without its vector.
  public var record: Record
  /// BM25: larger is better. Comparable within one search only.
  public var score: Double

  /// Creates a match.
  public init(record: Record, score: Double) {
    self.record = record
    self.score = score
  }
}
