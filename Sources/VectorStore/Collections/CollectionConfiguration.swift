import FoundationEssentials

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
  /// Unique in its namespace.
  public var name: String
  /// The tenant and database, in Chroma's words, that it belongs to.
  public var namespace: Namespace
  /// The numbers of each vector; nil until the first record says.
  public var dimension: Int?
  /// How vectors are compared.
  public var distance: Distance
  /// What made the vectors; nil where they come from somewhere else.
  public var embedder: EmbedderIdentity?
  /// Whatever its owner wants to know of it later.
  public var metadata: Metadata
  /// What a client keeps with the collection and wants back as it was: a JSON text, which is not read.
  public var clientConfiguration: String?

  /// Creates a configuration.
  public init(
    name: String, namespace: Namespace = .default, dimension: Int? = nil, distance: Distance = .cosine,
    embedder: EmbedderIdentity? = nil, metadata: Metadata = [:], clientConfiguration: String? = nil
  ) {
    self.name = name
    self.namespace = namespace
    self.dimension = dimension
    self.distance = distance
    self.embedder = embedder
    self.metadata = metadata
    self.clientConfiguration = clientConfiguration
  }

  /// Throws unless a collection may have this name.
  package static func check(name: String) throws(VectorStoreError) {
    guard (1...512).contains(name.count),
      !name.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 })
    else { throw .invalidName(name) }
  }

  /// Throws unless vectors of this embedder can be compared with those of the collection.
  package func check(embedder: EmbedderIdentity, dimension wanted: Int?) throws(VectorStoreError) {
    guard let own = self.embedder, embedder.name == own.name, embedder.revision == own.revision else {
      throw .wrongEmbedder(
        collection: name, expected: self.embedder?.description ?? "no embedder of Martlet's",
        found: embedder.description)
    }
    if let expected = dimension, let wanted, wanted != expected {
      throw .wrongDimension(collection: name, expected: expected, found: wanted)
    }
  }

  /// Throws unless the collection is one that somebody could have made with `wanted`.
  func check(suits wanted: CollectionConfiguration) throws(VectorStoreError) {
    if let embedder = wanted.embedder { try check(embedder: embedder, dimension: nil) }
    if let expected = dimension, let found = wanted.dimension, found != expected {
      throw .wrongDimension(collection: name, expected: expected, found: found)
    }
    guard wanted.distance == distance else {
      throw .wrongDistance(collection: name, expected: distance, found: wanted.distance)
    }
  }
}

/// What collections' names are unique in: a database of a tenant, in Chroma's words.
public struct Namespace: Sendable, Hashable, CustomStringConvertible {
  /// Whose it is.
  public var tenant: String
  /// Its name, unique among the tenant's.
  public var database: String

  /// Creates a namespace.
  public init(tenant: String = "default_tenant", database: String = "default_database") {
    self.tenant = tenant
    self.database = database
  }

  /// Where collections are that name none, with the names that Chroma's clients send.
  public static let `default` = Namespace()

  /// Both names.
  public var description: String { "\(tenant)/\(database)" }
}

/// A file, or anything else that records come from together and are replaced together.
public struct Source: Sendable, Equatable {
  /// Unique in its collection.
  public var path: String
  /// Its size in bytes.
  public var byteCount: Int
  /// The time of its last change.
  public var modificationDate: Date
  /// A hash of its content.
  public var hash: String
  /// Whatever else its owner wants to know of it later.
  public var details: [String: MetadataValue]

  /// Creates a source.
  public init(
    path: String, byteCount: Int, modificationDate: Date, hash: String, details: [String: MetadataValue] = [:]
  ) {
    self.path = path
    self.byteCount = byteCount
    self.modificationDate = modificationDate
    self.hash = hash
    self.details = details
  }
}
