import Embedding
import Retrieval
import Tensors
import VectorStore

/// The parameters that `index`, `search` and `ask` share: where the documents are, and how they are looked for.
enum StoreParameters {
  static let store = Parameter<String?>.option(
    "store", .path("PATH"), shownAs: "$MARTLET_HOME/data, else $XDG_DATA_HOME/martlet",
    environment: "MARTLET_STORE", help: "The folder that holds the indexed documents.")
  static let collection = Parameter<String>.option(
    "collection", .text("NAME"), default: "default", help: "Which of the store's collections.")

  /// Where the store is.
  static func path(_ arguments: Arguments) -> String { arguments[store] ?? Places.store }

  /// The documents that were indexed, for searching and asking.
  static func openLibrary(_ arguments: Arguments) throws -> Library {
    let database = try Database.open(at: path(arguments), mode: .readOnly)
    return try Library.open(
      in: database, collection: arguments[collection],
      device: Device(threads: arguments[ModelParameters.threads]))
  }

  static let way = Parameter<SearchMethod>.option(
    "by", .choice("WAY"), default: .both,
    help: "meaning compares vectors, words compares words (BM25), both fuses the two rankings.")
  static let json = Parameter<Bool>.flag("json", help: "Print one JSON object.")
}
