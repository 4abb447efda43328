import VectorStore

extension ChromaAPI {
  /// Records by ids or filters, in the order in which they were added.
  func get(_ request: HTTPRequest) throws -> HTTPResponse {
    let collection = try collection(request)
    let wanted = try SelectionPayload(request.body, for: .get, atMost: maximumBatch, notices)
    let records = try collection.get(
      where: wanted.filter, ids: wanted.ids, limit: wanted.limit, offset: wanted.offset,
      withEmbedding: wanted.include.contains(.embeddings))
    return .json(RecordsAnswer(records, wanted.include).bytes)
  }

  /// The records nearest to each vector.
  func query(_ request: HTTPRequest) throws -> HTTPResponse {
    let collection = try collection(request)
    let wanted = try SelectionPayload(request.body, for: .query, atMost: maximumBatch, notices)
    if let dimension = collection.configuration.dimension,
      let other = wanted.vectors.first(where: { $0.count != dimension })
    {
      throw HTTPError.invalid(
        "Collection expecting embedding with dimension of \(dimension), got \(other.count)")
    }
    let matches = try wanted.vectors.map { vector in
      try collection.query(
        embedding: vector, count: wanted.count, where: wanted.filter, ids: wanted.ids,
        withEmbedding: wanted.include.contains(.embeddings))
    }
    return .json(RecordsAnswer(matches, wanted.include).bytes)
  }
}
