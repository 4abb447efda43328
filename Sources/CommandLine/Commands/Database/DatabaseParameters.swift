import MartletEmbedding
import MartletJSON
import MartletRemoteStores
import MartletRetrieval
import MartletTensors
import MartletVectorStore

/// The parameters that the commands under `db` share.
enum DatabaseParameters {
  static let collection = Parameter<String>.argument(
    "COLLECTION", .text("NAME", completing: .collections), default: "", help: "The collection's name.")
  static let namespace = Parameter<Namespace>.option(
    "namespace", .namespace, default: .default, shownAs: "\(Namespace.default)",
    help: "The tenant and the database, in Chroma's words, that the collection belongs to.")
  static let filter = Parameter<Filter?>.option(
    "where", .filter("where", Filter.init(where:)), help: "Only records whose metadata fit this filter.")
  static let documentFilter = Parameter<Filter?>.option(
    "where-document", .filter("where_document", Filter.init(whereDocument:)),
    help: "Only records whose text fits this filter.")
  static let embeddings = Parameter<Bool>.flag("embeddings", help: "Print the vectors, too.")

  /// What every command takes that names a collection.
  static let common = [
    namespace.definition, StoreParameters.store.definition, StoreParameters.json.definition,
  ]

  /// Both filters in one; nil where neither is given.
  static func filter(_ arguments: Arguments) -> Filter? {
    let filters = [arguments[filter], arguments[documentFilter]].compactMap(\.self)
    return filters.count > 1 ? .all(filters) : filters.first
  }

  /// Where the store is.
  static func location(_ arguments: Arguments) throws -> StoreLocation {
    var location = try StoreParameters.location(arguments)
    // An address may leave the tenant and database to --namespace.
    if case .chroma(let address, nil) = location.place, arguments.has(namespace) {
      location.place = .chroma(address: address, namespace: arguments[namespace])
    }
    return location
  }

  /// Runs `body` on the store, and tells what went otherwise than one might expect.
  static func withStore(
    _ arguments: Arguments, _ console: Console, _ mode: Database.Mode,
    _ body: (any RecordStore) throws -> Void
  ) throws {
    let store = try StoreParameters.open(location(arguments), mode)
    defer {
      store.close()
      store.takeWarnings().forEach { console.warn(printable($0)) }
    }
    try body(store)
  }

  /// Runs `body` on the collection that is named.
  static func withCollection(
    _ arguments: Arguments, _ console: Console, _ mode: Database.Mode,
    _ body: (any RecordCollection, any RecordStore) throws -> Void
  ) throws {
    try withStore(arguments, console, mode) { store in
      try body(store.openCollection(named: arguments[collection], in: namespace(in: store, arguments)), store)
    }
  }

  /// Runs `body` on a store of Martlet's own.
  ///
  /// - Parameters:
  ///   - command: What does not work elsewhere.
  ///   - postgres: What to do instead in PostgreSQL.
  ///   - chroma: What to do instead on a server of Chroma's.
  static func withDatabase(
    _ arguments: Arguments, _ console: Console, _ mode: Database.Mode, command: String, postgres: String,
    chroma: String, _ body: (Database) throws -> Void
  ) throws {
    let location = try Self.location(arguments)
    func refusal(_ advice: String) -> RemoteStoreError {
      .unsupported(operation: "martlet db \(command)", store: location.description, advice: advice)
    }
    switch location.place {
    case .folder: break
    case .postgresql: throw refusal(postgres)
    case .chroma: throw refusal(chroma)
    }
    try withStore(arguments, console, mode) { store in
      guard let database = store as? Database else { throw refusal("") }
      try body(database)
    }
  }

  /// The tenant and database that are meant: of a server of Chroma's those of its address.
  static func namespace(in store: any RecordStore, _ arguments: Arguments) -> Namespace {
    if !arguments.has(namespace), let store = store as? ChromaStore { return store.namespace }
    return arguments[namespace]
  }

  /// A collection's texts with the embedder that it was made with. Warnings about the embedder's files are printed.
  static func texts(
    of collection: any RecordCollection, _ arguments: Arguments, _ console: Console
  ) throws -> TextCollection {
    let texts = try Library.textCollection(
      of: collection, device: Device(threads: arguments[ModelParameters.threads]))
    (texts.embedding as? SentenceEmbedder)?.warnings.forEach(console.warn)
    return texts
  }
}

extension ValueType where Value == Namespace {
  /// `TENANT/DATABASE`.
  static let namespace = ValueType(placeholder: "TENANT/DATABASE", choices: []) {
    (text) throws(InvalidValue) in
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
      throw InvalidValue(problem: "needs a tenant and a database with a slash between them, not ‘\(text)’")
    }
    return Namespace(tenant: String(parts[0]), database: String(parts[1]))
  }
}

/// Reads the value of a parameter as JSON.
private func json(_ text: String) throws(InvalidValue) -> JSON {
  do {
    return try JSON(parsing: text)
  } catch {
    throw InvalidValue(problem: "is not valid JSON at column \(error.column): \(error.problem)")
  }
}

extension ValueType where Value == Filter {
  /// One of Chroma's filters.
  static func filter(
    _ name: String, _ make: @escaping @Sendable (JSON) throws(FilterError) -> Filter
  ) -> Self {
    ValueType(placeholder: "JSON", choices: []) { (text) throws(InvalidValue) in
      let value = try json(text)
      do { return try make(value) } catch { throw InvalidValue(problem: "is not a valid filter: \(error)") }
    }
  }
}

extension ValueType where Value == Metadata {
  /// A JSON object.
  static let metadata = ValueType(placeholder: "JSON", choices: []) { (text) throws(InvalidValue) in
    let value = try json(text)
    guard let object = value.objectValue else {
      throw InvalidValue(problem: "needs a JSON object, not \(value.kind)")
    }
    do { return try Metadata(object) } catch { throw InvalidValue(problem: "is no metadata: \(error)") }
  }
}

extension ValueType where Value == [Float] {
  /// A JSON array of numbers.
  static let vector = ValueType(placeholder: "JSON", choices: []) { (text) throws(InvalidValue) in
    let value = try json(text)
    guard let elements = value.arrayValue, !elements.isEmpty else {
      throw InvalidValue(problem: "needs a JSON array of numbers, such as [0.5, -1.25], not \(value.kind)")
    }
    var vector: [Float] = []
    for element in elements {
      guard let number = element.doubleValue else {
        throw InvalidValue(problem: "needs an array of numbers alone, and \(element.kind) is in this one")
      }
      vector.append(Float(number))
    }
    return vector
  }
}
