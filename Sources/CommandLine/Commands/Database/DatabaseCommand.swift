extension Command {
  /// Looks into the store, collection by collection, and changes it.
  static let database: Command = .group(
    name: "db", summary: "Manage the store's collections: records, import and export, maintenance.",
    discussion: """
      A store is a folder of collections. A collection has records: an id, a vector, and optionally a text, metadata and \
      a URI. `martlet index` fills collections from documents; these commands work with any vectors. One process at a \
      time can write to a store, any number can read it.

      --store also takes a PostgreSQL database with pgvector (postgresql://user@host/database) and a Chroma server \
      (http://host:8000/tenant/database, with the key in MARTLET_API_KEY). `martlet db copy` copies collections \
      between them.

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
