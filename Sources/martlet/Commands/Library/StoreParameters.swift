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

  /// The folder of the store, for commands that work on such alone.
  ///
  /// - Parameter command: What the command is called, for the error where the store is elsewhere.
  static func folder(_ arguments: Arguments, for command: String) throws -> String {
    let location = try StoreLocation(store: arguments[store] ?? Places.store)
    guard case .folder(let path) = location.place else {
      throw UsageError(
        "martlet \(command) works on a folder of Martlet's own, and \(location) is none.",
        advice:
          "‘martlet db copy \(location)#COLLECTION PATH#COLLECTION’ brings a collection into one; ‘martlet db query’ "
          + "searches it where it is.")
    }
    return path
  }

  /// The documents that were indexed, for searching and asking: what the command is called stands in its errors.
  static func openLibrary(_ arguments: Arguments, for command: String) throws -> Library {
    let database = try Database.open(at: folder(arguments, for: command), mode: .readOnly)
    return try Library.open(
      in: database, collection: arguments[collection],
      device: Device(threads: arguments[ModelParameters.threads]))
  }

  static let way = Parameter<SearchMethod>.option(
    "by", .choice("WAY"), default: .both,
    help: "meaning compares vectors, words compares words (BM25), both fuses the two rankings.")
  static let json = Parameter<Bool>.flag("json", help: "Print one JSON object.")
}
