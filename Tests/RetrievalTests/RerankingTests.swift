import MartletLanguageModels
import MartletVectorStore
import Testing

@testable import MartletRetrieval

@Suite("Passages that were found are ranked by a model that reads them", .needs(model: embedderName))
struct RerankingTests {
  /// Likes passages with many of a letter; has read only a part of those with a "!".
  private struct LetterReranker: Reranker {
    let name = "letters"
    let letter: Character

    func scores(of passages: [String], for query: String) throws -> [RelevanceScore] {
      passages.map { text in
        RelevanceScore(Double(text.count { $0 == letter }), cutTokens: text.contains("!") ? 3 : 0)
      }
    }
  }

  private func library(_ place: Workplace) throws -> Library {
    let library = try place.library()
    let texts = (0..<12).map { number in
      "A swift in tower \(number): " + String(repeating: "z", count: number % 5) + (number == 4 ? "!" : "")
    }
    let vectors = try library.embedder().embeddings(ofDocuments: texts)
    try library.documents.records.add(
      zip(texts.enumerated(), vectors).map {
        Record(id: "\($0.offset)", embedding: $1.vector, document: $0.element)
      })
    return library
  }

  @Test("The reranker's scores order all candidates, equals stay as they were found, and the limit is kept")
  func order() throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let library = try library(place)
    let found = try library.search("a swift", limit: 12)
    let reranked = try library.search(
      "a swift", limit: 5, candidates: 12, rerankedBy: LetterReranker(letter: "z"))
    #expect(reranked.count == 5 && reranked.allSatisfy(\.isReranked))
    #expect(reranked.map(\.score) == [4, 4, 3, 3, 2])
    let ranks = Dictionary(uniqueKeysWithValues: found.map(\.id).enumerated().map { ($1, $0) })
    for (first, second) in zip(reranked, reranked.dropFirst()) where first.score == second.score {
      #expect(try #require(ranks[first.id]) < #require(ranks[second.id]))
    }
    #expect(reranked.filter(\.isCutForReranking).map(\.id) == ["4"])
    // The places in the rankings that found them stay.
    #expect(reranked.allSatisfy { $0.semantic != nil })
    // Fewer candidates are the best of those that a search finds.
    let few = try library.search(
      "a swift", limit: 3, candidates: 3, rerankedBy: LetterReranker(letter: "z"))
    #expect(Set(few.map(\.id)) == Set(found.prefix(3).map(\.id)))
    #expect(
      try library.search("a swift", limit: 0, candidates: 3, rerankedBy: LetterReranker(letter: "z")).isEmpty)
  }

  @Test("Evidence for a question comes from the reranked passages")
  func evidence() throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let library = try library(place)
    let evidence = try library.evidence(
      for: "Which tower has a swift?", passages: 2, rerankedBy: LetterReranker(letter: "z"), candidates: 12)
    #expect(Set(evidence.results.map(\.id)) == ["4", "9"])
  }
}
