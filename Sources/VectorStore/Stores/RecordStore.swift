/// A place that keeps collections of records: a folder of Martlet's own, or a database elsewhere.
///
/// What a call has returned from is as durable as the place makes it. Any number of threads may use a store.
public protocol RecordStore: AnyObject, Sendable {
  /// What the store is called in messages: its location, without a password.
  var title: String { get }

  /// The collections in the order of their names.
  func listCollections() throws -> [any RecordCollection]

  /// The collection of that name.
  ///
  /// - Throws: `VectorStoreError.noSuchCollection` where there is none, with the names of those there are.
  func openCollection(named name: String, in namespace: Namespace) throws -> any RecordCollection

  /// Makes a collection without a record.
  ///
  /// - Throws: `VectorStoreError.collectionExists` where there is one of that name.
  func makeCollection(_ configuration: CollectionConfiguration) throws -> any RecordCollection

  /// The collection of that name as one of documents.
  ///
  /// - Throws: `VectorStoreError.noSuchCollection` where there is none, with the names of those there are.
  func openDocuments(named name: String, in namespace: Namespace) throws -> any DocumentCollection

  /// Drops a collection with all its records, at once and for good.
  func dropCollection(named name: String, in namespace: Namespace) throws

  /// Ends what the store does in the background and lets go of its connections. It may still be used.
  func close()

  /// What went otherwise than one might expect, and did no harm, since the last call: a sentence each.
  func takeWarnings() -> [String]
}

/// Records with vectors of one length, compared by one distance, wherever they are kept.
public protocol RecordCollection: Sendable {
  /// What the collection was made with, as it was when it was opened.
  var configuration: CollectionConfiguration { get }

  /// Unique in its store.
  var id: String { get }

  /// How exactly the store gives vectors back.
  var fidelity: VectorFidelity { get }

  /// By which share of itself a double in metadata may come back changed; 0 where doubles come back bit for bit.
  var numberTolerance: Double { get }

  /// How many records there are.
  func count() throws -> Int

  /// Records in the order in which they were first added.
  func get(_ selection: RecordSelection) throws -> [Record]

  /// The records with these ids, in the order asked for; ids that are not there are left out.
  func get(ids: [String], withEmbedding: Bool) throws -> [Record]

  /// Hands over all records that a filter leaves, with their vectors, in the order in which they were first added.
  ///
  /// - Parameters:
  ///   - size: How many at most at a time.
  ///   - filter: Which records; nil takes all.
  ///   - body: Called with one batch after the other; none is empty.
  func forEachBatch(of size: Int, where filter: Filter?, _ body: ([Record]) throws -> Void) throws

  /// The records nearest to a vector, nearest first.
  func nearest(_ query: VectorQuery) throws -> [Match]

  /// Adds records, all or none.
  ///
  /// - Throws: `VectorStoreError.recordExists` where an id is there already.
  func add(_ records: [Record]) throws

  /// Adds records, or replaces those with the same ids.
  func upsert(_ records: [Record]) throws

  /// Changes records; ids that are not there are no error.
  ///
  /// - Returns: How many were changed.
  @discardableResult
  func update(_ updates: [RecordUpdate]) throws -> Int

  /// Deletes records; ids that are not there are no error.
  ///
  /// - Returns: How many were deleted.
  @discardableResult
  func delete(ids: [String]) throws -> Int

  /// Gives the collection another name in its namespace.
  ///
  /// - Returns: The collection as it is now.
  @discardableResult
  func rename(to name: String) throws -> any RecordCollection
}

extension RecordCollection {
  /// Doubles in metadata come back bit for bit.
  public var numberTolerance: Double { 0 }

  /// Unique in its namespace.
  public var name: String { configuration.name }

  /// The first few records.
  public func peek(limit: Int = 10) throws -> [Record] { try get(RecordSelection(limit: limit)) }

  /// Throws unless vectors of this embedder can be compared with those of the collection.
  public func check(embedder: EmbedderIdentity, dimension: Int?) throws(VectorStoreError) {
    try configuration.check(embedder: embedder, dimension: dimension)
  }
}

/// How exactly a store gives vectors back.
public enum VectorFidelity: Sendable, Equatable {
  /// Bit for bit.
  case exact
  /// Each number to within this share of the vector's largest.
  case rounded(share: Float)

  /// What can be said of vectors that went through two stores.
  func and(_ other: VectorFidelity) -> VectorFidelity {
    switch (self, other) {
    case (.exact, let rounded), (let rounded, .exact): rounded
    case (.rounded(let a), .rounded(let b)): .rounded(share: a + b)
    }
  }
}

/// Which records are wanted.
public struct RecordSelection: Sendable {
  /// Only records that it leaves; nil takes all.
  public var filter: Filter?
  /// Only these, where they are there; nil takes all.
  public var ids: [String]?
  /// How many at most; nil takes all.
  public var limit: Int?
  /// How many are passed over first.
  public var offset: Int
  /// Whether the vectors are read; they are empty otherwise.
  public var withEmbedding: Bool

  /// Creates a selection.
  public init(
    where filter: Filter? = nil, ids: [String]? = nil, limit: Int? = nil, offset: Int = 0,
    withEmbedding: Bool = true
  ) {
    self.filter = filter
    self.ids = ids
    self.limit = limit
    self.offset = offset
    self.withEmbedding = withEmbedding
  }
}

/// A search for the records nearest to a vector.
public struct VectorQuery: Sendable {
  /// As many numbers as the collection's vectors have, all finite.
  public var embedding: [Float]
  /// How many records are wanted.
  public var limit: Int
  /// Which records may be found; nil takes all.
  public var filter: Filter?
  /// Only these may be found; nil takes all.
  public var ids: [String]?
  /// How well to search.
  public var effort: SearchEffort
  /// Whether the records come with their vectors.
  public var withEmbedding: Bool

  /// Creates a search.
  public init(
    _ embedding: [Float], limit: Int, where filter: Filter? = nil, ids: [String]? = nil,
    effort: SearchEffort = .standard, withEmbedding: Bool = false
  ) {
    self.embedding = embedding
    self.limit = limit
    self.filter = filter
    self.ids = ids
    self.effort = effort
    self.withEmbedding = withEmbedding
  }
}
