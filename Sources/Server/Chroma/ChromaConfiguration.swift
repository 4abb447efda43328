import MartletJSON
import MartletVectorStore

/// What clients say of a collection's index and embedding function, and want back.
///
/// The distance is used; the other numbers are those of Chroma's index, which are kept and given back, while this
/// database's own index has none to set. The embedding function is the clients' own affair.
struct ChromaConfiguration {
  /// How vectors are compared.
  private(set) var distance = Distance.l2
  /// The numbers by their names, in Chroma's order.
  private(set) var numbers = usualNumbers
  private(set) var embeddingFunction = JSON.null

  /// The numbers of a collection whose client says nothing of them.
  static let usualNumbers: JSONObject = [
    "ef_construction": 100, "ef_search": 100, "max_neighbors": 16, "resize_factor": 1.2,
    "sync_threshold": 1000, "batch_size": 100,
  ]

  private static let numberNames: Set<String> = [
    "ef_construction", "ef_search", "max_neighbors", "resize_factor", "sync_threshold", "batch_size",
    "num_threads",
  ]

  /// Reads what a client sends with a new collection: `configuration`, or, where that says nothing of the index, the
  /// `hnsw:` keys of the metadata that old clients send.
  init(configuration: JSON?, metadata: Metadata) throws(HTTPError) {
    let configuration = try Self.object(configuration, at: "configuration")
    let index = try Self.index(in: configuration, at: "configuration")
    if index.isEmpty { try takeOldKeys(metadata) }
    try takeDistance(index["space"], at: "configuration.hnsw.space")
    try takeNumbers(in: configuration, at: "configuration")
    embeddingFunction = try Self.embeddingFunction(in: configuration, at: "configuration") ?? .null
  }

  /// The configuration that a collection was given at its making, or, where no client made it, the usual one.
  init(of collection: CollectionConfiguration) {
    distance = collection.distance
    guard let text = collection.clientConfiguration, let kept = try? JSON(parsing: text) else { return }
    for (key, value) in kept["hnsw"]?.objectValue ?? [:] where Self.numberNames.contains(key) {
      numbers[key] = value
    }
    embeddingFunction = kept["embedding_function"] ?? .null
  }

  /// As clients read it; Chroma does not tell of the batch size and the threads here.
  var json: JSON { json(with: numbers.filter { !["batch_size", "num_threads"].contains($0.key) }) }

  /// The text that is kept.
  var text: String { json(with: Array(numbers)).serialized() }

  private func json(with numbers: [(key: String, value: JSON)]) -> JSON {
    let index = JSONObject([("space", .string(distance.rawValue))] + numbers.map { ($0.key, $0.value) })
    return ["hnsw": .object(index), "spann": nil, "embedding_function": embeddingFunction]
  }

  /// Takes the changes that a client sends. The distance cannot change.
  mutating func change(to change: JSON) throws(HTTPError) {
    let configuration = try Self.object(change, at: "new_configuration")
    let index = try Self.index(in: configuration, at: "new_configuration")
    if index["space"] != nil {
      throw .misshapen("new_configuration.hnsw.space: the distance of a collection cannot change")
    }
    try takeNumbers(in: configuration, at: "new_configuration")
    if let function = try Self.embeddingFunction(in: configuration, at: "new_configuration") {
      embeddingFunction = function
    }
  }

  private mutating func takeOldKeys(_ metadata: Metadata) throws(HTTPError) {
    func refuse(_ key: String) -> HTTPError {
      .invalid("Failed to parse hnsw parameters from segment metadata: \(key)")
    }
    let old = [
      "hnsw:construction_ef": "ef_construction", "hnsw:search_ef": "ef_search", "hnsw:M": "max_neighbors",
      "hnsw:resize_factor": "resize_factor", "hnsw:sync_threshold": "sync_threshold",
    ]
    for (key, value) in metadata where key.hasPrefix("hnsw:") {
      if key == "hnsw:space" {
        guard let name = value.stringValue, let known = Distance(rawValue: name) else { throw refuse(key) }
        distance = known
      } else if let number = old[key] {
        guard value.json.doubleValue != nil else { throw refuse(key) }
        numbers[number] = value.json
      }
    }
  }

  private mutating func takeDistance(_ json: JSON?, at place: String) throws(HTTPError) {
    guard let json, !json.isNull else { return }
    guard let name = json.stringValue, let known = Distance(rawValue: name) else {
      throw .misshapen("\(place): expected one of `l2`, `cosine`, `ip`, got \(json.serialized())")
    }
    distance = known
  }

  /// Of what is said of the other kind of index, Chroma on one machine keeps the distance alone.
  private mutating func takeNumbers(in configuration: JSONObject, at place: String) throws(HTTPError) {
    for (key, value) in configuration["hnsw"]?.objectValue ?? [:] where key != "space" && !value.isNull {
      let isFraction = key == "resize_factor"
      guard isFraction ? value.doubleValue?.isFinite == true : (value.intValue ?? -1) >= 0 else {
        throw .misshapen("\(place).hnsw.\(key): expected a number, got \(value.serialized())")
      }
      numbers[key] = isFraction ? JSON(value.doubleValue ?? 0) : value
    }
  }

  private static func object(_ json: JSON?, at place: String) throws(HTTPError) -> JSONObject {
    guard let json, !json.isNull else { return [:] }
    guard let object = json.objectValue else {
      throw .misshapen("\(place): expected an object, got \(json.kind)")
    }
    return object
  }

  private static let spannNames: Set<String> = [
    "space", "search_nprobe", "write_nprobe", "ef_construction", "ef_search", "max_neighbors",
    "reassign_neighbor_count", "split_threshold", "merge_threshold",
  ]

  private static func index(in configuration: JSONObject, at place: String) throws(HTTPError) -> JSONObject {
    let hnsw = try object(configuration["hnsw"], at: "\(place).hnsw")
    let spann = try object(configuration["spann"], at: "\(place).spann")
    if configuration["hnsw"]?.isNull == false && configuration["spann"]?.isNull == false {
      throw .invalid("Multiple vector index configurations provided")
    }
    if let unknown = hnsw.keys.first(where: { $0 != "space" && !numberNames.contains($0) }) {
      throw .misshapen("\(place).hnsw: unknown field `\(unknown)`")
    }
    if let unknown = spann.keys.first(where: { !spannNames.contains($0) }) {
      throw .misshapen("\(place).spann: unknown field `\(unknown)`")
    }
    return hnsw.isEmpty ? spann : hnsw
  }

  private static func embeddingFunction(
    in configuration: JSONObject, at place: String
  ) throws(HTTPError) -> JSON? {
    guard let function = configuration["embedding_function"], !function.isNull else { return nil }
    guard let type = function["type"]?.stringValue, ["legacy", "known", "unknown"].contains(type) else {
      throw .misshapen(
        "\(place).embedding_function: expected an object with a type `legacy`, `known` or `unknown`")
    }
    return function
  }
}
