extension Collection {
  /// Hands over records in the order in which they were first added, some at a time, all in one state of the database.
  ///
  /// - Parameters:
  ///   - size: How many at most at a time.
  ///   - filter: Which records; nil takes all.
  ///   - body: Called with one batch after the other; none is empty.
  public func forEachBatch(
    of size: Int = 1024, where filter: Filter? = nil, _ body: ([Record]) throws -> Void
  ) throws {
    guard let filter else { return try read { try eachBatch(size, $0, $1, body) } }
    try database.read(info, filter: filter) { index, connection in
      try permitted(index, filter, ids: nil, connection)?.keys.sorted() ?? []
    } then: { keys, connection, info in
      let reader = RecordReader(info)
      for start in stride(from: 0, to: keys.count, by: size) {
        let batch = try keys[start..<min(start + size, keys.count)].compactMap {
          try reader.record(key: $0, connection, withEmbedding: true)
        }
        if !batch.isEmpty { try body(batch) }
      }
    }
  }

  private func eachBatch(
    _ size: Int, _ connection: SQLiteConnection, _ info: CollectionInfo, _ body: ([Record]) throws -> Void
  ) throws {
    let reader = RecordReader(info)
    var last = Int.min
    while true {
      let batch = try reader.records(
        connection, "WHERE r.key > ? ORDER BY r.key LIMIT ?", [.integer(last), .integer(size)],
        withEmbedding: true)
      guard let end = batch.last else { return }
      try body(batch)
      last =
        try connection.integer("SELECT key FROM records_\(info.number) WHERE id = ?", .text(end.id)) ?? .max
    }
  }
}
