import MartletSQLite

/// How well a query by vector searches.
public enum SearchEffort: Sendable, Equatable {
  /// Finds some 99% of the nearest on data that models make.
  case standard
  /// How many nodes a walk through the graph keeps in view: the more, the better and the slower. Where the nearest stand
  /// apart it ends before it has followed as many, and where many are about as near it keeps up to twice as many.
  case nodes(Int)
  /// Every record is compared in full precision.
  case exact
}

extension VectorCollection {
  /// The records nearest to a vector, nearest first; ties in the order of their ids.
  ///
  /// - Parameters:
  ///   - embedding: As many numbers as the collection's vectors have, all finite.
  ///   - limit: How many are wanted.
  ///   - filter: Which records may be found; nil takes all.
  ///   - ids: Only these may be found; nil takes all.
  ///   - effort: How well to search.
  ///   - withEmbedding: Whether the records come with their vectors.
  ///   - deadline: When to give up; nil never does.
  public func nearest(
    to embedding: [Float], limit: Int, where filter: Filter? = nil, ids: [String]? = nil,
    effort: SearchEffort = .standard, withEmbedding: Bool = false, until deadline: Deadline? = nil
  ) throws -> [Match] {
    try database.read(info, filter: filter) { index, connection in
      try nearest(index, embedding, limit, filter, ids, effort, until: deadline, connection)
    } then: { nearest, connection, info in
      let found = try connection.until(deadline) {
        try matches(nearest, connection, info, withEmbedding: withEmbedding) { record, distance in
          Match(record: record, distance: Double(distance))
        }
      }
      return Array(
        found.sorted { ($0.distance, $0.record.id) < ($1.distance, $1.record.id) }.prefix(limit))
    }
  }

  /// The keys of the records nearest to a vector: what the index itself gives, without a look at the database where this
  /// process is the one that writes it. Keys number the records of a collection from 1 in the order in which they came.
  package func nearestKeys(
    to embedding: [Float], limit: Int, where filter: Filter? = nil, effort: SearchEffort = .standard
  ) throws -> [(key: Int64, distance: Float)] {
    let sequence = database.committed.load(ordering: .sequentiallyConsistent)
    if sequence >= 0, filter == nil {
      let found = try database.indexes.search(info, asOf: sequence) { index in
        try nearest(index, embedding, limit, nil, nil, effort, nil)
      }
      if let found { return found }
    }
    return try database.read(info, filter: filter) { index, connection in
      try nearest(index, embedding, limit, filter, nil, effort, connection)
    } then: { nearest, _, _ in
      nearest
    }
  }

  /// The ids of the records nearest to a vector with their distances, nearest first, without reading the records.
  public func nearestIDs(
    to embedding: [Float], limit: Int, where filter: Filter? = nil, effort: SearchEffort = .standard
  ) throws -> [(id: String, distance: Float)] {
    try database.read(info, filter: filter) { index, connection in
      try nearest(index, embedding, limit, filter, nil, effort, connection)
    } then: { nearest, connection, info in
      let sql = "SELECT id FROM records_\(info.number) WHERE key = ?"
      let found = try nearest.compactMap { neighbor in
        try connection.rows(sql, [.integer(neighbor.key)]) { (row: SQLiteRow) throws(VectorStoreError) in
          row.text(0)
        }
        .first.map { (id: $0, distance: neighbor.distance) }
      }
      return Array(found.sorted { ($0.distance, $0.id) < ($1.distance, $1.id) }.prefix(limit))
    }
  }

  /// The records with any of the words, best first by BM25 (k1 = 1.2, b = 0.75); ties in the order of their ids.
  public func search(words: String, limit: Int, where filter: Filter? = nil) throws -> [KeywordMatch] {
    try ranking(words: words, limit: limit, where: filter).matches
  }

  /// `search(words:limit:where:)` with what the words could weigh.
  public func ranking(words: String, limit: Int, where filter: Filter? = nil) throws -> WordRanking {
    guard limit > 0 else { return WordRanking() }
    return try database.read(info, filter: filter) { index, connection in
      try filter.map { try permitted(index, $0, ids: nil, connection)?.keys ?? [] }.map { Set($0) }
    } then: { permitted, connection, info in
      // With a filter all that have the words are ranked, and the first that are permitted are taken.
      var ranked = try WordIndex(number: info.number).ranked(
        words, permitted == nil ? limit : nil, connection)
      if let permitted {
        ranked.found = Array(ranked.found.lazy.filter { permitted.contains($0.key) }.prefix(limit))
      }
      let matches = try matches(ranked.found, connection, info, withEmbedding: false) { record, score in
        KeywordMatch(record: record, score: score)
      }
      return WordRanking(
        matches: matches.sorted {
          $0.score == $1.score ? $0.record.id < $1.record.id : $0.score > $1.score
        }, weight: ranked.weight, recordCount: ranked.records)
    }
  }

