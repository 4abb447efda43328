import MartletVectorStore

extension ChromaAPI {
  /// Records by ids or filters, in the order in which they were added.
  func get(_ request: HTTPRequest) throws -> HTTPResponse {
    let collection = try collection(request)
    let wanted = try SelectionPayload(request.body, for: .get, atMost: maximumBatch, notices)
    var answer = RecordsAnswer(wanted.include, isNested: false, within: share)
    try collection.forEachBatch(
      where: wanted.filter, ids: wanted.ids, limit: wanted.limit, offset: wanted.offset,
      withEmbedding: wanted.include.contains(.embeddings), until: deadline
    ) { batch in
      for record in batch { try answer.add(record) }
    }
    return answer.response()
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
    try requireIDs(of: wanted, in: collection)
    let deadline = deadline
    var answer = RecordsAnswer(wanted.include, isNested: true, within: share)
    for vector in wanted.vectors {
      try answer.addList(
        collection.nearest(
          to: vector, limit: wanted.count, where: wanted.filter, ids: wanted.ids,
          withEmbedding: wanted.include.contains(.embeddings), until: deadline))
    }
    return answer.response()
  }

  /// As in Chroma, the ids of a query must exist, unless the query also has a filter.
  private func requireIDs(of wanted: SelectionPayload, in collection: VectorCollection) throws {
    guard let ids = wanted.ids, wanted.filter == nil, collection.configuration.dimension != nil else {
      return
    }
    let found = Set(try collection.get(ids: ids, withEmbedding: false).map { Array($0.id.utf8) })
    if let missing = ids.first(where: { !found.contains(Array($0.utf8)) }) {
      throw HTTPError.notFound("Error finding id: \(missing)")
    }
  }
}
