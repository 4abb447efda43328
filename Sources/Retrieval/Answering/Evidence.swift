import MartletLanguageModels
import MartletVectorStore

/// What the documents hold on a question: the passages found, the sentences in them that bear on it most, and how
/// strong all that is.
public struct Evidence: Sendable, Equatable {
  /// The passages, best first: those whose best sentences, together with the whole passage, are nearest to the question.
  public var results: [SearchResult]
  /// The sentences of those passages, best first.
  public var quotes: [Quote]
  /// The passages in the order in which the model is shown them.
  public var candidates: [Candidate]
  /// How strong the best passage, or the best pair of sentences in one, is: its cosine to the question, and 0.7 of the
  /// share of the question's words that it has. A passage has those of its headings and of its file's name as well.
  public var strength: Double
  /// The strength below which the documents are taken not to hold the answer: that of the embedder.
  public var threshold: Double
  /// Names in the question, such as `--leak-graph`, `iCalendar` and `SVG`, that no passage found has: what the question
  /// asks for is not what the passages speak of.
  public var unmentioned: [String] = []
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

  /// A passage by how strong it is.
  public struct Candidate: Sendable, Equatable {
    /// The rank of the passage among the results, from 1.
    public var number: Int
    /// The strength of its best pair of sentences and that of the whole passage, added.
    public var score: Double
  }

  /// The quotes that bear on the question; of documents as a whole all of them.
  public var relevantQuotes: [Quote] { whole != nil ? quotes : quotes.filter { $0.score >= Quote.floor } }

  /// Whether the documents seem to hold an answer; of what they say as a whole they always do.
  public var isSufficient: Bool {
    whole != nil || (strength >= threshold && unmentioned.isEmpty)
  }
}

extension Library {
  /// Finds passages for a question and the sentences in them that bear on it most; of documents that the question is
  /// about as a whole ("What is this document about?") the first passages, where there are not more such documents than
  /// `passages`.
  ///
  /// More passages are searched for than are kept: a search compares passages as wholes, and the sentence that answers
  /// may stand in one that speaks mostly of something else.
  /// - Parameters:
  ///   - question: The question.
  ///   - method: How passages are looked for.
  ///   - passages: How many are kept.
  ///   - quotes: How many sentences are wanted.
  ///   - filter: Which passages may be found; nil takes all. Where there is one, no documents are meant as a whole.
  ///   - reranker: What reads and ranks the passages that were found; nil ranks them by their strength.
  ///   - candidates: How many passages are found and ranked; `passages` at least.
  /// - Throws: What searching throws.
  public func evidence(
    for question: String, by method: SearchMethod = .hybrid, passages: Int = 5, quotes: Int = 3,
    where filter: Filter? = nil,
    rerankedBy reranker: (any Reranker)? = nil, candidates: Int = 20
  ) throws -> Evidence {
    let whole = filter == nil ? try WholeDocuments(question, in: documents, limit: passages) : nil
    if let whole, whole.isCertain { return try evidence(on: whole, passages: passages, quotes: quotes) }
    let query = try embedding(ofQuery: question)
    let results =
      if let reranker {
        try search(
          question, by: method, limit: passages, candidates: candidates, where: filter, rerankedBy: reranker,
          embedding: query)
      } else {
        try search(question, by: method, limit: max(passages, candidates), where: filter, embedding: query)
      }
    let words = try QuestionWords(question, in: documents)
    var found = try weigh(
      results, by: query.vector, passages: cosines(of: results, query.vector), words: words, quotes: quotes,
      order: reranker == nil ? .byStrength(limit: passages) : .asFound)
    found.unmentioned = QuestionNames(question)
      .missing(from: found.results.map { SpelledText($0.textWithPlace) })
    found.isQuestionTruncated = query.isTruncated
    guard let whole, !found.isSufficient else { return found }
    return try evidence(on: whole, passages: passages, quotes: quotes)
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
