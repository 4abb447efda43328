import MartletJSON
import MartletVectorStore

extension ChromaAPI {
  func addRecordRoutes(to router: inout Router) {
    on(
      .post, Self.collection + "/add", "Add records; those whose ids are there already stay as they are",
      in: &router
    ) { try add($0) }
    on(
      .post, Self.collection + "/upsert", "Add records, or change those whose ids are there already",
      in: &router
    ) { try upsert($0) }
    on(.post, Self.collection + "/update", "Change records", in: &router) { try update($0) }
    on(.post, Self.collection + "/delete", "Delete records by ids or filters", in: &router) { try delete($0) }
    on(.get, Self.collection + "/count", "How many records a collection has", in: &router) { try count($0) }
    on(.get, Self.collection + "/indexing_status", "How much of a collection is indexed", in: &router) {
      request in
      // What the graph has not taken in yet is searched exactly: whatever was acknowledged can be found.
      let count = JSON(try collection(request).count())
      return .json([
        "num_indexed_ops": count, "num_unindexed_ops": 0, "total_ops": count, "op_indexing_progress": 1.0,
      ])
    }
    on(.post, Self.collection + "/get", "Records by ids or filters", in: &router) { try get($0) }
    on(.post, Self.collection + "/query", "The records nearest to vectors", in: &router) { try query($0) }
  }

  private func records(
    _ request: HTTPRequest, for use: RecordsPayload.Use
  ) throws -> (VectorCollection, RecordsPayload) {
    let collection = try collection(request)
    let payload = try RecordsPayload(request.body, for: use, atMost: maximumBatch, notices)
    if let expected = collection.configuration.dimension, let found = payload.dimension, expected != found {
      throw HTTPError.invalid("Collection expecting embedding with dimension of \(expected), got \(found)")
    }
    return (collection, payload)
  }

  /// Records whose ids are there already are passed over, as by Chroma.
  private func add(_ request: HTTPRequest) throws -> HTTPResponse {
    let (collection, payload) = try records(request, for: .add)
    try database.transaction { transaction in
      for index in payload.ids.indices where try !transaction.contains(id: payload.ids[index], in: collection)
      {
        try transaction.upsert([try payload.record(index)], to: collection)
      }
    }
    return .json([:], status: 201)
  }

  /// Records that are there already are changed: what is not said stays, and metadata is merged.
  private func upsert(_ request: HTTPRequest) throws -> HTTPResponse {
    let (collection, payload) = try records(request, for: .upsert)
    try database.transaction { transaction in
      for index in payload.ids.indices {
        if try transaction.contains(id: payload.ids[index], in: collection) {
          _ = try transaction.update([try payload.changes(index)], in: collection)
        } else {
          try transaction.upsert([try payload.record(index)], to: collection)
        }
      }
    }
    return .json([:])
  }

  private func update(_ request: HTTPRequest) throws -> HTTPResponse {
    let (collection, payload) = try records(request, for: .update)
    try database.transaction { transaction in
      for index in payload.ids.indices {
        _ = try transaction.update([try payload.changes(index)], in: collection)
      }
    }
    return .json([:])
  }

  private func delete(_ request: HTTPRequest) throws -> HTTPResponse {
    let collection = try collection(request)
    let wanted = try SelectionPayload(request.body, for: .delete, atMost: maximumBatch, notices)
    guard wanted.filter != nil || wanted.ids?.isEmpty == false else {
      throw HTTPError.invalid("Validation error: ids, where: Either ids or where must be specified")
    }
    guard let filter = wanted.filter else {
      guard wanted.limit == nil else {
        throw HTTPError.invalid(
          "Validation error: limit, where: limit can only be specified when a where clause is provided")
      }
      let ids = wanted.ids ?? []
      try collection.delete(ids: ids)
      // Chroma answers with how many it was asked for, and programs compare.
      return .json(["deleted": JSON(ids.count)])
    }
    let found = try collection.get(
      where: filter, ids: wanted.ids, limit: wanted.limit, withEmbedding: false, until: deadline)
    return .json(["deleted": JSON(try collection.delete(ids: found.map(\.id)))])
  }

  private func count(_ request: HTTPRequest) throws -> HTTPResponse {
    // All levels are the same on one machine.
    let levels = ["index_and_wal", "index_only", "index_and_bounded_wal"]
    if let level = request.target.query["read_level"], !levels.contains(level) {
      throw HTTPError.invalid("Failed to deserialize query string: read_level: expected one of \(levels)")
    }
    return .json(JSON(try collection(request).count()))
  }
}
