import MartletJSON
import MartletRemoteStores
import MartletVectorStore

private let folder = Parameter<String>.argument(
  "FOLDER", .path("PATH", completing: .folders), default: "",
  help: "The folder of the copy: a new one, or one that is empty.")
private let storeParameters = [StoreParameters.store.definition, StoreParameters.json.definition]

extension Command {
  /// Says what the store takes on disk and in memory.
  static let databaseStatistics: Command = Command(
    name: "db stats", summary: "Show how much disk and memory the store uses, and how much is dead.",
    discussion: """
      Dead space is what deleted records leave behind: free pages in SQLite's file and empty slots in the indexes. \
      Martlet reuses it, and `martlet db compact` returns it to the disk. A search keeps the index's codes, links and \
      keys in memory; the vectors that it compares exactly are mapped from their file, and filters add the metadata \
      that they use.

      --json prints an object: total_bytes, live_bytes, dead_bytes, file_bytes (SQLite's file), free_bytes (its free \
      pages), log_bytes, and collections (name, tenant, database, records, dimension, index_bytes, dead_index_bytes, \
      memory_bytes).

      Of PostgreSQL it says what each table and its indexes take: total_bytes, and collections (name, tenant, database, \
      records, dimension, index, table_bytes, index_bytes, dead_rows). Servers of Chroma's do not tell.
      """,
    parameters: storeParameters, examples: [.init("martlet db stats", "Where the space goes:")]
  ) { arguments, console in
    func show(_ json: JSON, _ text: String) throws {
      if arguments[StoreParameters.json] { return try console.result(json.serialized() + "\n") }
      try console.prose(text)
    }
    try DatabaseParameters.withStore(arguments, console, .readOnly) { store in
      switch store {
      case let store as Database:
        let statistics = try store.statistics()
        try show(statistics.json, statistics.text(console.style, width: console.resultWidth))
      case let store as PostgresStore:
        let statistics = try PostgresSpace(store.statistics())
        try show(statistics.json, statistics.text(console.style, width: console.resultWidth))
      default:
        throw RemoteStoreError.unsupported(
          operation: "martlet db stats", store: store.title,
          advice: "The server does not tell what it takes on disk; ‘martlet db list’ counts its records.")
      }
    }
  }

  /// Looks at everything in the store.
  static let databaseCheck: Command = Command(
    name: "db check",
    summary: "Check the whole store: checksums, structure, and indexes against records.",
    discussion: """
      Reads all of SQLite's file, each record with its checksums, and compares each index with the records. Ends with \
      65 where anything is wrong, and says what. Damaged records need a backup; a damaged index is rebuilt from the \
      records by itself.

      --json prints an object: collections and records (how many were looked at), and problems, each a sentence.
      """,
    parameters: storeParameters, examples: [.init("martlet db check", "Is all well:")]
  ) { arguments, console in
    try DatabaseParameters.withDatabase(
      arguments, console, .readOnly, command: "check",
      postgres: "PostgreSQL's own pg_amcheck looks at its tables and indexes.",
      chroma: "‘martlet db export’ reads every record that the server has."
    ) { database in
      let report = try database.check()
      if arguments[StoreParameters.json] {
        let object: JSON = [
          "collections": JSON(report.collectionCount), "records": JSON(report.recordCount),
          "problems": .array(report.problems.map { .string($0) }),
        ]
        try console.result(object.serialized() + "\n")
      } else {
        for problem in report.problems { try console.prose(printable(problem) + "\n", hanging: 2) }
      }
      let seen = "\(count(report.recordCount, "record")) in \(count(report.collectionCount, "collection"))"
      guard report.problems.isEmpty else {
        throw ReportedFailure(.badData, "\(count(report.problems.count, "problem")) found among \(seen).")
      }
      if !arguments[StoreParameters.json] { console.note("\(seen) checked: no problems found.\n") }
    }
  }

