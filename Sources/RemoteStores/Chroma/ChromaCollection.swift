import MartletJSON
import MartletVectorStore

/// A collection on a server that speaks Chroma's protocol.
public struct ChromaCollection: RecordCollection {
  let store: ChromaStore
  /// A UUID.
  public let id: String
  /// What the collection was made with, as it was when it was opened.
  public let configuration: CollectionConfiguration

  init(store: ChromaStore, json: JSON) throws {
    self.store = store
    (id, configuration) = try ChromaConfiguration.read(json, store.title)
  }

  /// Of collections that compare by cosine, Chroma keeps unit vectors and lengths, and multiplies them again.
  public var fidelity: VectorFidelity {
    configuration.distance == .cosine ? .rounded(share: 1e-5) : .exact
  }

  /// Chroma reads some numbers otherwise than they are written, in their last digit.
  public var numberTolerance: Double { 1e-15 }

  // MARK: Reading

  /// How many records there are.
  public func count() throws -> Int {
    let answer = try asking { try store.json("GET", path("count")) }
    guard let count = answer.intValue else {
      throw RemoteStoreError.unexpectedAnswer(store: store.title, detail: "a count is \(answer.kind)")
    }
    return count
  }

  /// Records in the order in which they were first added.
  public func get(_ selection: RecordSelection) throws -> [Record] {
    var found = [Record]()
    while true {
      let wanted = selection.limit.map { min($0 - found.count, Self.page) } ?? Self.page
      guard wanted > 0 else { return found }
      let page = try self.page(
        where: selection.filter, ids: selection.ids, limit: wanted, offset: selection.offset + found.count,
        withEmbedding: selection.withEmbedding)
      found += page
      if page.count < wanted { return found }
    }
  }

  /// The records with these ids, in the order asked for; ids that are not there are left out.
  public func get(ids: [String], withEmbedding: Bool) throws -> [Record] {
    var byID = [[UInt8]: Record]()
    for start in stride(from: 0, to: ids.count, by: Self.page) {
      let part = Array(ids[start..<min(start + Self.page, ids.count)])
      for record in try page(where: nil, ids: part, limit: nil, offset: 0, withEmbedding: withEmbedding) {
        byID[Array(record.id.utf8)] = record
      }
    }
    return ids.compactMap { byID[Array($0.utf8)] }
  }

  /// Hands over all records that a filter leaves, page by page: what others add or delete meanwhile can move records
  /// from one page to another.
  public func forEachBatch(of size: Int, where filter: Filter?, _ body: ([Record]) throws -> Void) throws {
    var offset = 0
    let size = min(max(1, size), Self.page)
    while true {
      let page = try self.page(where: filter, ids: nil, limit: size, offset: offset, withEmbedding: true)
      if !page.isEmpty { try body(page) }
      guard page.count == size else { return }
      offset += size
    }
  }

  /// The records nearest to a vector, nearest first.
  ///
  /// - Throws: `RemoteStoreError.unsupported` where anything but the usual effort is asked for: how well Chroma searches
  ///   is the collection's own setting (`ef_search`).
  public func nearest(_ query: VectorQuery) throws -> [Match] {
    guard query.effort == .standard else {
      throw RemoteStoreError.unsupported(
        operation: "An exact search", store: store.title,
        advice: "How well Chroma searches is set in the collection's own configuration, as ef_search.")
    }
    if let reason = unusableReason(query.embedding, configuration.distance) {
      throw VectorStoreError.unusableVector(id: "query", reason: reason)
    }
    let filter = try ChromaFilter(query.filter, store.title)
    guard query.limit > 0, filter != .nothing else { return [] }
    var members: [(String, JSON)] = [
      ("query_embeddings", [.array(query.embedding.map { JSON($0) })]), ("n_results", JSON(query.limit)),
      ("include", ChromaRecords.include(withEmbedding: query.withEmbedding, "distances")),
    ]
    if let json = filter.json { members.append(("where", json)) }
    // Chroma's own server does not pass over ids that are not there.
    if let ids = query.ids {
      let there = try get(ids: ids, withEmbedding: false)
      guard !there.isEmpty else { return [] }
      members.append(("ids", .array(there.map { .string($0.id) })))
    }
    let body = Array(JSON.object(JSONObject(members)).serialized().utf8)
    let answer = try asking { try store.send("POST", path("query"), body) }
    return try ChromaRecords.matches(answer, store.title)
      .sorted { ($0.distance, $0.record.id) < ($1.distance, $1.record.id) }
  }

  /// The ids of the first records, and nothing else of them.
  func ids(limit: Int) throws -> [String] {
    let body: JSON = ["limit": JSON(limit), "offset": 0, "include": []]
    let answer = try asking { try store.send("POST", path("get"), Array(body.serialized().utf8)) }
    return try ChromaRecords.records(answer, store.title).map(\.id)
  }

  // MARK: Parts

  /// How many records a page has at most: their vectors come as decimals.
  private static let page = 1000

  /// A path of this collection's, by its id, which stays when it gets another name.
  func path(_ action: String) -> String { "\(store.collectionsPath)/\(id)/\(action)" }

  private func page(
    where filter: Filter?, ids: [String]?, limit: Int?, offset: Int, withEmbedding: Bool
  ) throws -> [Record] {
    let filter = try ChromaFilter(filter, store.title)
    guard filter != .nothing, ids?.isEmpty != true else { return [] }
    var members: [(String, JSON)] = [
      ("offset", JSON(offset)), ("include", ChromaRecords.include(withEmbedding: withEmbedding)),
    ]
    if let limit { members.append(("limit", JSON(limit))) }
    if let ids { members.append(("ids", .array(ids.map { .string($0) }))) }
    if let json = filter.json { members.append(("where", json)) }
    let body = Array(JSON.object(JSONObject(members)).serialized().utf8)
    let answer = try asking { try store.send("POST", path("get"), body) }
    return try ChromaRecords.records(answer, store.title)
  }

  /// Asks the server something about this collection; one that is not known is one that was dropped.
  func asking<Result>(_ body: () throws -> Result) throws -> Result {
    try store.translated {
      do { return try body() } catch let refusal as ChromaRefusal where refusal.status == 404 {
        throw VectorStoreError.collectionDropped(name: name)
      }
    }
  }
}
