extension Database: RecordStore {
  /// The folder.
  public var title: String { path }

  /// The collections of all namespaces in the order of their names.
  public func listCollections() throws -> [any RecordCollection] { try allCollections() }

  /// The collection of that name; an error that lists those there are where there is none.
  public func openCollection(named name: String, in namespace: Namespace) throws -> any RecordCollection {
    try collection(named: name, in: namespace)
  }

  /// The collection of that name, which knows the sources of its records.
  public func openDocuments(
    named name: String, in namespace: Namespace = .default
  ) throws -> any DocumentCollection {
    try collection(named: name, in: namespace)
  }

  /// Makes a collection without a record.
  public func makeCollection(_ configuration: CollectionConfiguration) throws -> any RecordCollection {
    try createCollection(configuration)
  }

  /// Drops a collection with all its records, and what was made of them on disk.
  public func dropCollection(named name: String, in namespace: Namespace) throws {
    try deleteCollection(named: name, in: namespace)
  }
}

extension VectorCollection: RecordCollection {
  /// Vectors come back bit for bit.
  public var fidelity: VectorFidelity { .exact }

  /// Records in the order in which they were first added.
  public func get(_ selection: RecordSelection) throws -> [Record] {
    try get(
      where: selection.filter, ids: selection.ids, limit: selection.limit, offset: selection.offset,
      withEmbedding: selection.withEmbedding)
  }

  /// The records nearest to a vector, nearest first; ties in the order of their ids.
  public func nearest(_ query: VectorQuery) throws -> [Match] {
    try nearest(
      to: query.embedding, limit: query.limit, where: query.filter, ids: query.ids,
      effort: query.effort, withEmbedding: query.withEmbedding)
  }

  /// Gives the collection another name in its namespace.
  public func rename(to name: String) throws -> any RecordCollection { try modify(name: name) }
}
