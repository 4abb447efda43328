import MartletJSON
import MartletVectorStore

/// An index of pgvector's over a collection's vectors. Without one, each search compares with every record.
public enum PostgresIndex: Sendable, Equatable, CustomStringConvertible {
  /// A graph with layers: fast, and as new records come it takes them in. `m` links a node and layer (2 to 100), and a
  /// list of `efConstruction` candidates as it is built (4 to 1,000, at least twice `m`).
  case hnsw(m: Int = 16, efConstruction: Int = 64)
  /// Vectors in so many lists around centres that are found among the records that there are when it is made: quick to
  /// build and small. Nil takes a list for each thousand records, and of more than a million the square root.
  case ivfflat(lists: Int? = nil)

  init?(method: String?, parameters: String?) {
    let parameters = parameters.flatMap { try? JSON(parsing: $0) } ?? [:]
    switch method {
    case "hnsw":
      self = .hnsw(
        m: parameters["m"]?.intValue ?? 16, efConstruction: parameters["ef_construction"]?.intValue ?? 64)
    case "ivfflat": self = .ivfflat(lists: parameters["lists"]?.intValue)
    default: return nil
    }
  }

  /// What pgvector calls it.
  public var method: String {
    switch self {
    case .hnsw: "hnsw"
    case .ivfflat: "ivfflat"
    }
  }

  /// Method and parameters, as pgvector writes them.
  public var description: String {
    let list = parameters.map { "\($0.0) = \($0.1)" }.joined(separator: ", ")
    return list.isEmpty ? method : "\(method) (\(list))"
  }

  var parameters: [(String, Int)] {
    switch self {
    case .hnsw(let m, let efConstruction): [("m", m), ("ef_construction", efConstruction)]
    case .ivfflat(let lists): lists.map { [("lists", $0)] } ?? []
    }
  }

  /// What is wrong with the parameters; nil where nothing is.
  var fault: String? {
    switch self {
    case .hnsw(let m, let efConstruction):
      if !(2...100).contains(m) { return "m is from 2 to 100, not \(m)" }
      if !(4...1000).contains(efConstruction) {
        return "ef_construction is from 4 to 1000, not \(efConstruction)"
      }
      return efConstruction < 2 * m ? "ef_construction (\(efConstruction)) is at least twice m (\(m))" : nil
    case .ivfflat(let lists):
      guard let lists, !(1...32768).contains(lists) else { return nil }
      return "lists is from 1 to 32768, not \(lists)"
    }
  }
}

extension PostgresCollection {
  /// How long vectors may be for an index; longer ones are indexed as 16 bits a number, up to twice that length.
  static let longestIndexed = 2000

  /// Makes an index over the vectors, in the place of one that is there. Writers wait until it is built.
  ///
  /// - Throws: `RemoteStoreError.unfit` for vectors of more than 4,000 numbers, which pgvector does not index.
  public func createIndex(_ wanted: PostgresIndex) throws {
    if let fault = wanted.fault { throw RemoteStoreError.unfit(store: store.title, reason: fault) }
    try withConnection { connection in
      try connection.transaction {
        let dimension = try connection.run(
          "SELECT dimension FROM martlet.collections WHERE number = $1 FOR UPDATE", [.integer(number)]
        ).integer
        guard let dimension else {
          throw RemoteStoreError.unfit(
            store: store.title,
            reason: "collection \(name) has no vectors yet, and an index needs to know how long they are")
        }
        let key = try indexed(dimension)
        let index = try complete(wanted, connection)
        try connection.run("DROP INDEX IF EXISTS \(indexName)")
        let parameters = index.parameters.map { "\($0.0) = \($0.1)" }.joined(separator: ", ")
        // Room for the graph in memory; more than the server's usual 64 MB makes building it several times as fast.
        try connection.run("SELECT set_config('maintenance_work_mem', '256MB', true)")
        try connection.run(
          """
          CREATE INDEX records_\(number)_vectors ON \(table)
          USING \(index.method) (\(key.column) \(key.operators)) WITH (\(parameters))
          """)
        try note(index, connection)
      }
    }
  }

  /// Drops the index over the vectors, if there is one.
  public func dropIndex() throws {
    try transact { connection in
      try connection.run("DROP INDEX IF EXISTS \(indexName)")
      try note(nil, connection)
    }
  }

  private var indexName: String { "martlet.records_\(number)_vectors" }

  private func note(_ index: PostgresIndex?, _ connection: PostgresConnection) throws {
    let parameters = index.map { index in
      JSON.object(JSONObject(index.parameters.map { ($0.0, JSON($0.1)) })).serialized()
    }
    try connection.run(
      "UPDATE martlet.collections SET index_method = $1, index_parameters = $2::text::jsonb WHERE number = $3",
      [.text(index?.method), .text(parameters), .integer(number)])
  }

  /// The index with all of its parameters.
  private func complete(_ index: PostgresIndex, _ connection: PostgresConnection) throws -> PostgresIndex {
    guard index == .ivfflat(lists: nil) else { return index }
    let records = try connection.run("SELECT count(*) FROM \(table)").integer ?? 0
    let lists = records > 1_000_000 ? Int(Double(records).squareRoot()) : records / 1000
    return .ivfflat(lists: min(max(1, lists), 32768))
  }

  /// What the index is over, and by which operators.
  private func indexed(_ dimension: Int) throws -> (column: String, operators: String) {
    let names = ["cosine": "cosine_ops", "l2": "l2_ops", "ip": "ip_ops"]
    let operators = names[configuration.distance.rawValue] ?? "l2_ops"
    if dimension <= Self.longestIndexed { return ("embedding", "vector_\(operators)") }
    guard dimension <= 2 * Self.longestIndexed, store.vectorTypes?.hasHalfVectors == true else {
      throw RemoteStoreError.unfit(
        store: store.title,
        reason: "vectors have \(dimension) numbers, and this pgvector's indexes take at most "
          + "\(store.vectorTypes?.hasHalfVectors == true ? "4000" : "2000"); searches compare with every record then"
      )
    }
    return ("(embedding::halfvec(\(dimension)))", "halfvec_\(operators)")
  }
}
