import MartletEmbedding
import MartletLanguageModels
import MartletRemoteStores
import MartletRetrieval
import MartletTensors
import MartletVectorStore

/// The parameters that `index`, `search` and `ask` share: where the documents are, and how they are looked for.
enum StoreParameters {
  static let store = Parameter<String?>.option(
    "store", .path("STORE", completing: .folders), shownAs: "$MARTLET_HOME/data, else $XDG_DATA_HOME/martlet",
    environment: "MARTLET_STORE",
    help: "The store: a folder, postgresql://user@host/database, or http://host:8000/tenant/database.")
  /// For commands that work on folders alone.
  static let folderStore = Parameter<String?>.option(
    "store", .path("PATH", completing: .folders), shownAs: "$MARTLET_HOME/data, else $XDG_DATA_HOME/martlet",
    environment: "MARTLET_STORE", help: "The folder that holds the collections.")
  static let collection = Parameter<String>.option(
    "collection", .text("NAME", completing: .collections), default: "default",
    help: "Which of the store's collections.")

  /// Where the store is.
  static func location(_ arguments: Arguments) throws -> StoreLocation {
    try StoreLocation(store: arguments[store] ?? Places.store)
  }

  /// The folder of the store, for commands that work on such alone.
  ///
  /// - Parameter command: What the command is called, for the error where the store is elsewhere.
  static func folder(_ arguments: Arguments, for command: String) throws -> String {
    let location = try StoreLocation(store: arguments[folderStore] ?? Places.store)
    guard case .folder(let path) = location.place else {
      throw UsageError(
        "martlet \(command) needs a Martlet folder, and \(location) is not one.",
        advice: "‘martlet db copy \(location)#COLLECTION PATH#COLLECTION’ brings a collection into one.")
    }
    return path
  }

  /// Throws where a file or a folder is wanted and the text is the address of a store, or looks like one.
  static func checkPath(_ text: String, _ placeholder: String) throws(UsageError) {
    if case .folder? = (try? StoreLocation(store: text))?.place { return }
    throw UsageError(
      "\(placeholder) is a path, and this looks like an address.",
      advice: "Write ./ in front of a name that looks like one. ‘martlet db copy’ copies from store to store."
    )
  }

  /// Opens a store, wherever it is.
  static func open(_ location: StoreLocation, _ mode: Database.Mode) throws -> any RecordStore {
    switch location.place {
    case .folder(let path): return try Database.open(at: path, mode: mode)
    case .postgresql: return try PostgresStore.open(location, mode: mode)
    case .chroma:
      let key = Environment["MARTLET_API_KEY"].flatMap { $0.isEmpty ? nil : $0 }
      return try ChromaStore.open(location, key: key)
    }
  }

  /// The documents that were indexed, for searching and asking.
  /// - Parameter name: The collection; nil for the one that --collection names.
  static func openLibrary(_ arguments: Arguments, collection name: String? = nil) throws -> Library {
    let store = try open(location(arguments), .readOnly)
    return try Library.open(
      in: store, collection: name ?? arguments[collection],
      device: Device(threads: arguments[ModelParameters.threads]))
  }

  static let way = Parameter<SearchMethod>.option(
    "by", .choice("WAY", aliases: ["meaning": .semantic, "words": .keyword, "both": .hybrid]),
    default: .hybrid,
    help: "semantic compares vectors, keyword compares words (BM25), hybrid adds the two scores.")
  static let rerank = Parameter<String?>.option(
    "rerank", .path("MODEL", completing: .models(.reranking)),
    help:
      "Have a model read the passages that were found with the query, and rank them: a cross-encoder, or a model that generates text."
  )
  static let candidates = Parameter<Int>.option(
    "candidates", .integer(in: 1...1000), default: 20,
    help: "How many passages --rerank reads, --count at least; the time grows with them.")

  /// What `--rerank` names, opened; nil without it.
  static func reranker(_ arguments: Arguments, _ console: Console) throws -> (any Reranker)? {
    guard let name = arguments[rerank] else {
      guard !arguments.has(candidates) else {
        throw UsageError(
          "--candidates says how many passages --rerank reads, and there is no --rerank.",
          advice: "Name a model with --rerank, or leave out --candidates.")
      }
      return nil
    }
    return try OpenModel.reranker(named: name, arguments, console)
  }

  static let json = Parameter<Bool>.flag("json", help: "Print one JSON object.")
}
