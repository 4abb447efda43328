import MartletEmbedding
import MartletLanguageModels
import MartletVectorStore

extension Library {
  /// The passages that match a query, best first.
  /// - Parameters:
  ///   - query: What to look for.
  ///   - method: By vectors, by words, or by both.
  ///   - limit: How many are wanted.
  ///   - filter: Which passages may be found; nil takes all. ``PassageFilter`` makes one of senders, dates and so on.
  ///   - embedding: The query's vector from `embedding(ofQuery:)`; nil embeds it where the method needs it.
  /// - Throws: `VectorStoreError`, or what loading the embedder throws.
  public func search(
    _ query: String, by method: SearchMethod = .hybrid, limit: Int, where filter: Filter? = nil,
    embedding: TextEmbedding? = nil
  ) throws -> [SearchResult] {
    guard limit > 0 else { return [] }
    func vectorQuery() throws -> VectorQuery {
      try VectorQuery((embedding ?? self.embedding(ofQuery: query)).vector, limit: limit, where: filter)
    }
    switch method {
    case .semantic:
      let matches = try documents.records.nearest(vectorQuery())
      return zip(1..., matches).map { rank, match in
        SearchResult(match.record, semantic: .init(rank: rank, score: 1 - match.distance))
      }
    case .keyword:
      let matches = try documents.search(words: query, limit: limit, where: filter)
      return zip(1..., matches).map { rank, match in
        SearchResult(match.record, keyword: .init(rank: rank, score: match.score))
      }
    case .hybrid:
      return try documents.search(vectorQuery(), words: query).map { match in
        var result = SearchResult(
          match.record, semantic: match.nearness.map { .init(rank: $0.rank, score: 1 - $0.distance) },
          keyword: match.words.map { .init(rank: $0.rank, score: $0.score) })
        result.score = match.score
        return result
      }
    }
  }

  /// The passages that match a query, found as ``search(_:by:limit:where:embedding:)`` finds them and ranked by a model that
  /// reads each with the query.
  /// - Parameters:
  ///   - query: What to look for.
  ///   - method: By vectors, by words, or by both.
  ///   - limit: How many are wanted.
  ///   - candidates: How many are found and read; `limit` at least. The time grows with them.
  ///   - filter: Which passages may be found; nil takes all.
  ///   - reranker: What reads and scores them. A passage of which it read only a part has
  ///     ``SearchResult/isCutForReranking``.
  ///   - embedding: The query's vector from `embedding(ofQuery:)`; nil embeds it where the method needs it.
  /// - Throws: `VectorStoreError`, or what loading the embedder or the reranker throws.
  public func search(
    _ query: String, by method: SearchMethod = .hybrid, limit: Int, candidates: Int,
    where filter: Filter? = nil,
    rerankedBy reranker: any Reranker, embedding: TextEmbedding? = nil
  ) throws -> [SearchResult] {
    guard limit > 0 else { return [] }
    let found = try search(
      query, by: method, limit: max(limit, candidates), where: filter, embedding: embedding)
    let scores = try reranker.scores(of: found.map(\.text), for: query)
    let reranked = zip(found, scores).map { result, score in
      var result = result
      result.score = score.value
      result.isReranked = true
      result.isCutForReranking = score.cutTokens > 0
      return result
    }
    // Of equals the first stays first: sorting does not keep their order by itself.
    let order = reranked.indices.sorted {
      (-reranked[$0].score, $0) < (-reranked[$1].score, $1)
    }
    return order.prefix(limit).map { reranked[$0] }
  }

  /// The vector of a query, which also tells whether the embedder reads only the query's beginning.
  /// - Throws: `VectorStoreError`, or what loading the embedder throws.
  public func embedding(ofQuery query: String) throws -> TextEmbedding {
    try textCollection().embedding(ofQuery: query)
  }

  /// For each result the part of it that has most of the query's words, with the words marked.
  public func snippets(of results: [SearchResult], query: String, wordLimit: Int = 40) throws -> [String:
    Snippet]
  {
    try documents.snippets(ids: results.map(\.id), words: query, wordLimit: wordLimit)
  }
}

extension SearchResult {
  /// A record as a result, with the score of the one ranking that it was found in.
  init(_ record: Record, semantic: SearchResult.Place? = nil, keyword: SearchResult.Place? = nil) {
    self.init(
      id: record.id, score: semantic?.score ?? keyword?.score ?? 0, path: record.sourcePath ?? "",
      page: record.metadata["page"]?.integerValue,
      startLine: record.metadata["start_line"]?.integerValue,
      endLine: record.metadata["end_line"]?.integerValue,
      headings: record.metadata["headings"]?.stringValue ?? "", text: PassageRecord.text(of: record),
      semantic: semantic, keyword: keyword, parts: PassageRecord.parts(of: record),
      repeatedHeader: PassageRecord.repeatedHeader(of: record))
    place = PassageAttributes.place(in: record.metadata)
    attributes = PassageAttributes.attributes(in: record.metadata)
  }
}
