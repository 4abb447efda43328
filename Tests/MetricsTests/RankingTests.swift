import MartletJSON
import MartletMetrics
import Testing

@Suite("Measures of rankings")
struct RankingTests {
  @Test("Precision, recall, reciprocal rank and nDCG are trec_eval's")
  func treceval() throws {
    let cases = try #require(StatisticsTests.fixture["rankings"]?.arrayValue)
    for known in cases {
      let found = try #require(known["found"]?.arrayValue).compactMap(\.stringValue)
      var relevance = [String: Int]()
      for (id, value) in try #require(known["relevance"]?.objectValue) { relevance[id] = value.intValue }
      let ranking = try RankedDocuments(found, relevance: relevance)
      var values = ["recip_rank": ranking.reciprocalRank]
      for k in [1, 5, 10] {
        values["P_\(k)"] = ranking.precision(at: k)
        values["recall_\(k)"] = ranking.recall(at: k)
        values["ndcg_cut_\(k)"] = ranking.nDCG(at: k)
      }
      for (name, value) in try #require(known["scores"]?.objectValue) {
        let expected = try #require(value.doubleValue)
        #expect(abs(try #require(values[name]) - expected) < 1e-9, "\(name) of \(found)")
      }
    }
  }

  @Test("Queries without relevant documents are told apart, and documents found twice refused")
  func edges() throws {
    let nothing = try RankedDocuments(["a"], relevance: ["a": 0, "b": -1])
    #expect(!nothing.hasRelevantDocuments && nothing.nDCG(at: 5) == 0 && nothing.recall(at: 5) == 0)
    let empty = try RankedDocuments([], relevance: ["a": 1])
    #expect(empty.hasRelevantDocuments && empty.reciprocalRank == 0 && empty.precision(at: 0) == 0)
    #expect(empty.recall(at: -1) == 0 && empty.nDCG(at: -1) == 0)
    #expect(throws: MetricError.repeatedDocument(id: "a")) {
      try RankedDocuments(["a", "a"], relevance: [:])
    }
  }
}
