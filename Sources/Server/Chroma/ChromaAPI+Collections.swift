import MartletJSON
import MartletVectorStore

extension ChromaAPI {
  /// The most bytes of a collection's configuration, and of its metadata: all of them are read for a list.
  private static let longestConfiguration = 1 << 20

  func addCollectionRoutes(to router: inout Router) {
    on(.get, Self.collections, "The collections of a database", in: &router) { request in
      let (limit, offset) = try page(request)
      let all = try database.collections(in: try info(request).namespace)
      return .json(.array(all.dropFirst(offset).prefix(limit ?? .max).map(json)))
    }
    on(.post, Self.collections, "Create a collection", in: &router) { try createCollection($0) }
    on(.get, Self.database + "/collections_count", "How many collections a database has", in: &router) {
      request in
      .json(JSON(try database.collections(in: try info(request).namespace).count))
    }
    on(.get, Self.collections + "/by-id/{collection}", "A collection by its id", in: &router) {
      .json(json(of: try collection($0)))
    }
    on(.get, Self.collection, "A collection by its name", in: &router) {
      .json(json(of: try namedCollection($0)))
    }
    on(.put, Self.collection, "Change the name, metadata or configuration of a collection", in: &router) {
      try modifyCollection($0)
    }
    on(.delete, Self.collection, "Delete a collection by its name", in: &router) { request in
      try database.deleteCollection(named: request.parameters["collection"] ?? "", in: namespace(request))
      return .json([:])
    }
  }

  /// Clients of today put the name here, some of tomorrow the id.
  private func namedCollection(_ request: HTTPRequest) throws -> VectorCollection {
    let name = request.parameters["collection"] ?? ""
    do { return try database.collection(named: name, in: namespace(request)) } catch VectorStoreError
      .noSuchCollection
    {
      guard isUUID(name), let found = try? collection(request) else {
        throw HTTPError.notFound("Collection [\(name)] does not exist")
      }
      return found
    }
  }

  private func createCollection(_ request: HTTPRequest) throws -> HTTPResponse {
    var name: String?
    var metadata: Metadata?
    var configuration: JSON?
    var schema: ChromaSchema?
    var getOrCreate = false
    try readPayload(request.body, notices) { member, reader in
      switch member {
      case "name": name = try reader.text(at: "name")
      case "metadata": metadata = try Self.metadata(&reader, at: "metadata", allowsNull: false)
      case "configuration":
        configuration = try reader.value(at: "configuration", atMost: Self.longestConfiguration)
      case "get_or_create": getOrCreate = try reader.orNull { try $0.truth(at: "get_or_create") } ?? false
      case "schema":
        schema = try reader.orNull {
          try ChromaSchema($0.value(at: "schema", atMost: Self.longestConfiguration))
        }
      default: return false
      }
      return true
    }
    guard let name else { throw HTTPError.misshapen("missing field `name`") }
    try ChromaNames.check(name)
    if let schema { configuration = try schema.configuration(with: configuration) }
    let settings = try ChromaConfiguration(configuration: configuration, metadata: metadata ?? [:])
    var wanted = CollectionConfiguration(
      name: name, namespace: namespace(request), distance: settings.distance, metadata: metadata ?? [:],
      clientConfiguration: settings.text)
    wanted.takeEmbedderFromMetadata()
    return .json(json(of: try make(wanted, orGet: getOrCreate)))
  }

  private static func metadata(
    _ reader: inout JSONReader, at place: String, allowsNull: Bool
  ) throws -> Metadata? {
    var metadata: Metadata?
    let text = try reader.text(of: {
      metadata = try $0.collectionMetadata(at: place, allowsNull: allowsNull)
    })
    guard text.count <= longestConfiguration else {
      throw HTTPError(
        status: 413,
        message: "\(place): this may have \(longestConfiguration) bytes of JSON, and has \(text.count)")
    }
    return metadata
  }

  private func make(_ wanted: CollectionConfiguration, orGet: Bool) throws -> VectorCollection {
    do {
      return try orGet ? database.findOrCreateCollection(wanted) : database.createCollection(wanted)
    } catch VectorStoreError.noSuchNamespace {
      throw HTTPError.invalid("Database [\(wanted.namespace.database)] does not exist")
    }
  }

  private func modifyCollection(_ request: HTTPRequest) throws -> HTTPResponse {
    let collection = try collection(request)
    var name: String?
    var metadata: Metadata?
    var configuration: String?
    try readPayload(request.body, notices) { member, reader in
      switch member {
      case "new_name":
        name = try reader.orNull { try $0.text(at: "new_name") }
        if let name { try ChromaNames.check(name) }
      case "new_metadata": metadata = try Self.metadata(&reader, at: "new_metadata", allowsNull: true)
      case "new_configuration":
        guard
          let change = try reader.orNull({
            try $0.value(at: "new_configuration", atMost: Self.longestConfiguration)
          })
        else { break }
        var settings = ChromaConfiguration(of: collection.configuration)
        try settings.change(to: change)
        configuration = settings.text
      default: return false
      }
      return true
    }
    if let given = metadata {
      // The embedder stays; a client that sends back what it was told does not make it metadata.
      var changed = collection.configuration
      changed.metadata = given
      changed.takeEmbedderFromMetadata()
      metadata = changed.metadata
    }
    try collection.modify(name: name, metadata: metadata, clientConfiguration: configuration)
    return .json([:])
  }

  /// A collection as clients read it.
  func json(of collection: VectorCollection) -> JSON {
    let configuration = collection.configuration
    let settings = ChromaConfiguration(of: configuration)
    let metadata = configuration.metadataWithEmbedder(withDimension: false)
    return [
      "id": .string(collection.id), "name": .string(collection.name),
      "configuration_json": settings.json, "schema": settings.schema,
      "metadata": metadata.isEmpty ? nil : metadata.json,
      "dimension": configuration.dimension.map { JSON($0) } ?? .null,
      "tenant": .string(configuration.namespace.tenant),
      "database": .string(configuration.namespace.database),
      "log_position": 0, "version": 0,
    ]
  }
}
