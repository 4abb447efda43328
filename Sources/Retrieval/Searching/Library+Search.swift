import Embedding
import VectorStore

extension Library {
  /// How deep each of two rankings is looked into before they are fused.
  private static let depth = 200

  /// The passages that match a query, best first.
  /// - Parameters:
  ///   - query: What to look for.
  ///   - method: By meaning, by words, or both.
  ///   - count: How many are wanted.
  /// - Throws: `VectorStoreError`, or what loading the embedder throws.
  public func search(_ query: String, by method: SearchMethod = .both, count: Int) throws -> [SearchResult] {
    guard count > 0 else { return [] }
    let depth = method == .both ? max(Self.depth, count * 2) : count
    var results: [String: SearchResult] = [:]
    var rankings: [[String]] = []
    if method != .words {
      let matches = try texts().query(query, count: depth)
      rankings.append(matches.map(\.record.id))
      for (rank, match) in zip(1..., matches) {
        results[match.record.id, default: SearchResult(match.record)].meaning =
          .init(rank: rank, score: 1 - match.value)
      }
    }
    if method != .meaning {
      let matches = try documents.query(words: query, count: depth, where: nil)
      rankings.append(matches.map(\.record.id))
      for (rank, match) in zip(1..., matches) {
        results[match.record.id, default: SearchResult(match.record)].words =
          .init(rank: rank, score: match.value)
      }
    }
    return ranked(results, rankings, method).prefix(count).map { $0 }
  }

  private func ranked(
    _ results: [String: SearchResult], _ rankings: [[String]], _ method: SearchMethod
  ) -> [SearchResult] {
    switch method {
    case .both:
      // First in one ranking and second in the other is as good as the reverse; the nearer in meaning goes first.
      RankFusion.scores(rankings).compactMap { id, score in
        guard var result = results[id] else { return nil }
        result.score = score
        return result
      }.sorted { ($1.score, $1.meaning?.score ?? 0, $0.id) < ($0.score, $0.meaning?.score ?? 0, $1.id) }
    case .meaning, .words:
      rankings[0].compactMap { id in
        guard var result = results[id] else { return nil }
        result.score = result.meaning?.score ?? result.words?.score ?? 0
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
  /// A record as a result, without its places.
  init(_ record: Record) {
    self.init(
      id: record.id, score: 0, path: record.sourcePath ?? "", page: record.metadata["page"]?.integerValue,
      startLine: record.metadata["start_line"]?.integerValue,
      endLine: record.metadata["end_line"]?.integerValue,
      headings: record.metadata["headings"]?.stringValue ?? "", text: PassageRecord.text(of: record))
  }
}
