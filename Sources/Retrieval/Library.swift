import MartletCheckpoints
import MartletEmbedding
import MartletTensors
import MartletVectorStore
import Synchronization

/// Documents that were indexed, to be searched and asked: a collection of a store, of whatever kind, and the model that
/// embeds its texts.
///
/// ```swift
/// let database = try Database.open(at: "store")
/// let library = try Library.openOrCreate(in: database, embedder: "all-minilm-l6-v2", device: Device())
/// let report = try library.index(["/home/me/notes"])
/// let results = try library.search("how often is the ladder inspected?", limit: 5)
/// ```
///
/// The model is loaded when it is first needed: a search by words never does.
public struct Library: Sendable {
  /// The passages, their vectors and their sources.
  public let documents: any DocumentCollection
  private let store: any RecordStore
  private let loader: EmbedderLoader

  /// The name of the collection that is used when none is named.
  public static let defaultCollection = "default"

  private init(_ documents: any DocumentCollection, in store: any RecordStore, loader: EmbedderLoader) {
    self.documents = documents
    self.store = store
    self.loader = loader
  }

  /// Opens a collection with the embedder that it was made with.
  /// - Throws: `VectorStoreError.noSuchCollection` or `noEmbedder`, or what is wrong with the store.
  public static func open(
    in store: any RecordStore, collection name: String = defaultCollection, namespace: Namespace = .default,
    cache: ModelCache = ModelCache(), device: Device
  ) throws -> Library {
    let documents = try store.openDocuments(named: name, in: namespace)
    guard documents.records.configuration.embedder != nil else {
      throw VectorStoreError.noEmbedder(collection: name)
    }
    let loader = EmbedderLoader { try embedder(of: documents.records, cache: cache, device: device) }
    return Library(documents, in: store, loader: loader)
  }

  /// A collection's texts, in whatever store the collection is, with the model that they are embedded with.
  /// - Throws: `VectorStoreError.noEmbedder`, or `wrongEmbedder` where the model of that name is another one by now.
  public static func textCollection(
    of collection: any RecordCollection, cache: ModelCache = ModelCache(), device: Device
  ) throws -> TextCollection {
    try TextCollection(collection, embedding: embedder(of: collection, cache: cache, device: device))
  }

  private static func embedder(
    of collection: any RecordCollection, cache: ModelCache, device: Device
  ) throws -> SentenceEmbedder {
    guard let identity = collection.configuration.embedder else {
      throw VectorStoreError.noEmbedder(collection: collection.name)
    }
    return try SentenceEmbedder.open(
      named: identity.name, cache: cache, precision: precision(identity.precision), device: device)
  }

  /// Opens a collection, or makes it where it is missing.
  /// - Parameters:
  ///   - store: The store that has the collection, or gets it.
  ///   - name: The collection's name.
  ///   - namespace: Where that name is unique: a database of a tenant.
  ///   - embedder: What `-m` would name. Nil takes the collection's own, or `defaultEmbedder` for a new one.
  ///   - defaultEmbedder: The model of a new collection when none is named.
  ///   - precision: How a new collection's texts are embedded; one that is there keeps its own.
  ///   - cache: Where pulled models live.
  ///   - device: Where the model computes.
  /// - Throws: `VectorStoreError.wrongEmbedder` where the collection holds vectors of another model.
  public static func openOrCreate(
    in store: any RecordStore, collection name: String = defaultCollection, namespace: Namespace = .default,
    embedder: String? = nil, defaultEmbedder: String = "all-minilm-l6-v2", precision: Precision = .int8,
    cache: ModelCache = ModelCache(), device: Device
  ) throws -> Library {
    let existing = try documents(named: name, in: namespace, store)
    let own = existing?.records.configuration.embedder
    if existing != nil, own == nil { throw VectorStoreError.noEmbedder(collection: name) }
    let model = try SentenceEmbedder.open(
      named: embedder ?? own?.name ?? defaultEmbedder, cache: cache,
      precision: own.map { Self.precision($0.precision) } ?? precision, device: device)
    return try openOrCreate(in: store, collection: name, namespace: namespace, embedding: model)
  }

  /// Opens a collection, or makes it where it is missing, with an embedder of one's own.
  /// - Parameters:
  ///   - store: The store that has the collection, or gets it.
  ///   - name: The collection's name.
  ///   - namespace: Where that name is unique: a database of a tenant.
  ///   - embedder: What embeds passages and questions.
  /// - Throws: `VectorStoreError.wrongEmbedder` where the collection holds vectors of another one.
  public static func openOrCreate(
    in store: any RecordStore, collection name: String = defaultCollection, namespace: Namespace = .default,
    embedding embedder: any PassageEmbedder
  ) throws -> Library {
    let documents =
      try documents(named: name, in: namespace, store)
      ?? made(CollectionConfiguration(name: name, namespace: namespace).embedded(by: embedder), in: store)
    try documents.records.check(embedder: embedder.identity, dimension: embedder.dimension)
    return Library(documents, in: store, loader: EmbedderLoader(embedder))
  }

  private static func documents(
    named name: String, in namespace: Namespace, _ store: any RecordStore
  ) throws -> (any DocumentCollection)? {
    do { return try store.openDocuments(named: name, in: namespace) } catch VectorStoreError.noSuchCollection
    {
      return nil
    }
  }

  private static func made(
    _ configuration: CollectionConfiguration, in store: any RecordStore
  ) throws -> any DocumentCollection {
    do { _ = try store.makeCollection(configuration) } catch VectorStoreError.collectionExists {
      // Another program was quicker.
    }
    return try store.openDocuments(named: configuration.name, in: configuration.namespace)
  }

  /// The model that embeds the collection's texts; loaded now if it is not yet.
  /// - Throws: `VectorStoreError.wrongEmbedder` where the model of that name is another one by now.
  public func embedder() throws -> any PassageEmbedder {
    let embedder = try loader.value()
    try documents.records.check(embedder: embedder.identity, dimension: embedder.dimension)
    return embedder
  }

  /// The passages with the model that embeds them, which is loaded now if it is not yet.
  public func textCollection() throws -> TextCollection {
    try TextCollection(documents.records, embedding: loader.value())
  }

  /// What went otherwise than one might expect in the store or with the embedder's files, and did no harm, since the last
  /// call: a sentence each.
  public func takeWarnings() -> [String] { store.takeWarnings() + loader.takeWarnings() }

  private static func precision(_ name: String) -> Precision { name == "float32" ? .float32 : .int8 }
}

/// An embedder that is loaded when it is first asked for.
final class EmbedderLoader: Sendable {
  private let load: @Sendable () throws -> any PassageEmbedder
  private let loaded: Mutex<(any PassageEmbedder)?>
  private let hasWarned = Mutex(false)

  init(_ load: @escaping @Sendable () throws -> any PassageEmbedder) {
    self.load = load
    loaded = Mutex(nil)
  }

  init(_ embedder: any PassageEmbedder) {
    load = { embedder }
    loaded = Mutex(embedder)
  }

  /// The embedder's warnings, once, when it has been loaded.
  func takeWarnings() -> [String] {
    guard let embedder = loaded.withLock({ $0 }) else { return [] }
    return hasWarned.withLock { hasWarned in
      defer { hasWarned = true }
      return hasWarned ? [] : embedder.warnings
    }
  }

  func value() throws -> any PassageEmbedder {
    try loaded.withLock { loaded in
      if let loaded { return loaded }
      let embedder = try load()
      loaded = embedder
      return embedder
    }
  }
}