  /// Gives the space of what is gone back to the disk.
  static let databaseCompact: Command = Command(
    name: "db compact", summary: "Return the space of deleted records to the disk.",
    discussion: """
      Rewrites SQLite's file and the indexes without their empty slots. Until it is done this needs as much free space \
      as the store takes. --json prints an object: bytes_before and bytes_after.
      """,
    parameters: storeParameters, examples: [.init("martlet db compact", "Make the store small:")]
  ) { arguments, console in
    try DatabaseParameters.withDatabase(
      arguments, console, .readWrite, command: "compact",
      postgres: "PostgreSQL uses dead space again by itself; its own VACUUM FULL gives it back.",
      chroma: "Chroma's own ‘chroma vacuum’ does it, where the server's folder is."
    ) { database in
      let before = try database.statistics().totalBytes
      try database.compact()
      let after = try database.statistics().totalBytes
      if arguments[StoreParameters.json] {
        let object: JSON = ["bytes_before": JSON(before), "bytes_after": JSON(after)]
        return try console.result(object.serialized() + "\n")
      }
      console.note("The store took \(formatBytes(before)), and now takes \(formatBytes(after)).\n")
    }
  }

  /// Copies the store.
  static let databaseBackup: Command = Command(
    name: "db backup", summary: "Copy one consistent state of the store, even while others read and write.",
    discussion: """
      The copy is itself a store: open it with --store, or replace a damaged store with it. It has no indexes; they are \
      rebuilt when the copy is used. --json prints an object: backup (the folder) and \
      bytes.
      """,
    parameters: [folder.definition] + storeParameters,
    examples: [.init("martlet db backup /mnt/backup/martlet-2026-11", "A copy on another disk:")]
  ) { arguments, console in
    let path = arguments[folder]
    try StoreParameters.checkPath(path, folder.definition.placeholder)
    try DatabaseParameters.withDatabase(
      arguments, console, .readOnly, command: "backup",
      postgres:
        "PostgreSQL's own ‘pg_dump --schema=martlet’ does it, and ‘martlet db copy’ collection by collection.",
      chroma: "‘martlet db copy’ brings a collection into a store of Martlet's own."
    ) { database in
      try database.backup(to: path)
      let bytes = try Database.open(at: path, mode: .readOnly).statistics().fileBytes
      if arguments[StoreParameters.json] {
        let object: JSON = ["backup": .string(path), "bytes": JSON(bytes)]
        return try console.result(object.serialized() + "\n")
      }
      console.note(printable("The store was copied to \(path), \(formatBytes(bytes)).\n"))
    }
  }
}

extension DatabaseStatistics {
  fileprivate var json: JSON {
    [
      "total_bytes": JSON(totalBytes), "live_bytes": JSON(totalBytes - deadBytes),
      "dead_bytes": JSON(deadBytes),
      "file_bytes": JSON(fileBytes), "free_bytes": JSON(freeBytes), "log_bytes": JSON(logBytes),
      "collections": .array(
        collections.map { collection in
          [
            "name": .string(collection.name), "tenant": .string(collection.namespace.tenant),
            "database": .string(collection.namespace.database), "records": JSON(collection.recordCount),
            "dimension": collection.dimension.map { JSON($0) } ?? .null,
            "index_bytes": JSON(collection.indexBytes), "dead_index_bytes": JSON(collection.deadIndexBytes),
            "memory_bytes": JSON(collection.memoryBytes),
          ]
        }),
    ]
  }

  fileprivate func text(_ style: Style, width: Int?) -> String {
    let rows = collections.map { collection in
      [
        printable(collection.name), "\(collection.recordCount)", collection.dimension.map { "\($0)" } ?? "",
        formatBytes(collection.indexBytes), formatBytes(collection.deadIndexBytes),
        formatBytes(collection.memoryBytes),
      ]
    }
    let table = TextTable(
      headings: ["collection", "records", "dimension", "index", "of it unused", "in memory"], rows: rows,
      rightAligned: [1, 2, 3, 4, 5])
    return """
      \(formatBytes(totalBytes)) on disk, \(formatBytes(deadBytes)) of it unused: SQLite's file \(formatBytes(fileBytes)) \
      (\(formatBytes(freeBytes)) free), its log \(formatBytes(logBytes)), the indexes \
      \(formatBytes(totalBytes - fileBytes - logBytes)).

      """ + (rows.isEmpty ? "" : table.text(style, width: width))
  }
}