  /// In how many records each of the words stands, and how many records there are.
  public func documentFrequencies(of words: [String]) throws -> (frequencies: [Int], recordCount: Int) {
    try read { connection, info in try WordIndex(number: info.number).frequencies(of: words, connection) }
  }

  /// For each id the part of its document that has most of the words, with the words marked; nothing for those that
  /// have none of them.
  public func snippets(ids: [String], words: String, wordLimit: Int = 32) throws -> [String: Snippet] {
    try read { connection, info in
      try WordIndex(number: info.number).snippets(ids, words, wordLimit, connection)
    }
  }

  // MARK: Parts

  private func nearest(
    _ index: CollectionIndex?, _ embedding: [Float], _ count: Int, _ filter: Filter?, _ ids: [String]?,
    _ effort: SearchEffort, until deadline: Deadline? = nil, _ connection: StoreConnection?
  ) throws -> [(key: Int64, distance: Float)] {
    guard let index else { return [] }
    guard embedding.count == index.dimension else {
      throw VectorStoreError.wrongDimension(
        collection: name, expected: index.dimension, found: embedding.count)
    }
    if let reason = unusableReason(embedding) {
      throw VectorStoreError.unusableVector(id: "query", reason: reason)
    }
    let allowed = try connection.flatMap { try permitted(index, filter, ids: ids, until: deadline, $0) }
    try deadline?.check()
    return try index.nearest(
      to: embedding, count: count, allowed: allowed?.slots, effort: effort
    ).map {
      (index.keys[$0.slot], $0.distance)
    }
  }

  /// What a filter and a list of ids leave; nil where there is neither.
  func permitted(
    _ index: CollectionIndex?, _ filter: Filter?, ids: [String]?, until deadline: Deadline? = nil,
    _ connection: StoreConnection
  ) throws -> PermittedRecords? {
    guard let index, filter != nil || ids != nil else { return nil }
    return try connection.until(deadline) {
      PermittedRecords(
        index: index, slots: try permittedSlots(index, filter, ids: ids, until: deadline, connection))
    }
  }

  private func permittedSlots(
    _ index: CollectionIndex, _ filter: Filter?, ids: [String]?, until deadline: Deadline?,
    _ connection: StoreConnection
  ) throws -> SlotSet {
    var slots = index.alive
    if let ids {
      var named = SlotSet(count: index.count)
      let sql = "SELECT key FROM records_\(info.number) WHERE id = ?"
      for id in ids {
        if let key = try connection.integer(sql, .text(id)), let slot = index.slot(of: Int64(key)) {
          named.insert(slot)
        }
      }
      slots.formIntersection(named)
    }
    if let filter, let metadata = index.metadata {
      slots.formIntersection(
        try metadata.allowed(filter, slots: index.count, until: deadline) {
          try documents($0, index, connection)
        })
    }
    return slots
  }

  /// The records whose texts a condition holds for.
  private func documents(
    _ condition: DocumentCondition, _ index: CollectionIndex, _ connection: StoreConnection
  ) throws -> SlotSet {
    var slots = SlotSet(count: index.count)
    let (sql, values) = try Filter.document(condition).sql()
    try connection.forEachRow("SELECT key FROM records_\(info.number) WHERE \(sql)", values) {
      (row: SQLiteRow) throws(VectorStoreError) in
      if let slot = index.slot(of: row.integer(0)) { slots.insert(slot) }
    }
    return slots
  }

  private func matches<Value, Found>(
    _ found: [(key: Int64, Value)], _ connection: StoreConnection, _ info: CollectionInfo,
    withEmbedding: Bool, _ match: (Record, Value) -> Found
  ) throws -> [Found] {
    let reader = RecordReader(info)
    return try found.compactMap { key, value in
      try reader.record(key: key, connection, withEmbedding: withEmbedding).map { match($0, value) }
    }
  }
}

/// The records that a query may find.
struct PermittedRecords {
  let index: CollectionIndex
  let slots: SlotSet

  var keys: [Int64] {
    var keys = [Int64]()
    slots.forEach { keys.append(index.keys[$0]) }
    return keys
  }
}
