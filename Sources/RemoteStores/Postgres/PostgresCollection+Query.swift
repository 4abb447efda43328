import MartletVectorStore

extension PostgresCollection {
  /// Of how many records, at most, a filter may leave for all of them to be compared.
  private static let comparedOneByOne = 10_000

  /// The records nearest to a vector, nearest first; ties in the order of their ids.
  ///
  /// What a filter leaves is compared record by record where it is 10,000 records or fewer: nothing is lost. Where it is
  /// more, pgvector scans the index (`hnsw.iterative_scan`) until it has found four times as many as are wanted, and
  /// some, so that the nearest are among them about as often as without a filter. Where it gives up before, every record
  /// is compared.
  public func nearest(_ query: VectorQuery) throws -> [Match] {
    try nearest(query, comparingUpTo: Self.comparedOneByOne)
  }

  /// - Parameter limit: Of how many records, at most, a filter may leave for all of them to be compared.
  func nearest(_ query: VectorQuery, comparingUpTo limit: Int) throws -> [Match] {
    guard query.limit > 0, let types = store.vectorTypes else { return [] }
    let found = try inOneState { connection -> [Match] in
      let rows = try PostgresCollectionRow.read(connection, "WHERE number = $1", [.integer(number)])
      guard let row = rows.first else { throw VectorStoreError.collectionDropped(name: name) }
      guard let dimension = row.configuration.dimension else { return [] }
      try check(query, dimension)
      let vector = PostgresValue.vector(query.embedding, types)
      let condition = try self.condition(query.filter, ids: query.ids, after: [vector], connection)
      guard query.effort != .exact, let index = row.index else {
        return try nearest(query, condition, connection)
      }
      if query.isRestricted, try count(condition, upTo: limit + 1, connection) <= limit {
        return try nearest(query, condition, connection)
      }
      try configure(connection, query, index)
      return try nearestIndexed(query, condition, dimension, connection)
        ?? nearest(query, condition, connection)
    }
    return found.sorted { ($0.distance, $0.record.id) < ($1.distance, $1.record.id) }
  }

  private func check(_ query: VectorQuery, _ dimension: Int) throws(VectorStoreError) {
    guard query.embedding.count == dimension else {
      throw .wrongDimension(collection: name, expected: dimension, found: query.embedding.count)
    }
    if let reason = unusableReason(query.embedding, configuration.distance) {
      throw .unusableVector(id: "query", reason: reason)
    }
  }

  /// How well the index is searched, for this transaction.
  private func configure(_ connection: PostgresConnection, _ query: VectorQuery, _ index: PostgresIndex)
    throws
  {
    var settings = [(String, String)]()
    switch index {
    case .hnsw:
      let nodes = if case .nodes(let nodes) = query.effort { nodes } else { max(100, 2 * query.limit) }
      settings.append(("hnsw.ef_search", "\(min(max(1, nodes), 1000))"))
      settings.append(("hnsw.iterative_scan", "strict_order"))
    case .ivfflat(let lists):
      let lists = lists ?? 1
      let probes =
        if case .nodes(let nodes) = query.effort { nodes } else {
          Int(Double(lists).squareRoot().rounded(.up))
        }
      settings.append(("ivfflat.probes", "\(min(max(1, probes), lists))"))
      settings.append(("ivfflat.iterative_scan", "relaxed_order"))
    }
    let hasIterativeScans = store.vectorTypes?.hasIterativeScans == true
    for (name, value) in settings where hasIterativeScans || !name.hasSuffix("iterative_scan") {
      try connection.run("SELECT set_config($1, $2, true)", [.text(name), .text(value)])
    }
  }

  /// How many records a condition leaves, counted no further than `limit`.
  private func count(
    _ condition: PostgresCondition, upTo limit: Int, _ connection: PostgresConnection
  ) throws -> Int {
    var condition = condition
    let most = condition.mark(.integer(limit))
    return try connection.run(
      "SELECT count(*) FROM (SELECT 1 FROM \(table) WHERE \(condition.sql) LIMIT \(most)) t", condition.values
    ).integer ?? 0
  }

  /// The nearest records, each compared. The condition's first value is the vector.
  private func nearest(
    _ query: VectorQuery, _ condition: PostgresCondition, _ connection: PostgresConnection
  ) throws -> [Match] {
    var condition = condition
    let count = condition.mark(.integer(query.limit))
    // An index is for the bare distance: a sum is computed for every record.
    return try matches(
      """
      SELECT \(columns(query)), embedding \(sign) $1 AS distance FROM \(table) WHERE \(condition.sql)
      ORDER BY (embedding \(sign) $1) + 0, id LIMIT \(count)
      """, condition.values, query, connection)
  }

  /// The nearest records by the index; nil where it finds fewer than it was asked for.
  private func nearestIndexed(
    _ query: VectorQuery, _ condition: PostgresCondition, _ dimension: Int, _ connection: PostgresConnection
  ) throws -> [Match]? {
    var condition = condition
    let isShortened = dimension > Self.longestIndexed
    let count = condition.mark(.integer(query.limit))
    guard isShortened || query.isRestricted else {
      let found = try matches(
        """
        SELECT \(columns(query)), embedding \(sign) $1 AS distance FROM \(table) WHERE \(condition.sql)
        ORDER BY embedding \(sign) $1 LIMIT \(count)
        """, condition.values, query, connection)
      return found.count < query.limit ? nil : found
    }
    // Some more than are wanted, measured by the whole vectors: the index has long ones in 16 bits a number, and under
    // a filter the first that it finds need not be the nearest.
    let wanted = 4 * query.limit + 20
    let candidates = condition.mark(.integer(wanted))
    let cast = isShortened ? "::halfvec(\(dimension))" : ""
    var found = 0
    let matches = try matches(
      """
      SELECT \(columns(query)), embedding \(sign) $1 AS distance, count(*) OVER () FROM (
        SELECT \(Self.columns), embedding FROM \(table) WHERE \(condition.sql)
        ORDER BY embedding\(cast) \(sign) $1\(cast) LIMIT \(candidates)) c
      ORDER BY distance LIMIT \(count)
      """, condition.values, query, connection
    ) { found = $0.integer(6) }
    return found < (query.isRestricted ? wanted : query.limit) ? nil : matches
  }

  private func columns(_ query: VectorQuery) -> String {
    Self.columns + (query.withEmbedding ? ", embedding" : ", NULL")
  }

  private func matches(
    _ sql: String, _ values: [PostgresValue], _ query: VectorQuery, _ connection: PostgresConnection,
    _ look: (PostgresRow) -> Void = { _ in }
  ) throws -> [Match] {
    try connection.run(sql, values).map { row in
      look(row)
      return Match(record: try read(row, withEmbedding: query.withEmbedding), distance: value(row.double(5)))
    }
  }

  /// pgvector's operator.
  private var sign: String {
    switch configuration.distance {
    case .cosine: "<=>"
    case .l2: "<->"
    case .ip: "<#>"
    }
  }

  /// The distance as Chroma has it, of what the operator says: the Euclidean distance, or the negative inner product.
  private func value(_ distance: Double) -> Double {
    switch configuration.distance {
    case .cosine: distance
    case .l2: distance * distance
    case .ip: 1 + distance
    }
  }
}

extension VectorQuery {
  /// Whether only some of the records may be found.
  fileprivate var isRestricted: Bool { filter != nil || ids != nil }
}
