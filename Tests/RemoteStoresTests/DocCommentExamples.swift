import MartletRemoteStores
import MartletVectorStore

/// The code in doc comments of the module, which lint compares with these lines: it compiles.
private enum DocCommentExamples {
  static func chroma() throws -> any RecordCollection {
    let store = try ChromaStore.open(StoreLocation(store: "http://db.lan:8000/ann/library"), key: nil)
    let notes = try store.openCollection(named: "notes", in: store.namespace)
    return notes
  }

  static func postgres(_ records: [Record]) throws {
    let store = try PostgresStore.open(StoreLocation(store: "postgresql://ann@db.lan/library"))
    let notes = try store.makeCollection(CollectionConfiguration(name: "notes", dimension: 384))
    try notes.upsert(records)
  }
}
