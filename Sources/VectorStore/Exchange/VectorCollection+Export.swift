extension VectorCollection {
  /// Hands over records in the order in which they were first added, some at a time, all in one state of the database.
  ///
  /// - Parameters:
  ///   - size: How many at most at a time.
  ///   - filter: Which records; nil takes all.
  ///   - body: Called with one batch after the other; none is empty.
  public func forEachBatch(
    of size: Int = 1024, where filter: Filter? = nil, _ body: ([Record]) throws -> Void
  ) throws {
    try forEachBatch(of: size, where: filter, until: nil, body)
  }

  /// The same of a part of the records, or with a deadline.
  ///
  /// - Parameters:
  ///   - size: How many at most at a time.
  ///   - filter: Which records; nil takes all.
  ///   - ids: Only these, where they are there; nil takes all.
  ///   - limit: How many in all at most; nil takes all.
  ///   - offset: How many are passed over first.
  ///   - withEmbedding: Whether the vectors are read.
  ///   - deadline: When to give up; nil never does.
  ///   - body: Called with one batch after the other; none is empty.
  public func forEachBatch(
    of size: Int = 1024, where filter: Filter? = nil, ids: [String]? = nil, limit: Int? = nil,
    offset: Int = 0,
    withEmbedding: Bool = true, until deadline: Deadline?, _ body: ([Record]) throws -> Void
  ) throws {
    guard filter != nil || ids != nil else {
      return try read { connection, info in
        try connection.until(deadline) {
          try Self.eachBatch(
            size, limit: limit, offset: offset, connection, info, withEmbedding: withEmbedding, body)
        }
      }
    }
    try database.read(info, filter: filter) { index, connection in
      try permitted(index, filter, ids: ids, until: deadline, connection)?.keys ?? []
    } then: { keys, connection, info in
      try connection.until(deadline) {
        let reader = RecordReader(info)
        let page = Array(keys.sorted().dropFirst(offset).prefix(limit ?? .max))
        for start in stride(from: 0, to: page.count, by: size) {
          let batch = try page[start..<min(start + size, page.count)].compactMap {
            try reader.record(key: $0, connection, withEmbedding: withEmbedding)
          }
          if !batch.isEmpty { try body(batch) }
        }
      }
    }
  }

  private static func eachBatch(
    _ size: Int, limit: Int?, offset: Int, _ connection: StoreConnection, _ info: CollectionInfo,
    withEmbedding: Bool, _ body: ([Record]) throws -> Void
  ) throws {
    let reader = RecordReader(info)
    var (last, skipped, left) = (Int.min, offset, limit ?? .max)
    while left > 0 {
      let batch = try reader.records(
        connection, "WHERE r.key > ? ORDER BY r.key LIMIT ? OFFSET ?",
        [.integer(last), .integer(min(size, left)), .integer(skipped)], withEmbedding: withEmbedding)
      guard let end = batch.last else { return }
      try body(batch)
      guard batch.count == size else { return }
      (skipped, left) = (0, left - batch.count)
      last =
        try connection.integer("SELECT key FROM records_\(info.number) WHERE id = ?", .text(end.id)) ?? .max
    }
  }
}
