import MartletJSON
import MartletVectorStore

/// What a collection is made with, as Chroma has it: the distance in the index's configuration, and in the metadata
/// what Chroma has no place for.
enum ChromaConfiguration {
  /// What is sent to make a collection.
  ///
  /// - Throws: For metadata with a list, which Chroma does not keep of collections.
  static func request(for wanted: CollectionConfiguration, _ title: String) throws(RemoteStoreError) -> JSON {
    for (key, value) in wanted.metadata where value.json.arrayValue != nil {
      throw .unfit(
        store: title,
        reason: "the metadata \"\(key)\" of collection \(wanted.name) is a list, which only records may have")
    }
    // Chroma learns the dimension from the first vector.
    let metadata = wanted.metadataWithEmbedder(withDimension: true)
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
    let namespace = Namespace(
      tenant: json["tenant"]?.stringValue ?? "", database: json["database"]?.stringValue ?? "")
    var configuration = CollectionConfiguration(
      name: name, namespace: namespace, dimension: json["dimension"]?.intValue, distance: distance,
      metadata: metadata, clientConfiguration: settings.objectValue.map { JSON.object($0).serialized() })
    configuration.takeEmbedderFromMetadata()
    return (id, configuration)
  }
}
