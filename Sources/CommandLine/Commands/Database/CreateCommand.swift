import MartletEmbedding
import MartletJSON
import MartletRetrieval
import MartletTensors
import MartletVectorStore

/// What a new collection is made with.
enum CreateOptions {
  static let dimension = Parameter<Int?>.option(
    "dimension", .integer(in: 1...(1 << 20)), shownAs: "the embedder's, else the first vector's",
    help: "How many numbers each vector has.")
  static let distance = Parameter<Distance?>.option(
    "distance", .choice("DISTANCE"), shownAs: "cosine",
    help: "How vectors are compared: l2 is the squared Euclidean distance, ip one minus the inner product.")
  static let embedder = Parameter<String?>.option(
    "embedder", .path("MODEL", completing: .models(.embedding)), shownAs: "none: vectors come from elsewhere",
    help: "The model that embeds the collection's texts and queries.")
  static let precision = IndexOptions.precision
  static let metadata = Parameter<Metadata?>.option(
    "metadata", .metadata, help: "Metadata of the collection: a JSON object.")

  /// Makes the collection that is named.
  ///
  /// - Parameter distance: That of the vectors' source, where none is asked for.
  static func create(
    _ arguments: Arguments, in store: any RecordStore, distance: Distance? = nil, _ console: Console
  ) throws -> any RecordCollection {
    let configuration = CollectionConfiguration(
      name: arguments[DatabaseParameters.collection],
      namespace: DatabaseParameters.namespace(in: store, arguments),
      dimension: arguments[dimension], distance: arguments[Self.distance] ?? distance ?? .cosine,
      metadata: arguments[metadata] ?? [:])
    if let name = arguments[embedder] {
      let model = try OpenModel.embedder(
        named: name, precision: arguments[precision].precision, arguments, console)
      if let wanted = configuration.dimension, wanted != model.dimension {
        throw UsageError(
          "--dimension is \(wanted), but \(model.name) makes vectors of \(model.dimension) numbers.",
          advice: "Leave --dimension out.")
      }
      return try store.makeCollection(configuration.embedded(by: model))
    }
    return try store.makeCollection(configuration)
  }
}

extension Command {
  /// Makes a collection.
  static let databaseCreate: Command = Command(
    name: "db create", summary: "Create an empty collection.",
    discussion: """
      The distance, the embedder and the dimension stay with the collection; vectors of another length, and \
      texts for another embedder, are refused later.

      --json prints the collection as `martlet db describe --json` does.
      """,
    parameters: [
      DatabaseParameters.collection.definition, CreateOptions.dimension.definition,
      CreateOptions.distance.definition, CreateOptions.embedder.definition,
      CreateOptions.precision.definition,
      CreateOptions.metadata.definition, ModelParameters.threads.definition,
    ] + DatabaseParameters.common,
    examples: [
      .init("martlet db create photos --dimension 512 --distance ip", "For vectors from elsewhere:"),
      .init("martlet db create notes --embedder all-minilm-l6-v2", "For texts, which Martlet embeds:"),
    ]
  ) { arguments, console in
    try DatabaseParameters.withStore(arguments, console, .readWrite) { store in
      let collection = try CreateOptions.create(arguments, in: store, console)
      if arguments[StoreParameters.json] {
        return try console.result(CollectionDescription(collection).json.serialized() + "\n")
      }
      console.note(printable("Created collection \(collection.name).\n"))
    }
  }
}
