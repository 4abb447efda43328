import MartletVectorStore

/// The vector store's file, damaged: it is opened, searched, and written to.
func readStore(_ input: [UInt8]) {
  for mode in [Database.Mode.readOnly, .readWrite] {
    withFolder([(Database.fileName, input)]) { path in
      guard let database = try? Database.open(at: path, mode: mode),
        let collections = try? database.collections()
      else { return }
      for collection in collections.prefix(3) {
        search(collection)
        if mode == .readWrite { change(collection) }
      }
    }
  }
}

/// Every way of reading. Vectors of a length that no embedder has are not asked for: making one takes the memory.
private func search(_ collection: VectorCollection) {
  _ = (try? collection.count(), try? collection.get(limit: 50), try? collection.sources())
  _ = try? collection.documentFrequencies(of: ["martlet"])
  let found = (try? collection.search(words: "martlet bird", limit: 5)) ?? []
  _ = try? collection.snippets(ids: found.map(\.record.id), words: "martlet")
  guard let dimension = collection.configuration.dimension, dimension <= 8192 else { return }
  let vector = [Float](repeating: 0.5, count: dimension)
  _ = try? collection.nearest(to: vector, limit: 5)
}

private func change(_ collection: VectorCollection) {
  guard let dimension = collection.configuration.dimension, dimension <= 8192 else { return }
  let vector = [Float](repeating: 0.25, count: dimension)
  try? collection.upsert([Record(id: "new", embedding: vector, document: "A martlet never lands.")])
  _ = try? collection.delete(ids: ["new"])
}
