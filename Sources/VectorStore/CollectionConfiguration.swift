/// How the distance between two vectors is measured, with Chroma's names and values.
public enum Distance: String, Sendable, Equatable, CaseIterable {
  /// One minus the cosine of the angle.
  case cosine
  /// The squared Euclidean distance.
  case l2
  /// One minus the inner product.
  case ip
}

/// The model that made a collection's vectors. Vectors of another one, or of another revision, mean something else.
public struct EmbedderIdentity: Sendable, Equatable, CustomStringConvertible {
  /// The model's name in the catalogue, or its path.
  public var name: String
  /// What tells two versions of the model apart, for instance the start of its file's SHA-256.
  public var revision: String
  /// The most tokens that it takes, its own special ones included.
  public var maximumTokens: Int
  /// "float32" or "fast"; both kinds may be compared with each other.
  public var precision: String

  /// Creates an identity.
  public init(name: String, revision: String, maximumTokens: Int, precision: String) {
    self.name = name
    self.revision = revision
    self.maximumTokens = maximumTokens
    self.precision = precision
  }

  /// Name and revision.
  public var description: String { revision.isEmpty ? name : "\(name) (revision \(revision))" }
}

/// What a collection is made with and keeps.
public struct CollectionConfiguration: Sendable, Equatable {
  /// Unique in its database.
  public var name: String
  /// The numbers of each vector.
  public var dimension: Int
  /// How vectors are compared.
  public var distance: Distance
  /// What made the vectors.
  public var embedder: EmbedderIdentity

  /// Creates a configuration.
  public init(name: String, dimension: Int, distance: Distance = .cosine, embedder: EmbedderIdentity) {
    self.name = name
    self.dimension = dimension
    self.distance = distance
    self.embedder = embedder
  }
}

/// A file, or anything else that records come from together and are replaced together.
public struct Source: Sendable, Equatable {
  /// Unique in its collection.
  public var path: String
  /// Bytes.
  public var size: Int
  /// The time of its last change, in nanoseconds since 1970.
  public var modified: Int64
  /// A hash of its content.
  public var hash: String
  /// Whatever else its owner wants to know of it later.
  public var details: [String: MetadataValue]

  /// Creates a source.
  public init(path: String, size: Int, modified: Int64, hash: String, details: [String: MetadataValue] = [:])
  {
    self.path = path
    self.size = size
    self.modified = modified
    self.hash = hash
    self.details = details
  }
}
