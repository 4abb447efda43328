/// A collection with what embeds its texts: records come as texts, and are looked for with texts.
///
/// ```swift
/// let notes = try database.getOrCreateCollection(
///   CollectionConfiguration(name: "notes"), embedding: embedder)
/// try notes.add([Record(id: "1", document: "Swifts sleep on the wing.")])
/// let nearest = try notes.nearest(to: "How does a swift sleep?", limit: 3)
/// ```
///
/// The records may be in any store: `TextCollection(store.openCollection(named: "notes", in: .default), embedding: …)`.
/// Everything else is asked of `records`.
public struct TextCollection: Sendable {
  /// The records.
  public let records: any RecordCollection
  /// What makes their vectors.
  public let embedding: any EmbeddingFunction

  /// A collection with what embedded its texts.
  ///
  /// - Throws: `wrongEmbedder` where it was something else, also where nothing is known to have done it;
  ///   `wrongDimension` where its vectors have another length.
  public init(_ records: any RecordCollection, embedding: any EmbeddingFunction) throws(VectorStoreError) {
    try records.check(embedder: embedding.identity, dimension: embedding.dimension)
    self.records = records
    self.embedding = embedding
  }

  // MARK: Writing

  /// Adds records, as `RecordCollection.add` does. Those without a vector get that of their text.
  ///
  /// - Returns: The ids of those of whose text only the beginning was read.
  @discardableResult
  public func add(_ records: [Record]) throws -> [String] {
    let (whole, truncated) = try embedded(records)
    try self.records.add(whole)
    return truncated
  }

  /// Adds records or replaces those with the same ids, as `RecordCollection.upsert` does. Those without a vector get that of
  /// their text.
  ///
  /// - Returns: The ids of those of whose text only the beginning was read.
  @discardableResult
  public func upsert(_ records: [Record]) throws -> [String] {
    let (whole, truncated) = try embedded(records)
    try self.records.upsert(whole)
    return truncated
  }

  /// Changes records, as `RecordCollection.update` does. Those that get another text, but no vector, get that of the text.
  ///
  /// - Returns: The ids of those of whose text only the beginning was read.
  @discardableResult
  public func update(_ updates: [RecordUpdate]) throws -> [String] {
    var updates = updates
    let places = updates.indices.filter { updates[$0].embedding == nil && updates[$0].document != nil }
    let vectors = try embeddings(of: places.map { updates[$0].document ?? "" })
    for (place, vector) in zip(places, vectors) { updates[place].embedding = vector.vector }
    try records.update(updates)
    return zip(places, vectors).filter { $1.isTruncated }.map { updates[$0.0].id }
  }

  private func embedded(_ records: [Record]) throws -> ([Record], truncated: [String]) {
    var records = records
    let places = records.indices.filter { records[$0].embedding.isEmpty }
    let vectors = try embeddings(
      of: try places.map { place in
        guard let document = records[place].document else {
          throw VectorStoreError.nothingToEmbed(id: records[place].id)
        }
        return document
      })
    for (place, vector) in zip(places, vectors) { records[place].embedding = vector.vector }
    return (records, zip(places, vectors).filter { $1.isTruncated }.map { records[$0.0].id })
  }

  private func embeddings(of texts: [String]) throws -> [TextEmbedding] {
    guard !texts.isEmpty else { return [] }
    let embeddings = try embedding.embeddings(ofDocuments: texts)
    guard embeddings.count == texts.count else {
      throw VectorStoreError.wrongEmbeddingCount(
        embedder: embedding.identity.description, expected: texts.count, found: embeddings.count)
    }
    return embeddings
  }

  // MARK: Searching

  /// The vector that a text is looked for with, and whether only the beginning of the text was read.
  public func embedding(ofQuery text: String) throws -> TextEmbedding {
    guard let query = try embedding.embeddings(ofQueries: [text]).first else {
      throw VectorStoreError.wrongEmbeddingCount(
        embedder: embedding.identity.description, expected: 1, found: 0)
    }
    return query
  }

  /// The records nearest to a text in meaning, nearest first; see `RecordCollection.nearest(_:)`.
  ///
  /// A text that is longer than the embedder reads is looked for by its beginning; `embedding(ofQuery:)` tells.
  public func nearest(
    to text: String, limit: Int, where filter: Filter? = nil, effort: SearchEffort = .standard,
    withEmbedding: Bool = false
  ) throws -> [Match] {
    try records.nearest(
      VectorQuery(
        embedding(ofQuery: text).vector, limit: limit, where: filter, effort: effort,
        withEmbedding: withEmbedding))
  }
}

extension Database {
  /// The collection of that name with what embeds its texts.
  ///
  /// - Throws: `wrongEmbedder` where something else has embedded them.
  public func collection(
    named name: String, in namespace: Namespace = .default, embedding: any EmbeddingFunction
  ) throws -> TextCollection {
    try TextCollection(collection(named: name, in: namespace), embedding: embedding)
  }

  /// Makes a collection of texts that a function embeds: the function says what its vectors are.
  public func createCollection(
    _ configuration: CollectionConfiguration, embedding: any EmbeddingFunction
  ) throws -> TextCollection {
    let configuration = try configuration.embedded(by: embedding)
    return try TextCollection(createCollection(configuration), embedding: embedding)
  }

  /// The collection of texts of that name, made where it is missing.
  ///
  /// - Throws: `wrongEmbedder` where something else has embedded those that are there.
  public func getOrCreateCollection(
    _ configuration: CollectionConfiguration, embedding: any EmbeddingFunction
  ) throws -> TextCollection {
    let configuration = try configuration.embedded(by: embedding)
    return try TextCollection(getOrCreateCollection(configuration), embedding: embedding)
  }
}

extension CollectionConfiguration {
  /// The same for the vectors of a function.
  /// - Throws: `wrongDimension` where others were asked for.
  public func embedded(by embedding: any EmbeddingFunction) throws(VectorStoreError) -> Self {
    if let dimension, dimension != embedding.dimension {
      throw .wrongDimension(collection: name, expected: dimension, found: embedding.dimension)
    }
    var configuration = self
    configuration.dimension = embedding.dimension
    configuration.embedder = embedding.identity
    return configuration
  }
}
