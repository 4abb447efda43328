import MartletSQLite

/// What a check of a database found.
public struct CheckReport: Sendable, Equatable {
  /// How many records were looked at.
  public var recordCount = 0
  /// How many collections were looked at.
  public var collectionCount = 0
  /// What is wrong, each in a sentence; none where all is well.
  public var problems = [String]()
}

extension Database {
  /// Looks at everything: SQLite's own structure, each page's checksum, those of every record, and each index against
  /// the records. What is damaged does not keep it from looking at the rest.
  ///
  /// - Throws: Where the file cannot be read at all.
  public func check() throws -> CheckReport {
    var report = CheckReport()
    // On a connection that has read nothing yet: what others remember of the file is not what is on the disk.
    let connection = try StoreConnection(path: path + "/" + Self.fileName, readOnly: true)
    // One state of the database, until damage ends the transaction.
    try connection.execute("BEGIN DEFERRED")
    defer { try? connection.execute("COMMIT") }
    try noteDamage(&report) { report in
      let found = try connection.rows("PRAGMA integrity_check(100)") {
        (row: SQLiteRow) throws(VectorStoreError) in row.text(0)
      }
      report.problems += found.filter { $0 != "ok" }.map { "SQLite: \($0)" }
    }
    var infos = [CollectionInfo]()
    try noteDamage(&report) { _ in infos = try CollectionInfo.all(connection) }
    for info in infos {
      report.collectionCount += 1
      let before = report.problems.count
      try noteDamage(&report) { report in
        try checkRecords(of: info, connection, &report)
      }
      guard report.problems.count == before else {
        report.problems.append(
          "The index of collection \(info.configuration.name) was not compared, since records of it are damaged."
        )
        continue
      }
      try noteDamage(&report) { report in try checkIndex(of: info, &report) }
    }
    report.problems += takeWarnings()
    return report
  }

  /// Takes damage that `body` meets for a problem, and lets other errors through.
  private func noteDamage(
    _ report: inout CheckReport, _ body: (inout CheckReport) throws -> Void
  ) throws {
    do { try body(&report) } catch let error as VectorStoreError {
      guard case .damaged = error else { throw error }
      if !report.problems.contains(error.description) { report.problems.append(error.description) }
    }
  }

  private func checkRecords(
    of info: CollectionInfo, _ connection: StoreConnection, _ report: inout CheckReport
  ) throws(VectorStoreError) {
    let reader = RecordReader(info)
    for key in try keys(of: info, connection) {
      report.recordCount += 1
      do throws(VectorStoreError) { _ = try reader.record(key: key, connection, withEmbedding: true) } catch {
        switch error {
        case .damagedRecord: report.problems.append(error.description)
        case .damaged:
          report.problems.append(
            "The record with key \(key) of collection \(info.configuration.name) cannot be read: \(error)")
        default: throw error
        }
      }
    }
  }

  /// The keys of all records, from an index, so that damage to the records themselves hides none.
  private func keys(
    of info: CollectionInfo, _ connection: StoreConnection
  ) throws(VectorStoreError) -> [Int64] {
    func read(_ source: String) throws(VectorStoreError) -> [Int64] {
      try connection.rows("SELECT key FROM records_\(info.number) \(source)") {
        (row: SQLiteRow) throws(VectorStoreError) in row.integer(0)
      }
    }
    do throws(VectorStoreError) { return try read("INDEXED BY records_by_sequence_\(info.number)") } catch {
      return try read("NOT INDEXED")
    }
  }

  private func checkIndex(of info: CollectionInfo, _ report: inout CheckReport) throws {
    let name = info.configuration.name
    let problems: [String] = try indexes.read(info, readers) { index, connection in
      guard let index else { return [] }
      var problems = [String]()
      var unmatched = index.aliveCount
      let sql = "SELECT key, embedding FROM records_\(info.number)"
      try connection.forEachRow(sql) { (row: SQLiteRow) throws(VectorStoreError) in
        let key = row.integer(0)
        guard let slot = index.slot(of: key), index.alive.contains(slot) else {
          return problems.append("The index of collection \(name) lacks the record with key \(key).")
        }
        unmatched -= 1
        if !row.withBytes(1, { index.holds($0, at: slot) }) {
          problems.append(
            "The index of collection \(name) has another vector for the record with key \(key).")
        }
      }
      if unmatched != 0 {
        problems.append("The index of collection \(name) holds \(unmatched) records too many.")
      }
      return problems
        + index.lostSlots().map { "The graph of collection \(name) does not lead to slot \($0)." }
    } then: { problems, _, _ in
      problems
    }
    report.problems += problems.prefix(100)
  }
}

extension CollectionIndex {
  /// Whether a slot has the vector of these bytes, as a code and in full precision. Under the lock for reading.
  func holds(_ bytes: UnsafeRawBufferPointer, at slot: Int) -> Bool {
    guard bytes.count == dimension * 4, vectors.isSound(slot) else { return false }
    var vector = (0..<dimension).map { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
    vector.withUnsafeMutableBufferPointer { buffer in
      if distance == .cosine, let start = buffer.baseAddress { normalize(start) }
    }
    return graph.holds(vector, at: slot) && vectors.holds(vector, at: slot)
  }

  /// Linked records that no way leads to from where walks begin, and that searches do not compare one by one. Under the
  /// lock for reading.
  func lostSlots() -> [Int] {
    guard !graph.entries.isEmpty else { return [] }
    let (reached, doubted) = (graph.reached, graph.doubted)
    return (0..<graph.linked).filter { slot in
      alive.contains(slot) && !reached.contains(slot) && !doubted.contains(graph.head(of: slot))
    }
  }
}
