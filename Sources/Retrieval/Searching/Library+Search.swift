import MartletEmbedding
import MartletVectorStore

extension Library {
  /// The passages that match a query, best first.
  /// - Parameters:
  ///   - query: What to look for.
  ///   - method: By meaning, by words, or both.
  ///   - count: How many are wanted.
  /// - Throws: `VectorStoreError`, or what loading the embedder throws.
  public func search(_ query: String, by method: SearchMethod = .both, count: Int) throws -> [SearchResult] {
    guard count > 0 else { return [] }
    switch method {
    case .meaning:
      let matches = try texts().query(query, count: count)
      return zip(1..., matches).map { rank, match in
        SearchResult(match.record, meaning: .init(rank: rank, score: 1 - match.value))
      }
    case .words:
      let matches = try documents.query(words: query, count: count, where: nil)
      return zip(1..., matches).map { rank, match in
        SearchResult(match.record, words: .init(rank: rank, score: match.value))
      }
    case .both:
      let vector = try texts().embedding(ofQuery: query).vector
      return try documents.query(VectorQuery(vector, count: count), words: query).map { match in
        var result = SearchResult(
          match.record, meaning: match.nearness.map { .init(rank: $0.rank, score: 1 - $0.value) },
          words: match.words.map { .init(rank: $0.rank, score: $0.value) })
        result.score = match.score
        return result
      }
    }
  }

  /// The vector of a query.
  func queryEmbedding(_ query: String) throws -> [Float] {
    try embedder().embed([query], as: .query).first?.vector ?? []
  }

  /// Whether the embedder reads only the beginning of a query.
  public func truncates(_ query: String) throws -> Bool {
    try embedder().embed([query], as: .query).first?.isTruncated ?? false
  }

  /// For each result the part of it that has most of the query's words, with the words marked.
  public func snippets(of results: [SearchResult], query: String, tokens: Int = 40) throws -> [String:
    Snippet]
  {
    try documents.snippets(ids: results.map(\.id), words: query, tokens: tokens)
  }
}

extension SearchResult {
  /// A record as a result, with the score of the one ranking that it was found in.
  init(_ record: Record, meaning: Place? = nil, words: Place? = nil) {
    self.init(
      id: record.id, score: meaning?.score ?? words?.score ?? 0, path: record.sourcePath ?? "",
      page: record.metadata["page"]?.integerValue,
      startLine: record.metadata["start_line"]?.integerValue,
      endLine: record.metadata["end_line"]?.integerValue,
      headings: record.metadata["headings"]?.stringValue ?? "", text: PassageRecord.text(of: record),
      meaning: meaning, words: words, parts: PassageRecord.parts(of: record),
      repeatedHeader: PassageRecord.repeatedHeader(of: record))
  }
}
