extension Command {
  /// Looks into the store, collection by collection, and changes it.
  static let database: Command = .group(
    name: "db", summary: "Look into the store's collections and change them: records, files, upkeep.",
    discussion: """
      A store is a folder of collections; a collection has records: an id, a vector, and a text, metadata or a URI as \
      one likes. `martlet index` fills collections from documents, these commands take anything that has vectors. One \
      process at a time writes a store, any number read it.

      --store also takes a database of PostgreSQL's with pgvector (postgresql://user@host/database) and a server of \
      Chroma's (http://host:8000/tenant/database, with the key in MARTLET_API_KEY), and `martlet db copy` moves \
      collections between them.

      --where and --where-document take Chroma's filters as JSON: {"year": {"$gte": 1999}}, {"$and": [{"topic": \
      "birds"}, {"language": {"$in": ["en", "de"]}}]}, and {"$contains": "martlet"} or {"$regex": "^A"} for the text.
      """,
    subcommands: [
      .databaseList, .databaseCreate, .databaseDescribe, .databaseQuery, .databaseGet, .databaseDelete,
      .databaseDrop, .databaseExport, .databaseImport, .databaseCopy, .databaseIndex, .databaseStatistics,
      .databaseCheck,
      .databaseCompact, .databaseBackup,
    ])
}
