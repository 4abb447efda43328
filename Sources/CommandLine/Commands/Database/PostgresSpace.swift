import MartletJSON
import MartletRemoteStores

/// What collections take on a server of PostgreSQL's, for people and for programs.
struct PostgresSpace {
  let collections: [PostgresStatistics]

  init(_ collections: [PostgresStatistics]) { self.collections = collections }

  private var totalBytes: Int { collections.reduce(0) { $0 + $1.tableBytes + $1.indexBytes } }

  var json: JSON {
    [
      "total_bytes": JSON(totalBytes),
      "collections": .array(
        collections.map { collection in
          [
            "name": .string(collection.name), "tenant": .string(collection.namespace.tenant),
            "database": .string(collection.namespace.database), "records": JSON(collection.recordCount),
            "dimension": collection.dimension.map { JSON($0) } ?? .null,
            "index": collection.index.map { .string($0.description) } ?? .null,
            "table_bytes": JSON(collection.tableBytes), "index_bytes": JSON(collection.indexBytes),
            "dead_rows": JSON(collection.deadRowCount),
          ]
        }),
    ]
  }

  func text(_ style: Style, width: Int?) -> String {
    let rows = collections.map { collection in
      [
        printable(collection.name), "\(collection.recordCount)", collection.dimension.map { "\($0)" } ?? "",
        formatBytes(collection.tableBytes), formatBytes(collection.indexBytes), "\(collection.deadRowCount)",
        collection.index?.description ?? "none",
      ]
    }
    let table = TextTable(
      headings: ["collection", "records", "dimension", "table", "indexes", "dead rows", "index of vectors"],
      rows: rows, rightAligned: [1, 2, 3, 4, 5])
    return "\(formatBytes(totalBytes)) on the server's disk.\n"
      + (rows.isEmpty ? "" : table.text(style, width: width))
  }
}
