import MartletJSON
import MartletVectorStore

/// What a collection is made with, as Chroma has it: the distance in the index's configuration, and in the metadata
/// what Chroma has no place for.
enum ChromaConfiguration {
  /// The keys of the metadata that are Martlet's own.
  private enum Key {
    static let embedder = "martlet:embedder"
    static let revision = "martlet:revision"
    static let maximumTokens = "martlet:maximum_tokens"
    static let precision = "martlet:precision"
    static let dimension = "martlet:dimension"
    static let all = [embedder, revision, maximumTokens, precision, dimension]
  }

  /// What is sent to make a collection.
  ///
  /// - Throws: For metadata with a list, which Chroma does not keep of collections.
  static func request(for wanted: CollectionConfiguration, _ title: String) throws(RemoteStoreError) -> JSON {
    var metadata = wanted.metadata
    for (key, value) in metadata where value.json.arrayValue != nil {
      throw .unfit(
        store: title,
        reason: "the metadata \"\(key)\" of collection \(wanted.name) is a list, which only records may have")
    }
    if let embedder = wanted.embedder {
      metadata[Key.embedder] = .string(embedder.name)
      metadata[Key.revision] = .string(embedder.revision)
      metadata[Key.maximumTokens] = .integer(embedder.maximumTokens)
      metadata[Key.precision] = .string(embedder.precision)
    }
    // Chroma learns it from the first vector.
    if let dimension = wanted.dimension { metadata[Key.dimension] = .integer(dimension) }
    var members: [(String, JSON)] = [
      ("name", .string(wanted.name)), ("get_or_create", false), ("configuration", configuration(wanted)),
    ]
    if !metadata.isEmpty { members.append(("metadata", metadata.json)) }
    return .object(JSONObject(members))
  }

  /// The configuration that a client of Chroma's gave the collection somewhere else, if one did, with the distance.
  private static func configuration(_ wanted: CollectionConfiguration) -> JSON {
    let kept = wanted.clientConfiguration.flatMap { try? JSON(parsing: $0) }
    var index = kept?["hnsw"]?.objectValue ?? [:]
    index["space"] = .string(wanted.distance.rawValue)
    var members: [(String, JSON)] = [("hnsw", .object(index))]
    if let function = kept?["embedding_function"], !function.isNull {
      members.append(("embedding_function", function))
    }
    return .object(JSONObject(members))
  }

  /// Reads a collection as the server tells it.
  static func read(_ json: JSON, _ title: String) throws(RemoteStoreError) -> (
    id: String, CollectionConfiguration
  ) {
    guard let id = json["id"]?.stringValue, let name = json["name"]?.stringValue else {
      throw .unexpectedAnswer(store: title, detail: "a collection has no id or no name")
    }
    let settings = json["configuration_json"] ?? .null
    let space = (settings["hnsw"]?["space"] ?? settings["spann"]?["space"])?.stringValue ?? "l2"
    guard let distance = Distance(rawValue: space) else {
      throw .unexpectedAnswer(
        store: title, detail: "collection \(name) compares by \(space), which is not known")
    }
    var metadata = Metadata()
    if let object = json["metadata"]?.objectValue {
      do { metadata = try Metadata(object) } catch {
        throw .unexpectedAnswer(store: title, detail: "of collection \(name): \(error)")
      }
    }
    let embedder = metadata[Key.embedder]?.stringValue.map {
      EmbedderIdentity(
        name: $0, revision: metadata[Key.revision]?.stringValue ?? "",
        maximumTokens: metadata[Key.maximumTokens]?.integerValue ?? 0,
        precision: metadata[Key.precision]?.stringValue ?? "")
    }
    let dimension = json["dimension"]?.intValue ?? metadata[Key.dimension]?.integerValue
    for key in Key.all { metadata[key] = nil }
    let namespace = Namespace(
      tenant: json["tenant"]?.stringValue ?? "", database: json["database"]?.stringValue ?? "")
    let configuration = CollectionConfiguration(
      name: name, namespace: namespace, dimension: dimension, distance: distance, embedder: embedder,
      metadata: metadata, clientConfiguration: settings.objectValue.map { JSON.object($0).serialized() })
    return (id, configuration)
  }
}
