import VectorStore

extension PostgresCollection {
  /// The records nearest to a vector, nearest first; ties in the order of their ids.
  ///
  /// With an index, pgvector goes on to scan it until enough records are found that the filter leaves
  /// (`hnsw.iterative_scan`). Where it gives up before, or finds fewer than are wanted for another reason, every record
  /// is compared: a filter loses nothing.
  public func query(_ query: VectorQuery) throws -> [Match] {
    guard query.count > 0 else { return [] }
    let found = try inOneState { connection -> [Match] in
      let rows = try PostgresCollectionRow.read(connection, "WHERE number = $1", [.integer(number)])
      guard let row = rows.first else { throw VectorStoreError.collectionDropped(name: name) }
      guard let dimension = row.configuration.dimension else { return [] }
      try check(query, dimension)
      guard query.effort != .exact, let index = row.index else { return try nearest(query, nil, connection) }
      try configure(connection, query, index)
      let quick = try nearest(query, dimension, connection)
      return quick.count < query.count ? try nearest(query, nil, connection) : quick
    }
    return found.sorted { ($0.value, $0.record.id) < ($1.value, $1.record.id) }
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
      let nodes = if case .nodes(let nodes) = query.effort { nodes } else { max(100, 2 * query.count) }
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

  /// The nearest records.
  ///
  /// - Parameter indexed: The vectors' length where an index may be used; nil compares every record.
  private func nearest(
    _ query: VectorQuery, _ indexed: Int?, _ connection: PostgresConnection
  ) throws -> [Match] {
    guard let types = store.vectorTypes else { return [] }
    let vector = PostgresValue.vector(query.embedding, types)
    var condition = try self.condition(query.filter, ids: query.ids, after: [vector], connection)
    let count = condition.mark(.integer(query.count))
    let columns = Self.columns + (query.withEmbedding ? ", embedding" : ", NULL")
    let distance = "embedding \(sign) $1"
    let sql: String
    if let indexed, indexed > Self.longestIndexed {
      // The index has the vectors in 16 bits: some more than are wanted are measured by the whole ones.
      let half = "halfvec(\(indexed))"
      let candidates = condition.mark(.integer(4 * query.count + 20))
      sql = """
        SELECT \(columns), \(distance) AS distance FROM (
          SELECT \(Self.columns), embedding FROM \(table) WHERE \(condition.sql)
          ORDER BY embedding::\(half) \(sign) $1::\(half) LIMIT \(candidates)) c
        ORDER BY distance LIMIT \(count)
        """
    } else {
      // An index is for the bare distance: a sum is computed for every record.
      let order = indexed == nil ? "(\(distance)) + 0, id" : distance
      sql = """
        SELECT \(columns), \(distance) AS distance FROM \(table) WHERE \(condition.sql)
        ORDER BY \(order) LIMIT \(count)
        """
    }
    return try connection.run(sql, condition.values).map { row in
      Match(record: try read(row, withEmbedding: query.withEmbedding), value: value(row.double(5)))
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
