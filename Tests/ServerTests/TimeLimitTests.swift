import Foundation
import MartletJSON
import MartletTestScope
import MartletVectorStore
import Testing

@testable import MartletServer

@Suite("What a request may cost in time")
struct TimeLimitTests {
  /// A server whose requests may search for a quarter of a second, over texts that take longer.
  private struct Place {
    let server: TestServer
    let birds: String
    static let records = 4000

    init(seconds: Double = 0.25) throws {
      var limits = ServerLimits()
      limits.searchSeconds = seconds
      server = try TestServer(limits: limits)
      birds = try server.makeCollection()
      let text = String(repeating: "swallow and martlet ", count: 200)
      try server.database.collection(named: "birds").add(
        (0..<Self.records).map {
          Record(
            id: "\($0)", embedding: [1, Float($0)], document: text + "\($0)", metadata: ["n": .integer($0)])
        })
    }

    func refuses(_ path: String, _ body: String, _ what: String) throws {
      let start = ContinuousClock.now
      let answer = try server.call("POST", birds + path, body)
      #expect(answer.status == 422 && answer.error == "ChromaError", "\(what): \(answer.text.prefix(200))")
      #expect(answer.json["message"]?.stringValue?.contains("--max-seconds") == true, "\(what)")
      // The product's own promise, with much to spare for a busy machine.
      #expect(ContinuousClock.now - start < .seconds(20), "\(what)")
    }
  }

  private func any(_ count: Int, _ condition: (Int) -> String) -> String {
    "{\"$or\": [" + (0..<count).map(condition).joined(separator: ",") + "]}"
  }

  @Test(
    "Thousands of conditions on texts are given up, by get, query and delete; others are served meanwhile",
    .long)
  func conditions() throws {
    let place = try Place()
    let contains = any(50_000) { "{\"$contains\": \"no such \($0)\"}" }
    let patterns = any(20_000) { "{\"$not_regex\": \"[a-z]+ \($0) .*x\"}" }
    for filter in [contains, patterns] {
      let condition = "\"where_document\": \(filter)"
      try place.refuses("/get", "{\(condition)}", "get")
      try place.refuses("/delete", "{\(condition)}", "delete")
      try place.refuses("/query", "{\"query_embeddings\": [[1, 2]], \(condition)}", "query")
    }
    #expect(try place.server.call("GET", place.birds + "/count").json == JSON(Place.records))
    #expect(place.server.isWell)
  }

  @Test("Thousands of vectors, each with a filter on texts, share one limit")
  func vectors() throws {
    let place = try Place()
    let vectors = (0..<5000).map { "[1, \($0)]" }.joined(separator: ",")
    let filter = "\"where_document\": {\"$contains\": \"no such text\"}"
    try place.refuses("/query", "{\"query_embeddings\": [\(vectors)], \(filter)}", "query")
  }

  @Test("Millions of ids, and lists that name one value a million times, end in time", .long)
  func lists() throws {
    let place = try Place()
    let ids = String(repeating: "\"x\",", count: 4_000_000) + "\"x\""
    try place.refuses("/get", "{\"ids\": [\(ids)]}", "ids")
    // One value is one value, however often it is named.
    let values = String(repeating: "1,", count: 2_000_000) + "1"
    let patient = try Place(seconds: 60)
    let answer = try patient.server.call(
      "POST", patient.birds + "/get", "{\"include\": [], \"where\": {\"n\": {\"$in\": [\(values)]}}}")
    #expect(answer.status == 200 && answer.json["ids"] == ["1"])
  }

  @Test(
    "What is within the limit is answered after others were given up, on the same connections to the store")
  func after() throws {
    let place = try Place()
    let filter = any(50_000) { "{\"$contains\": \"no such \($0)\"}" }
    try place.refuses("/get", "{\"where_document\": \(filter)}", "get")
    let answer = try place.server.call(
      "POST", place.birds + "/get", "{\"where_document\": {\"$contains\": \"martlet 17\"}, \"limit\": 1}")
    #expect(answer.status == 200 && answer.json["ids"] == ["17"])
  }
}
