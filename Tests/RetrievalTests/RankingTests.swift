import Foundation
import MartletEmbedding
import MartletJSON
import MartletTensors
import MartletTestScope
import MartletVectorStore
import Testing

@testable import MartletRetrieval

@Suite("Rankings are as good as sentence-transformers'", .needs(model: embedderName))
struct RankingTests {
  /// nDCG@10 over a judged set, one text a document, for each way of searching.
  private func ndcg(_ set: String, precision: Precision) throws -> [SearchMethod: Double] {
    let place = try Workplace()
    let library = try place.library(precision: precision)
    let embedder = try library.embedder()
    let documents = try Shared.lines("\(set)/corpus.jsonl").map { document in
      let text = document["text"]?.stringValue ?? ""
      let title = document["title"]?.stringValue ?? ""
      return (id: document["_id"]?.stringValue ?? "", text: set == "scifact" ? "\(title) \(text)" : text)
    }
    let vectors = try embedder.embeddings(ofDocuments: documents.map(\.text))
    try library.documents.records.add(
      zip(documents, vectors).map { Record(id: $0.id, embedding: $1.vector, document: $0.text) })
    let judgements = try self.judgements(set)
    let queries = try Shared.lines("\(set)/queries.jsonl").map {
      (id: $0["_id"]?.stringValue ?? "", text: $0["text"]?.stringValue ?? "")
    }.filter { judgements[$0.id] != nil }
    #expect(queries.count >= 100)
    return try Dictionary(
      uniqueKeysWithValues: SearchMethod.allCases.map { method in
        let total = try queries.reduce(0) { sum, query in
          let found = try library.search(query.text, by: method, limit: 10).map(\.id)
          return sum + gain(found, judgements[query.id] ?? [:])
        }
        return (method, total / Double(queries.count))
      })
  }

  private func judgements(_ set: String) throws -> [String: [String: Double]] {
    let text = try String(contentsOf: Shared.data.appending(path: "\(set)/qrels.tsv"), encoding: .utf8)
    var judgements: [String: [String: Double]] = [:]
    for line in text.split(separator: "\n").dropFirst() {
      let fields = line.split(separator: "\t").map(String.init)
      if fields.count == 3, let grade = Double(fields[2]) {
        judgements[fields[0], default: [:]][fields[1]] = grade
      }
    }
    return judgements
  }

  /// Normalized discounted cumulative gain at 10 (Järvelin and Kekäläinen 2002), with linear gains.
  private func gain(_ found: [String], _ grades: [String: Double]) -> Double {
    func discounted(_ gains: [Double]) -> Double {
      zip(0..., gains).reduce(0) { $0 + $1.1 / log2(Double($1.0) + 2) }
    }
    let ideal = discounted(Array(grades.values.sorted(by: >).prefix(10)))
    return ideal > 0 ? discounted(found.prefix(10).map { grades[$0] ?? 0 }) / ideal : 0
  }

  private func reference(_ set: String) throws -> Double {
    let file = Shared.package.appending(path: "Tests/RetrievalTests/Reference/ndcg.json")
    let json = try JSON(parsing: String(contentsOf: file, encoding: .utf8))
    return try #require(json["sets"]?[set]?["meaning"]?.doubleValue)
  }

  private func check(_ set: String) throws {
    let scores = try ndcg(set, precision: .float32)
    let (meaning, words, both) = (scores[.semantic] ?? 0, scores[.keyword] ?? 0, scores[.hybrid] ?? 0)
    let expected = try reference(set)
    print(
      "nDCG@10 on \(set): meaning \(meaning) (sentence-transformers \(expected)), words \(words), both \(both)"
    )
    #expect(abs(meaning - expected) <= 0.002, "meaning \(meaning), sentence-transformers \(expected)")
    #expect(both >= max(meaning, words) + 0.02, "both \(both), meaning \(meaning), words \(words)")
    let fast = try ndcg(set, precision: .int8)
    print("nDCG@10 on \(set), fast path: meaning \(fast[.semantic] ?? 0), both \(fast[.hybrid] ?? 0)")
    #expect((fast[.semantic] ?? 0) >= meaning - 0.005)
  }

  @Test(
    "Cranfield: nDCG@10 by meaning is the reference's, and both together are better",
    .needs(data: "cranfield"), .slow)
  func cranfield() throws { try check("cranfield") }

  @Test(
    "SciFact: nDCG@10 by meaning is the reference's, and both together are better", .needs(data: "scifact"),
    .slow)
  func scifact() throws { try check("scifact") }
}
