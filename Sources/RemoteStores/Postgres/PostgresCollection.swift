import MartletVectorStore

/// A collection in a database of PostgreSQL's: one table of records.
public struct PostgresCollection: RecordCollection {
  let store: PostgresStore
  /// The table's number.
  let number: Int
  /// A UUID.
  public let id: String
  /// What the collection was made with, as it was when it was opened.
  public let configuration: CollectionConfiguration
  /// The index over the vectors, as it was when the collection was opened; nil where there is none.
  public let index: PostgresIndex?

  init(store: PostgresStore, row: PostgresCollectionRow) {
    self.store = store
    number = row.number
    id = row.id
    configuration = row.configuration
    index = row.index
  }

  /// pgvector keeps 32 bits a number.
  public var fidelity: VectorFidelity { .exact }

  /// The table's name.
  var table: String { "martlet.records_\(number)" }

  // MARK: Reading

  /// How many records there are.
  public func count() throws -> Int {
    try withConnection { try $0.run("SELECT count(*) FROM \(table)").integer ?? 0 }
  }

  /// Records in the order in which they were first added.
  public func get(_ selection: RecordSelection) throws -> [Record] {
    try inOneState { connection in
      var condition = try self.condition(selection.filter, ids: selection.ids, connection)
      let limit = condition.mark(.integer(selection.limit))
      let offset = condition.mark(.integer(selection.offset))
      return try records(
        connection, "WHERE \(condition.sql) ORDER BY key LIMIT \(limit) OFFSET \(offset)", condition.values,
        selection.withEmbedding)
    }
  }

  /// The records with these ids, in the order asked for; ids that are not there are left out.
  public func get(ids: [String], withEmbedding: Bool) throws -> [Record] {
    let wanted = ids.filter(PostgresMetadata.isKept)
    let found = try withConnection { connection in
      try records(connection, "WHERE id = ANY($1)", [.texts(wanted)], withEmbedding)
    }
    let byID = Dictionary(found.map { (Array($0.id.utf8), $0) }) { first, _ in first }
    return wanted.compactMap { byID[Array($0.utf8)] }
  }

  /// Hands over all records that a filter leaves, all in one state of the database.
  public func forEachBatch(of size: Int, where filter: Filter?, _ body: ([Record]) throws -> Void) throws {
    try inOneState { connection in
      let condition = try self.condition(filter, ids: nil, connection)
      var last = Int.min
      while true {
        var page = condition
        let (after, limit) = (page.mark(.integer(last)), page.mark(.integer(size)))
        let rows = try connection.run(
          "SELECT \(Self.columns), embedding, key FROM \(table) "
            + "WHERE \(condition.sql) AND key > \(after) ORDER BY key LIMIT \(limit)", page.values)
        var batch = [Record]()
        for (record, key) in try rows.map({ (try read($0, withEmbedding: true), $0.integer(5)) }) {
          batch.append(record)
          last = key
        }
        guard !batch.isEmpty else { return }
        try body(batch)
      }
    }
  }

  // MARK: Parts

  static let columns = "id, document, metadata, uri"

  /// The records that a condition names.
  func records(
    _ connection: PostgresConnection, _ condition: String, _ values: [PostgresValue], _ withEmbedding: Bool
  ) throws -> [Record] {
    let columns = Self.columns + (withEmbedding ? ", embedding" : "")
    return try connection.run("SELECT \(columns) FROM \(table) \(condition)", values).map {
      try read($0, withEmbedding: withEmbedding)
    }
  }

  /// A record of the columns `columns`, and `embedding` behind them.
  func read(_ row: PostgresRow, withEmbedding: Bool) throws -> Record {
    let id = row.text(0)
    var record = Record(
      id: id, embedding: [], document: row.optionalText(1),
      metadata: try PostgresMetadata.read(row.json(2), of: "record \(id)", store.title),
      uri: row.optionalText(3))
    guard withEmbedding else { return record }
    guard let embedding = row.vector(4) else {
      throw RemoteStoreError.unexpectedAnswer(store: store.title, detail: "record \(id) has no vector")
    }
    record.embedding = embedding
    return record
  }

  /// What a filter and a list of ids leave. Patterns are matched here, by RE2: the texts that there are travel once.
  func condition(
    _ filter: Filter?, ids: [String]?, after values: [PostgresValue] = [], _ connection: PostgresConnection
  ) throws -> PostgresCondition {
    let patterns = filter?.patterns ?? []
    guard !patterns.isEmpty else { return PostgresCondition(filter, ids: ids, after: values) }
    var matching = [[UInt8]: [Int64]]()
    var last = Int.min
    while true {
      let page = try connection.run(
        "SELECT key, document FROM \(table) WHERE key > $1 AND document IS NOT NULL ORDER BY key LIMIT 4096",
        [.integer(last)])
      guard page.count > 0 else { break }
      for (key, text) in page.map({ ($0.integer(0), $0.text(1)) }) {
        for pattern in patterns where pattern.matches(text) {
          matching[Array(pattern.pattern.utf8), default: []].append(Int64(key))
        }
        last = key
      }
    }
    return PostgresCondition(filter, ids: ids, after: values, matching: matching)
  }

  /// Runs `body` in one state of the database, whatever others write meanwhile.
  func inOneState<Result>(_ body: (PostgresConnection) throws -> Result) throws -> Result {
    try withConnection { connection in
      try connection.transaction("ISOLATION LEVEL REPEATABLE READ READ ONLY") { try body(connection) }
    }
  }

  /// Runs `body` on a connection; a table that is gone is a collection that was dropped.
  func withConnection<Result>(_ body: (PostgresConnection) throws -> Result) throws -> Result {
    try store.withConnection { connection in try known { try body(connection) } }
  }

  /// Runs `body` as one transaction, again where another program's got in its way.
  func transact<Result>(_ body: (PostgresConnection) throws -> Result) throws -> Result {
    try store.transact { connection in try known { try body(connection) } }
  }

  private func known<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let failure as PostgresFailure where failure.state == "42P01" {
      throw VectorStoreError.collectionDropped(name: name)
    }
  }
}
