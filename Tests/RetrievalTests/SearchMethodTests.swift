import Foundation
import MartletEmbedding
import MartletVectorStore
import Testing

@testable import MartletRetrieval

@Suite("Searching by meaning, by words and by both", .needs(model: embedderName))
struct SearchMethodTests {
  /// Thirty small texts, so that each way of searching has more to find than is asked for.
  private static let texts: [String: String] = {
    var texts = [
      "swift": "The swift sleeps while it flies.", "martin": "A bird rests on the wing.",
      "invoice": "Invoice 4711: swift payment is kindly asked for.", "rent": "The rent is due on Friday.",
    ]
    for number in 0..<26 {
      texts["tower-\(number)"] = "Tower number \(number) has a swift box under its roof."
    }
    return texts
  }()

  private func library(_ place: Workplace) throws -> Library {
    let library = try place.library()
    let ids = Self.texts.keys.sorted()
    let vectors = try library.embedder().embeddings(ofDocuments: ids.map { Self.texts[$0] ?? "" })
    try library.documents.records.add(
      zip(ids, vectors).map { Record(id: $0, embedding: $1.vector, document: Self.texts[$0]) })
    return library
  }

  @Test(
    "Each way gives exactly as many as were asked for, each once and the best first",
    arguments: SearchMethod.allCases)
  func counts(method: SearchMethod) throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let library = try library(place)
    for count in [1, 2, 5, 17, 27] {
      let results = try library.search("a swift in the tower", by: method, limit: count)
      #expect(results.count == count && Set(results.map(\.id)).count == count)
      #expect(results.map(\.score) == results.map(\.score).sorted(by: >))
      // Fewer are the beginning of more.
      let more = try library.search("a swift in the tower", by: method, limit: count + 1)
      #expect(more.prefix(count).map(\.id) == results.map(\.id))
    }
    #expect(try library.search("a swift in the tower", by: method, limit: 0).isEmpty)
    let all = try library.search("a swift in the tower", by: method, limit: 1000).count
    // By words some texts are not found at all.
    #expect(method == .keyword ? all >= 27 : all == 30)
  }

  @Test("Meaning finds what has none of the words, words find what means something else, both find both")
  func ways() throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let library = try library(place)
    let query = "birds sleeping in flight: invoice 4711"
    let meaning = try library.search(query, by: .semantic, limit: 30)
    let words = try library.search(query, by: .keyword, limit: 30)
    let both = try library.search(query, by: .hybrid, limit: 30)
    #expect(meaning.allSatisfy { $0.semantic != nil && $0.keyword == nil && $0.score == $0.semantic?.score })
    #expect(words.allSatisfy { $0.keyword != nil && $0.semantic == nil && $0.score == $0.keyword?.score })
    // The others have "bird" and "sleeps".
    #expect(words.map(\.id) == ["invoice", "martin", "swift"])
    #expect(meaning.count == 30 && both.count == 30)
    let places = (meaning: meaning.map(\.id), words: words.map(\.id))
    // Nearness counts in standard deviations, BM25 as a share of what all the words weigh.
    let cosines = meaning.map(\.score)
    let mean = cosines.reduce(0, +) / 30
    let deviation = (cosines.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 30).squareRoot()
    let weight = try library.documents.ranking(words: query, limit: 30, where: nil).weight
    for result in both {
      #expect(result.semantic?.rank == places.meaning.firstIndex(of: result.id).map { $0 + 1 })
      #expect(result.keyword?.rank == places.words.firstIndex(of: result.id).map { $0 + 1 })
      let nearness = ((result.semantic?.score ?? 0) - mean) / deviation
      let share = (result.keyword?.score ?? 0) / weight
      #expect(abs(result.score - (nearness + 4 * share)) < 1e-9)
    }
    #expect(both.first?.id == "invoice" || both.first?.id == meaning.first?.id)
  }

  @Test("Of equal scores the nearer in meaning goes first, then the smaller id")
  func ties() throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let library = try place.library()
    let vectors = try library.embedder().embeddings(ofDocuments: ["the bell", "the bell"])
    try library.documents.records.add(
      zip(["b", "a"], vectors).map { Record(id: $0, embedding: $1.vector, document: "the bell") })
    for method in SearchMethod.allCases {
      #expect(try library.search("the bell", by: method, limit: 2).map(\.id) == ["a", "b"], "\(method)")
    }
  }
}
