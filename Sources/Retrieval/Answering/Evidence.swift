import MartletLanguageModels

/// What the documents hold on a question: the passages found, the sentences in them that bear on it most, and how
/// strong all that is.
public struct Evidence: Sendable, Equatable {
  /// The passages, best first.
  public var results: [SearchResult]
  /// The sentences of those passages, best first.
  public var quotes: [Quote]
  /// The passages in the order of their best sentences: a sentence tells better than a whole passage where an answer
  /// stands.
  public var candidates: [Candidate]
  /// How strong the best passage or sentence is: its cosine to the question, and 0.7 of the share of the question's
  /// words that it has.
  public var strength: Double
  /// The strength below which the documents are taken not to hold the answer: that of the embedder.
  public var threshold: Double
  /// Whether the embedder reads only the beginning of the question.
  public var isQuestionTruncated = false
  /// How much there is of the documents that the question is about as a whole; nil where it asks for something in them.
  public var whole: Whole?

  /// Documents that are meant as a whole; the results are the first of their passages.
  public struct Whole: Sendable, Equatable {
    /// How many documents there are.
    public var documents: Int
    /// How many passages they have in all.
    public var passages: Int
  }

  /// A passage by its best sentence.
  public struct Candidate: Sendable, Equatable {
    /// The rank of the passage among the results, from 1.
    public var number: Int
    /// The score of its best sentence.
    public var score: Double
  }

  /// The quotes that bear on the question; of documents as a whole all of them.
  public var relevantQuotes: [Quote] { whole != nil ? quotes : quotes.filter { $0.score >= Quote.floor } }

  /// Whether the documents seem to hold an answer; of what they say as a whole they always do.
  public var isSufficient: Bool { whole != nil || strength >= threshold }
}

extension Library {
  /// What nearness in words weighs beside nearness in meaning, when one sentence or passage is judged by itself.
  private static let weightOfWords = 0.7
  /// What a sentence loses for each rank of its passage.
  private static let lossPerRank = 0.03

  /// Finds passages for a question and the sentences in them that bear on it most; of documents that the question is
  /// about as a whole ("What is this document about?") the first passages, where there are not more such documents than
  /// `passages`.
  /// - Parameters:
  ///   - question: The question.
  ///   - method: How passages are looked for.
  ///   - passages: How many are looked for.
  ///   - quotes: How many sentences are wanted.
  ///   - reranker: What reads and ranks the passages that were found; nil leaves them as they were found.
  ///   - candidates: How many passages it reads.
  /// - Throws: What searching throws.
  public func evidence(
    for question: String, by method: SearchMethod = .hybrid, passages: Int = 5, quotes: Int = 3,
    rerankedBy reranker: (any Reranker)? = nil, candidates: Int = 20
  ) throws -> Evidence {
    let whole = try WholeDocuments(question, in: documents, limit: passages)
    if let whole, whole.isCertain { return try evidence(on: whole, passages: passages, quotes: quotes) }
    let query = try embedding(ofQuery: question)
    let results =
      if let reranker {
        try search(
          question, by: method, limit: passages, candidates: candidates, rerankedBy: reranker,
          embedding: query)
      } else {
        try search(question, by: method, limit: passages, embedding: query)
      }
    let words = try QuestionWords(question, in: documents)
    var found = try weigh(
      results, by: query.vector, passages: cosines(of: results, query.vector), words: words, quotes: quotes)
    found.isQuestionTruncated = query.isTruncated
    guard let whole, !found.isSufficient else { return found }
    return try evidence(on: whole, passages: passages, quotes: quotes)
  }

  /// Scores the sentences of passages by their nearness to a vector and by the question's words, where it has any.
  func weigh(
    _ results: [SearchResult], by query: [Float], passages cosines: [Double], words: QuestionWords?,
    quotes: Int
  ) throws -> Evidence {
    func strength(_ nearness: Double, _ text: String) -> Double {
      nearness + Self.weightOfWords * (words?.coverage(by: text) ?? 0)
    }
    let units = Self.units(of: results)
    let texts = units.map { results[$0.result].meaning(of: $0.unit) }
    let embedder = try embedder()
    let vectors = try embedder.embeddings(ofDocuments: texts)
    let strengths = zip(vectors, texts).map { strength(cosine(query, $0.vector), $1) }
    let passageStrengths = zip(results, cosines).map { strength($1, $0.text) }
    let best = max(strengths.max() ?? 0, passageStrengths.max() ?? 0)
    let scores = zip(units, strengths).map { $1 - Self.lossPerRank * Double($0.result) }
    let order = units.indices.sorted { (scores[$0], $1) > (scores[$1], $0) }
    var candidates: [Evidence.Candidate] = []
    for index in order where !candidates.contains(where: { $0.number == units[index].result + 1 }) {
      candidates.append(.init(number: units[index].result + 1, score: scores[index]))
    }
    let nearest = order.lazy.filter { units[$0].unit.isQuotable }.prefix(quotes).map { index in
      let (result, unit) = units[index]
      return Quote(unit, of: results[result], number: result + 1, score: scores[index])
    }
    return Evidence(
      results: results, quotes: Array(nearest), candidates: candidates, strength: best,
      threshold: embedder.evidenceThreshold)
  }

  /// The units of all passages; those that several passages share count once.
  private static func units(of results: [SearchResult]) -> [(result: Int, unit: PassageUnit)] {
    var seen: Set<Substring> = []
    var units: [(result: Int, unit: PassageUnit)] = []
    for (index, result) in results.enumerated() {
      for unit in result.units where seen.insert(result.text[unit.range]).inserted {
        units.append((index, unit))
      }
    }
    return units
  }

  /// How near each passage is to the query.
  private func cosines(of results: [SearchResult], _ query: [Float]) throws -> [Double] {
    // Passages that were found by their words alone have no cosine yet.
    let missing = results.filter { $0.semantic == nil }
    let vectors = try embedder().embeddings(ofDocuments: missing.map(\.text))
    let cosines = Dictionary(
      zip(missing.map(\.id), vectors.map { cosine(query, $0.vector) }),
      uniquingKeysWith: { first, _ in first })
    return results.map { $0.semantic?.score ?? cosines[$0.id] ?? 0 }
  }
}

/// The cosine of the angle between two vectors of one length.
func cosine(_ a: [Float], _ b: [Float]) -> Double {
  var (product, lengthA, lengthB) = (Float(0), Float(0), Float(0))
  for (x, y) in zip(a, b) {
    product += x * y
    lengthA += x * x
    lengthB += y * y
  }
  let scale = (lengthA * lengthB).squareRoot()
  return scale > 0 ? Double(product / scale) : 0
}
