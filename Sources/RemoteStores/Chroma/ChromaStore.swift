import MartletJSON
import MartletVectorStore
import Synchronization

/// The collections of one database of a server that speaks Chroma's protocol, version 2.
///
/// ```swift
/// let store = try ChromaStore.open(StoreLocation(store: "http://db.lan:8000/ann/library"), key: nil)
/// let notes = try store.openCollection(named: "notes", in: store.namespace)
/// ```
public final class ChromaStore: RecordStore {
  /// The address.
  public let title: String
  /// The tenant and database whose collections these are.
  public let namespace: Namespace
  private let client: Mutex<Locked>
  private let batch: Int
  private let takesBase64: Bool

  /// The client is used by one thread at a time, which the lock sees to.
  private struct Locked: @unchecked Sendable { let client: ChromaClient }

  private init(client: ChromaClient, title: String, namespace: Namespace, limits: JSON) {
    self.title = title
    self.namespace = namespace
    batch = max(1, limits["max_batch_size"]?.intValue ?? 100)
    takesBase64 = limits["supports_base64_encoding"]?.boolValue ?? false
    self.client = Mutex(Locked(client: client))
  }

  /// Connects to a server.
  ///
  /// - Parameters:
  ///   - location: One of Chroma's. Where it names no tenant and database, they are Chroma's usual ones.
  ///   - key: What the server wants to be shown; sent as `X-Chroma-Token` and as a bearer's token.
  /// - Throws: `VectorStoreError.noSuchNamespace` where there is no such tenant or database, `RemoteStoreError`.
  public static func open(_ location: StoreLocation, key: String?) throws -> ChromaStore {
    guard case .chroma(let address, let namespace) = location.place else {
      throw RemoteStoreError.unsupported(
        operation: "A connection", store: "\(location)", advice: "This is no address of a server of Chroma's."
      )
    }
    let title = StoreLocation(location.place).description
    let client = try ChromaClient(address: address, key: key, title: title)
    let wanted = namespace ?? .default
    do {
      let limits = try client.json("GET", "/pre-flight-checks")
      // Of databases that are not there Chroma answers with empty lists.
      try check(wanted, client)
      return ChromaStore(client: client, title: title, namespace: wanted, limits: limits)
    } catch let refusal as ChromaRefusal {
      throw refusal.status == 404
        ? RemoteStoreError.unexpectedAnswer(
          store: title, detail: "it does not know version 2 of Chroma's interface (status 404)")
        : refusal.error
    }
  }

  private static func check(_ namespace: Namespace, _ client: ChromaClient) throws {
    do {
      let tenant = "/tenants/\(StoreLocation.percentEncoded(namespace.tenant))"
      _ = try client.json("GET", tenant)
      _ = try client.json("GET", "\(tenant)/databases/\(StoreLocation.percentEncoded(namespace.database))")
    } catch let refusal as ChromaRefusal where refusal.status == 404 {
      throw VectorStoreError.noSuchNamespace(namespace.description)
    }
  }

  // MARK: Collections

  /// The collections of the database in the order of their names.
  public func listCollections() throws -> [any RecordCollection] {
    try translated { try collections().sorted { $0.name < $1.name } }
  }

  private func collections() throws -> [ChromaCollection] {
    var all = [ChromaCollection]()
    while true {
      let path = "\(collectionsPath)?limit=\(Self.listed)&offset=\(all.count)"
      let page = try json("GET", path).arrayValue ?? []
      all += try page.map { try ChromaCollection(store: self, json: $0) }
      if page.count < Self.listed { return all }
    }
  }

  /// The collection of that name.
  public func openCollection(named name: String, in namespace: Namespace) throws -> any RecordCollection {
    try check(namespace)
    return try translated {
      do {
        return try ChromaCollection(store: self, json: json("GET", path(of: name)))
      } catch let refusal as ChromaRefusal where refusal.status == 404 {
        throw VectorStoreError.noSuchCollection(name: name, existing: try listCollections().map(\.name))
      }
    }
  }

  /// Makes a collection without a record.
  public func makeCollection(_ configuration: CollectionConfiguration) throws -> any RecordCollection {
    try check(configuration.namespace)
    let body = try ChromaConfiguration.request(for: configuration, title)
    return try translated {
      do {
        return try ChromaCollection(store: self, json: json("POST", collectionsPath, body))
      } catch let refusal as ChromaRefusal where refusal.status == 409 {
        throw VectorStoreError.collectionExists(name: configuration.name)
      }
    }
  }

  /// Drops a collection with all its records.
  ///
  /// The records are deleted first: Chroma forgets to delete lists in their metadata with the collection, and gives
  /// them to records of a later one (chroma-core/chroma #7594). Where that is broken off, the rest of the records, and
  /// the collection, are still there.
  public func dropCollection(named name: String, in namespace: Namespace) throws {
    try check(namespace)
    guard let collection = try openCollection(named: name, in: namespace) as? ChromaCollection else { return }
    try collection.deleteAll()
    _ = try translated { try json("DELETE", path(of: name)) }
  }

  /// Does nothing: connections close by themselves.
  public func close() {}

  /// Servers of Chroma's remark nothing.
  public func takeWarnings() -> [String] { [] }

  // MARK: Parts

  /// How many collections a list is asked for at a time.
  private static let listed = 100

  /// How many records the server takes at a time.
  var batchSize: Int { batch }
  /// Whether vectors may travel as the base64 of their bytes.
  var supportsBase64: Bool { takesBase64 }

  var collectionsPath: String {
    "/tenants/\(StoreLocation.percentEncoded(namespace.tenant))/databases/"
      + "\(StoreLocation.percentEncoded(namespace.database))/collections"
  }

  private func path(of name: String) -> String { "\(collectionsPath)/\(StoreLocation.percentEncoded(name))" }

  private func check(_ wanted: Namespace) throws {
    guard wanted == namespace || wanted == .default else {
      throw RemoteStoreError.unsupported(
        operation: "Going to \(wanted)", store: title,
        advice: "The address names tenant and database: http://host:8000/tenant/database.")
    }
  }

  /// A request whose answer is JSON. Refusals come as they are; `translated` makes errors of them.
  func json(_ method: String, _ path: String, _ body: JSON? = nil) throws -> JSON {
    try client.withLock { try $0.client.json(method, path, body) }
  }

  /// A request whose answer is read by whoever asks.
  func send(_ method: String, _ path: String, _ body: [UInt8]) throws -> [UInt8] {
    try client.withLock { try $0.client.send(method, path, body) }
  }

  /// Runs `body`, and makes errors of the server's refusals.
  func translated<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let refusal as ChromaRefusal { throw refusal.error }
  }
}
