import MartletJSON

/// A schema that a client sends with a new collection.
///
/// The index of the vectors is read. Which metadata and texts are indexed can only be as it is here in any case: all
/// metadata, the vectors and the documents. A schema that asks for something else is refused by name.
struct ChromaSchema {
  /// What the schema says of the vectors' index, as a configuration has it.
  private(set) var configuration: JSONObject = [:]

  private static let ownKeys = ["#embedding", "#document"]

  /// Reads a schema.
  init(_ json: JSON) throws(HTTPError) {
    let schema = try Self.object(json, at: "schema")
    if let unknown = schema.keys.first(where: { !["defaults", "keys", "key_overrides"].contains($0) }) {
      throw Self.refusal("\(unknown) cannot be set")
    }
    if let defaults = schema["defaults"] { try read(defaults, of: nil) }
    let keys = try Self.object(schema["keys"] ?? schema["key_overrides"] ?? [:], at: "schema.keys")
    for (key, indexes) in keys { try read(indexes, of: key) }
  }

  private static func refusal(_ what: String) -> HTTPError {
    .notImplemented("Schemas that change what is indexed are not implemented here: \(what).")
  }

  private static func object(_ json: JSON, at place: String) throws(HTTPError) -> JSONObject {
    if json.isNull { return [:] }
    guard let object = json.objectValue else {
      throw .misshapen("\(place): expected an object, got \(json.kind)")
    }
    return object
  }

  private mutating func read(_ json: JSON, of key: String?) throws(HTTPError) {
    let place = key.map { "schema.keys.\($0)" } ?? "schema.defaults"
    for (type, indexes) in try Self.object(json, at: place) {
      for (name, index) in try Self.object(indexes, at: "\(place).\(type)") {
        let index = try Self.object(index, at: "\(place).\(type).\(name)")
        guard let isOn = index["enabled"]?.boolValue else {
          throw .misshapen("\(place).\(type).\(name).enabled: expected a boolean")
        }
        guard !isOn || name != "sparse_vector_index" else {
          throw .invalid("Sparse vector indexing is not enabled in local")
        }
        guard isOn == Self.isOn(name, key) else {
          throw Self.refusal("\(name) of \(key ?? "the defaults") is always \(isOn ? "off" : "on")")
        }
        // Its own index counts more than what the defaults say.
        if name == "vector_index", key == "#embedding" || configuration.isEmpty {
          try take(Self.object(index["config"] ?? .null, at: "\(place).\(type).\(name).config"))
        }
      }
    }
  }

  /// Whether an index is on here.
  private static func isOn(_ name: String, _ key: String?) -> Bool {
    switch name {
    case "vector_index": key == "#embedding"
    case "fts_index": key == "#document"
    case "sparse_vector_index": false
    default: key.map { !ownKeys.contains($0) } ?? true
    }
  }

  private mutating func take(_ config: JSONObject) throws(HTTPError) {
    if let source = config["source_key"]?.stringValue, source != "#document" {
      throw Self.refusal("vectors are made of documents, not of \(source)")
    }
    configuration = [:]
    var index = JSONObject()
    for (key, value) in config["hnsw"]?.objectValue ?? [:] where !value.isNull { index[key] = value }
    // l2 alone says nothing, so that the metadata of old clients may.
    if let space = config["space"], space != "l2" || !index.isEmpty { index["space"] = space }
    if !index.isEmpty { configuration["hnsw"] = .object(index) }
    if let function = config["embedding_function"] { configuration["embedding_function"] = function }
  }

  /// The configuration that results where a client sends one as well, which then may say only what is usual.
  func configuration(with sent: JSON?) throws(HTTPError) -> JSON {
    var configuration = configuration
    for (key, value) in try Self.object(sent ?? .null, at: "configuration") where !value.isNull {
      if key == "embedding_function" {
        let isUsual = value["name"] == "default" || value["type"] == "legacy"
        if !isUsual || configuration[key] == nil { configuration[key] = value }
      } else if !Self.isUsual(value) {
        guard configuration["hnsw"] == nil else {
          throw .invalid("Cannot set both collection config and schema simultaneously")
        }
        configuration[key] = value
      }
    }
    return .object(configuration)
  }

  /// Whether a configuration's index says nothing but what is so without it.
  private static func isUsual(_ index: JSON) -> Bool {
    let usual = ChromaConfiguration.usualNumbers
    return index.objectValue?.allSatisfy { key, value in
      value.isNull || (key == "space" ? value == "l2" : value == usual[key])
    } ?? false
  }
}
