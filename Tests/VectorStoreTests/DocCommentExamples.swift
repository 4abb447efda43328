import MartletVectorStore

/// The code in doc comments of the module, which lint compares with these lines: it compiles.
private enum DocCommentExamples {
  static func database(_ configuration: CollectionConfiguration, _ vector: [Float]) throws -> [Match] {
    let database = try Database.open(at: "/home/me/.local/share/martlet")
    let notes = try database.createCollection(configuration)
    try notes.upsert([Record(id: "1", embedding: vector, document: "A martlet never lands.")])
    let nearest = try notes.nearest(to: vector, limit: 5)
    return nearest
  }

  static func writer(_ records: [Record]) throws -> VectorFileSummary {
    let writer = try VectorFileWriter(path: "vectors.npy", format: .npy)
    try writer.append(records)
    let summary = try writer.finish()
    return summary
  }

  static func reader(_ collection: VectorCollection) throws {
    let reader = try VectorFileReader(path: "vectors.faiss")
    while let records = try reader.next() { try collection.upsert(records) }
  }

  static func texts(_ database: Database, _ embedder: any EmbeddingFunction) throws -> [Match] {
    let notes = try database.getOrCreateCollection(
      CollectionConfiguration(name: "notes"), embedding: embedder)
    try notes.add([Record(id: "1", document: "Swifts sleep on the wing.")])
    let nearest = try notes.nearest(to: "How does a swift sleep?", limit: 3)
    return nearest
  }

  static func copy(_ notes: VectorCollection, _ postgres: any RecordStore) throws -> CollectionCopy.Report {
    let copy = CollectionCopy(from: notes, to: postgres, name: "notes")
    let report = try copy.run { progress in print(progress) }
    return report
  }
}
