import MartletJSON
import MartletRemoteStores
import MartletVectorStore

/// What `db index` takes.
private enum CollectionIndexOptions {
  /// The kinds of indexes, and none.
  enum Method: String, CaseIterable, Sendable {
    case hnsw
    case ivfflat
    case none
  }

  static let method = Parameter<Method>.option(
    "method", .choice("METHOD"), default: .hnsw,
    help:
      "hnsw is a graph that grows with the records; ivfflat sorts those that there are into lists; none drops the index."
  )
  static let m = Parameter<Int>.option(
    "m", .integer(in: 2...100), default: 16, help: "For hnsw: links a record and layer.")
  static let efConstruction = Parameter<Int>.option(
    "ef-construction", .integer(in: 4...1000), default: 64,
    help: "For hnsw: candidates that are looked at for the links; at least twice --m.")
  static let lists = Parameter<Int?>.option(
    "lists", .integer(in: 1...32768), shownAs: "one for each 1,000 records",
    help: "For ivfflat: how many lists.")

  static func index(_ arguments: Arguments) throws(UsageError) -> PostgresIndex? {
    let method = arguments[method]
    for (option, owner) in [
      (m.definition, Method.hnsw), (efConstruction.definition, .hnsw), (lists.definition, .ivfflat),
    ] where arguments.has(option) && method != owner {
      throw UsageError(
        "\(option.spelling) is for --method \(owner.rawValue).",
        advice: "Leave it out, or choose that method.")
    }
    switch method {
    case .hnsw:
      guard arguments[efConstruction] >= 2 * arguments[m] else {
        throw UsageError(
          "--ef-construction is \(arguments[efConstruction]), less than twice --m.",
          advice: "Say --ef-construction \(2 * arguments[m]) or more.")
      }
      return .hnsw(m: arguments[m], efConstruction: arguments[efConstruction])
    case .ivfflat: return .ivfflat(lists: arguments[lists])
    case .none: return nil
    }
  }
}

extension Command {
  /// Makes pgvector's index over a collection.
  static let databaseIndex: Command = Command(
    name: "db index", summary: "Make an index over a collection's vectors in PostgreSQL.",
    discussion: """
      In PostgreSQL a collection has no index until this command makes one: searches compare with every record, which is \
      exact, and slow for many. One that is there is replaced. Vectors of 2,001 to 4,000 numbers are indexed in 16 bits a \
      number and measured in 32; longer ones cannot be indexed. Stores of Martlet's own and servers of Chroma's see to \
      their indexes themselves.

      --json prints an object: collection, and index (its method and parameters, or null).
      """,
    parameters: [
      DatabaseParameters.collection.definition, CollectionIndexOptions.method.definition,
      CollectionIndexOptions.m.definition, CollectionIndexOptions.efConstruction.definition,
      CollectionIndexOptions.lists.definition,
    ] + DatabaseParameters.common,
    examples: [
      .init("martlet db index birds --store postgresql://ann@db.lan/library", "A graph:"),
      .init(
        "martlet db index birds --store postgresql://ann@db.lan/library --method ivfflat --lists 200",
        "Lists:"),
    ]
  ) { arguments, console in
    let index = try CollectionIndexOptions.index(arguments)
    let location = try DatabaseParameters.location(arguments)
    guard case .postgresql = location.place else {
      throw RemoteStoreError.unsupported(
        operation: "martlet db index", store: location.description,
        advice: "Such a store makes its indexes by itself; this command is for PostgreSQL.")
    }
    try DatabaseParameters.withCollection(arguments, console, .readWrite) { collection, store in
      guard let collection = collection as? PostgresCollection else { return }
      console.setStatus("Building the index…")
      defer { console.setStatus("") }
      if let index { try collection.createIndex(index) } else { try collection.dropIndex() }
      let now = try store.openCollection(named: collection.name, in: collection.configuration.namespace)
      let made = (now as? PostgresCollection)?.index
      if arguments[StoreParameters.json] {
        let object: JSON = [
          "collection": .string(collection.name), "index": made.map { .string($0.description) } ?? .null,
        ]
        return try console.result(object.serialized() + "\n")
      }
      console.note(
        printable(
          "Collection \(collection.name) has " + (made.map { "the index \($0)" } ?? "no index") + ".\n"))
    }
  }
}
