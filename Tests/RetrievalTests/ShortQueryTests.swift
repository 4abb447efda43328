import Foundation
import MartletVectorStore
import Testing

@testable import MartletRetrieval

/// Short queries as people type them, over the sample documents and over the help pages of a device. Which passage is
/// right was written down (`Reference/short-queries`) before anything was searched for. Half of them, the ones in odd
/// lines, were looked at while the fusion was designed.
@Suite("Short queries: both ways together are no worse than the better one", .needs(model: embedderName))
struct ShortQueryTests {
  private struct Judged {
    var query: String
    /// Of each passage that is right, what tells it.
    var right: [String]
  }

  private static let folder = Shared.package.appending(path: "Tests/RetrievalTests/Reference/short-queries")

  private func rows(_ file: String) throws -> [[String]] {
    try String(contentsOf: Self.folder.appending(path: file), encoding: .utf8).split(separator: "\n")
      .map { $0.split(separator: "\t").map(String.init) }
  }

  private func judged(_ file: String) throws -> [Judged] {
    try rows(file).map { row in
      try #require(row.count == 2)
      return Judged(query: row[0], right: row[1].split(separator: "|").map(String.init))
    }
  }

  /// For how many queries a right passage comes first, and for how many it is among three.
  private func hits(
    _ judged: [Judged], in library: Library, by method: SearchMethod,
    _ isRight: (SearchResult, String) -> Bool
  ) throws -> (first: Int, three: Int) {
    var hits = (first: 0, three: 0)
    for query in judged {
      let found = try library.search(query.query, by: method, limit: 3)
      let right = found.map { result in query.right.contains { isRight(result, $0) } }
      hits.first += right.first == true ? 1 : 0
      hits.three += right.contains(true) ? 1 : 0
    }
    return hits
  }

  private func check(
    _ name: String, _ judged: [Judged], in library: Library, _ isRight: (SearchResult, String) -> Bool
  ) throws {
    let meaning = try hits(judged, in: library, by: .semantic, isRight)
    let words = try hits(judged, in: library, by: .keyword, isRight)
    let both = try hits(judged, in: library, by: .hybrid, isRight)
    print("\(judged.count) short queries, \(name): meaning \(meaning), words \(words), both \(both)")
    #expect(both.first >= max(meaning.first, words.first))
    #expect(both.three >= max(meaning.three, words.three))
  }

  @Test("Over the sample documents")
  func station() throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let library = try place.library()
    let documents = Shared.package.appending(path: "Examples/documents")
    try #require(try library.index([documents.path()]).failures.isEmpty)
    let judged = try judged("station.queries.tsv")
    try #require(judged.count >= 30)
    // A line may end within what tells a passage.
    func text(_ result: SearchResult) -> String {
      result.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
    try check("sample documents", judged, in: library) { text($0).contains($1) }
    let first = try #require(try library.search("swift that cannot fly", limit: 1).first)
    // Meaning's first, which has the swift as well; "that" in "seeds that were caught" is no reason for another.
    #expect(text(first).contains("A life in the air"))
  }

  @Test("Over the help pages of a device")
  func hub() throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let library = try place.library()
    let passages = try rows("hub.passages.tsv")
    let vectors = try library.embedder().embeddings(ofDocuments: passages.map { $0[1] })
    try library.documents.records.add(
      zip(passages, vectors).map { Record(id: $0[0], embedding: $1.vector, document: $0[1]) })
    let judged = try judged("hub.queries.tsv")
    try #require(judged.count >= 40)
    try check("help pages", judged, in: library) { $0.id == $1 }
  }

  @Test("What the documents have none of the words of is left to meaning")
  func noWords() throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let library = try place.library()
    let texts = ["Python is easy to learn", "JavaScript runs in browsers", "Rust is memory safe"]
    let vectors = try library.embedder().embeddings(ofDocuments: texts)
    try library.documents.records.add(
      zip(texts, vectors).map { Record(id: $0, embedding: $1.vector, document: $0) })
    let query = "What language is good for web?"
    let found = try library.search(query, limit: 3)
    #expect(found.map(\.id) == (try library.search(query, by: .semantic, limit: 3).map(\.id)))
    #expect(found.last?.id == "Rust is memory safe" && found.allSatisfy { $0.keyword == nil })
  }
}
