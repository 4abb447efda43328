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

  /// A passage by its best sentence.
  public struct Candidate: Sendable, Equatable {
    /// The rank of the passage among the results, from 1.
    public var number: Int
    /// The score of its best sentence.
    public var score: Double
  }

  /// Below this strength the documents are taken not to hold the answer. It was set on 200 questions of SQuAD over 87
  /// passages, each question once with its own passage and once without: see docs/answers.md.
  public static let threshold = 0.76

  /// Whether the documents seem to hold an answer.
  public var isSufficient: Bool { strength >= Self.threshold }
}

extension Library {
  /// What nearness in words weighs beside nearness in meaning, when one sentence or passage is judged by itself.
  private static let weightOfWords = 0.7
  /// What a sentence loses for each rank of its passage.
  private static let lossPerRank = 0.03

  /// Finds passages for a question and the sentences in them that bear on it most.
  /// - Parameters:
  ///   - question: The question.
  ///   - method: How passages are looked for.
  ///   - passages: How many are looked for.
  ///   - quotes: How many sentences are wanted.
  /// - Throws: What searching throws.
  public func evidence(
    for question: String, by method: SearchMethod = .both, passages: Int = 5, quotes: Int = 3
  ) throws -> Evidence {
    let results = try search(question, by: method, count: passages)
    let words = try QuestionWords(question, in: collection)
    let query = try queryEmbedding(question)
    let sentences = Self.sentences(of: results)
    let vectors = try embedder().embed(sentences.map { String(results[$0.result].text[$0.range]) })
    var scored = zip(sentences, vectors).map { place, embedding in
      let result = results[place.result]
      let sentence = String(result.text[place.range])
      let strength = cosine(query, embedding.vector) + Self.weightOfWords * words.coverage(by: sentence)
      let quote = Quote(place.range, of: result, number: place.result + 1, score: strength)
      return (quote: quote, strength: strength)
    }
    let passageStrengths = try strengths(of: results, query, words)
    let strength = max(scored.map(\.strength).max() ?? 0, passageStrengths.max() ?? 0)
    for index in scored.indices {
      scored[index].quote.score -= Self.lossPerRank * Double(scored[index].quote.number - 1)
    }
    let ranked = scored.map(\.quote).enumerated()
      .sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }.map(\.element)
    var candidates: [Evidence.Candidate] = []
    for quote in ranked where !candidates.contains(where: { $0.number == quote.number }) {
      candidates.append(.init(number: quote.number, score: quote.score))
    }
    return Evidence(
      results: results, quotes: Array(ranked.prefix(quotes)), candidates: candidates, strength: strength)
  }

  /// The sentences of all passages; those that several passages share count once.
  private static func sentences(of results: [SearchResult]) -> [(result: Int, range: Range<String.Index>)] {
    var seen: Set<Substring> = []
    var sentences: [(result: Int, range: Range<String.Index>)] = []
    for (index, result) in results.enumerated() {
      for range in result.sentenceRanges where seen.insert(result.text[range]).inserted {
        sentences.append((index, range))
      }
    }
    return sentences
  }

  private func strengths(
    of results: [SearchResult], _ query: [Float], _ words: QuestionWords
  ) throws -> [Double] {
    // Passages that were found by their words alone have no cosine yet.
    let missing = results.filter { $0.meaning == nil }
    let vectors = try embedder().embed(missing.map(\.text), as: .document)
    let cosines = Dictionary(
      zip(missing.map(\.id), vectors.map { cosine(query, $0.vector) }),
      uniquingKeysWith: { first, _ in first })
    return results.map { result in
      (result.meaning?.score ?? cosines[result.id] ?? 0)
        + Self.weightOfWords * words.coverage(by: result.text)
    }
  }
}

/// The cosine of the angle between two vectors of one length.
private func cosine(_ a: [Float], _ b: [Float]) -> Double {
  var (product, lengthA, lengthB) = (Float(0), Float(0), Float(0))
  for (x, y) in zip(a, b) {
    product += x * y
    lengthA += x * x
    lengthB += y * y
  }
  let scale = (lengthA * lengthB).squareRoot()
  return scale > 0 ? Double(product / scale) : 0
}
