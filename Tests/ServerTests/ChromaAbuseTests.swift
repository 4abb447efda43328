import Foundation
import MartletJSON
import MartletTestScope
import Testing

@testable import MartletServer

@Suite("What hostile clients send")
struct ChromaAbuseTests {
  /// A server with three records, and what holds after each attack: a clear 4xx, and nothing changed.
  private struct Place {
    let server: TestServer
    let birds: String

    init() throws {
      server = try TestServer()
      birds = try server.makeCollection()
      let body =
        "{\"ids\": [\"a\", \"b\", \"c\"], \"embeddings\": [[1, 0], [0, 1], [1, 1]], "
        + "\"documents\": [\"swift\", \"martlet\", \"swallow\"], \"metadatas\": [{\"n\": 1}, {\"n\": 2}, null]}"
      try #require(try server.call("POST", birds + "/add", body).status == 201)
    }

    func refuses(_ path: String, _ bytes: [UInt8], statuses: ClosedRange<Int> = 400...422) throws {
      let answer = try server.call("POST", birds + path, bytes: bytes)
      let shown = String(decoding: bytes.prefix(80), as: UTF8.self)
      #expect(
        statuses.contains(answer.status), "\(path) \(shown): \(answer.status) \(answer.text.prefix(200))")
      #expect(answer.error != nil && answer.json["message"]?.stringValue?.isEmpty == false, "\(shown)")
      #expect(try server.call("GET", birds + "/count").json == 3, "\(shown)")
    }

    func refuses(_ path: String, _ text: String) throws { try refuses(path, Array(text.utf8)) }
  }

  @Test("Malformed JSON, and JSON of another shape, is refused on each route that reads a body")
  func malformed() throws {
    let place = try Place()
    let texts = [
      "", " ", "{", "}", "[]", "null", "1", "\"x\"", "{\"ids\"}", "{\"ids\": [\"x\"],}", "{'ids': []}",
      "{} {}",
      "{\"ids\": \"x\", \"embeddings\": [[1, 2]]}", "{\"ids\": [1], \"embeddings\": [[1, 2]]}",
      "{\"ids\": [\"\u{1}\"]}", "{\"ids\": [\"\\ud800\"]}", "{\"ids\": [\"x\"], \"ids\": [\"y\"]}",
      "\u{FEFF}{}",
      "{\"ids\": [\"x\"], \"embeddings\": {\"0\": 1}}",
      "{\"ids\": [\"x\"], \"embeddings\": [[1, 2]], \"documents\": [1]}",
    ]
    for text in texts {
      for path in ["/add", "/upsert", "/query"] { try place.refuses(path, text) }
    }
    try place.refuses("/add", [0x7B, 0x22, 0xFF, 0xFE, 0x22, 0x3A, 0x31, 0x7D])
    try place.refuses("/add", [UInt8](repeating: 0, count: 1000))
  }

  @Test(
    "Vectors of other dimensions, of none, not finite, or not whole are refused, and no record of the request is kept"
  )
  func vectors() throws {
    let place = try Place()
    for embeddings in [
      "[[1]]", "[[1, 2, 3]]", "[[]]", "[]", "null", "[null]", "[[null, 1]]", "[[\"1\", 2]]", "[1, 2]",
      "[[[1, 2]]]",
      "[[NaN, 1]]", "[[Infinity, 1]]", "[[1e400, 1]]", "[[1e39, 1]]", "[[-1e39, 1]]", "[\"AADAfwAAgD8=\"]",
      "[\"AACAfwAAgD8=\"]", "[\"AACgQA==\"]", "[\"AAA\"]", "[\"!!!!\"]", "[\"AACAPwAAgA==\"]",
      "[\"AACAPw==AAA=\"]",
    ] {
      for path in ["/add", "/upsert"] {
        try place.refuses(path, "{\"ids\": [\"new\"], \"embeddings\": \(embeddings)}")
      }
      try place.refuses("/query", "{\"query_embeddings\": \(embeddings == "[]" ? "[[]]" : embeddings)}")
    }
    try place.refuses("/add", "{\"ids\": [\"x\", \"y\"], \"embeddings\": [[1, 2], [1, 2, 3]]}")
    try place.refuses("/add", "{\"ids\": [\"x\", \"y\"], \"embeddings\": [[1, 2]]}")
    try place.refuses("/add", "{\"ids\": [\"\"], \"embeddings\": [[1, 2]]}")
    try place.refuses("/update", "{\"ids\": [\"a\"], \"embeddings\": [[1, 2, 3]]}")
  }

  @Test("Metadata that cannot be kept is refused")
  func metadata() throws {
    let place = try Place()
    for metadata in [
      "5", "[]", "{\"\": 1}", "{\"#x\": 1}", "{\"$x\": 1}", "{\"x\": {}}", "{\"x\": []}",
      "{\"x\": [1, \"a\"]}",
      "{\"x\": [[1]]}", "{\"x\": null}", "{\"x\": 1e400}", "{\"x\": 9223372036854775808}",
      "{\"x\": 1, \"x\": 2}",
    ] {
      try place.refuses("/add", "{\"ids\": [\"x\"], \"embeddings\": [[1, 2]], \"metadatas\": [\(metadata)]}")
    }
    let sparse = "{\"x\": {\"#type\": \"sparse_vector\", \"indices\": [1], \"values\": [0.5]}}"
    let body = "{\"ids\": [\"x\"], \"embeddings\": [[1, 2]], \"metadatas\": [\(sparse)]}"
    try place.refuses("/add", Array(body.utf8), statuses: 501...501)
  }

  @Test(
    "Vectors, lists, filters and configurations that are longer than any of use are refused before they are read",
    .long
  )
  func lengths() throws {
    let place = try Place()
    func ones(_ count: Int) -> String { "[" + String(repeating: "1,", count: count - 1) + "1]" }
    try place.refuses("/add", "{\"ids\": [\"x\"], \"embeddings\": [\(ones(65_537))]}")
    try place.refuses("/query", "{\"query_embeddings\": [\(ones(65_537))]}")
    let metadata = "{\"ids\": [\"x\"], \"embeddings\": [[1, 2]], \"metadatas\": [{\"l\": \(ones(600_000))}]}"
    try place.refuses("/add", metadata)
    let keys = "{" + (0..<4097).map { "\"\($0)\": 1" }.joined(separator: ",") + "}"
    try place.refuses("/add", "{\"ids\": [\"x\"], \"embeddings\": [[1, 2]], \"metadatas\": [\(keys)]}")
    try place.refuses("/get", "{\"where\": {\"n\": {\"$in\": \(ones(2_200_000))}}}")
    let answer = try place.server.call(
      "POST", TestServer.collections, "{\"name\": \"long\", \"configuration\": \(ones(600_000))}")
    #expect(answer.status == 413)
    let text = String(repeating: "x", count: 1 << 20)
    let described = try place.server.call(
      "POST", TestServer.collections, "{\"name\": \"long\", \"metadata\": {\"x\": \"\(text)\"}}")
    #expect(described.status == 413)
    let lists = (0..<5).map { "\"\($0)\": \(ones(500_000))" }.joined(separator: ",")
    try place.refuses("/add", "{\"ids\": [\"x\"], \"embeddings\": [[1, 2]], \"metadatas\": [{\(lists)}]}")
    let ids = "[" + String(repeating: "\"a\",", count: 5461) + "\"a\"]"
    try place.refuses("/add", "{\"ids\": \(ids), \"embeddings\": [[1, 2]]}")
  }

  @Test("Filters that nest 10,000 deep, know no operator or compare what cannot be compared are refused")
  func filters() throws {
    let place = try Place()
    let deep =
      String(repeating: "{\"$and\":[", count: 10_000) + "{\"n\":1}" + String(repeating: "]}", count: 10_000)
    for filter in [
      deep, "[]", "5", "\"n\"", "{\"n\": {\"$like\": 1}}", "{\"n\": {\"$gt\": \"a\"}}",
      "{\"n\": {\"$in\": []}}",
      "{\"n\": {\"$in\": [1, \"a\"]}}", "{\"n\": {\"$in\": 1}}", "{\"$where\": 1}", "{\"n\": null}",
      "{\"n\": {}}",
      "{\"$and\": {\"n\": 1}}", "{\"n\": {\"$gt\": 1, \"$lt\": 2}}",
    ] {
      try place.refuses("/get", "{\"where\": \(filter)}")
      try place.refuses("/delete", "{\"where\": \(filter)}")
      try place.refuses("/query", "{\"query_embeddings\": [[1, 2]], \"where\": \(filter)}")
    }
    for filter in [
      "[]", "5", "{\"$contains\": 5}", "{\"$like\": \"x\"}", "{\"$regex\": \"(\"}",
      "{\"$regex\": \"a{9999}{9999}\"}",
    ] {
      try place.refuses("/get", "{\"where_document\": \(filter)}")
      try place.refuses("/delete", "{\"where_document\": \(filter)}")
    }
  }

  @Test(
    "A pattern that other engines need exponential time for is answered",
    arguments: ["(a+)+$", "(a|aa)*b", "(.*)*x"])
  func hostilePattern(_ pattern: String) throws {
    let place = try Place()
    let text = String(repeating: "a", count: 50_000) + "!"
    let record = "{\"ids\": [\"a\"], \"documents\": [\"\(text)\"]}"
    #expect(try place.server.call("POST", place.birds + "/update", record).status == 200)
    let answer = try place.server.call(
      "POST", place.birds + "/get", "{\"where_document\": {\"$regex\": \"\(pattern)\"}}")
    #expect(answer.status == 200)
    #expect(place.server.isWell)
  }

  @Test("SQL in every string is only text")
  func sql() throws {
    let place = try Place()
    let evil = "x'); DROP TABLE collections; --\\\" OR 1=1"
    let body =
      "{\"ids\": [\"\(evil)\"], \"embeddings\": [[1, 2]], \"documents\": [\"\(evil)\"], \"uris\": [\"\(evil)\"], "
      + "\"metadatas\": [{\"\(evil)\": \"\(evil)\"}]}"
    #expect(try place.server.call("POST", place.birds + "/add", body).status == 201)
    for filter in [
      "\"ids\": [\"\(evil)\"]", "\"where\": {\"\(evil)\": \"\(evil)\"}",
      "\"where_document\": {\"$contains\": \"\(evil)\"}",
    ] {
      let answer = try place.server.call("POST", place.birds + "/get", "{\(filter)}")
      #expect(answer.json["ids"]?.arrayValue?.count == 1, "\(filter): \(answer.text)")
    }
    #expect(try place.server.call("POST", "/tenants", "{\"name\": \"\(evil)\"}").status == 200)
    #expect(try place.server.call("POST", place.birds + "/delete", "{\"ids\": [\"\(evil)\"]}").status == 200)
    #expect(try place.server.call("GET", place.birds + "/count").json == 3)
    let path =
      "/tenants/" + (evil.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "") + "/databases"
    #expect((400...404).contains(try place.server.call("GET", path).status))
    #expect(place.server.isWell)
  }

  @Test("Path tricks in names find nothing and write nothing outside the store")
  func paths() throws {
    let place = try Place()
    for name in [
      "..%2F..%2Fetc%2Fpasswd", "%2e%2e", "..", "%00", "a%00b", "%c0%ae%c0%ae", "~root", "%5c..%5c",
    ] {
      for path in [
        "/tenants/\(name)", "/tenants/\(name)/databases/\(name)", TestServer.collections + "/" + name,
      ] {
        #expect((400...405).contains(try place.server.call("GET", path).status), "\(path)")
        #expect((400...405).contains(try place.server.call("DELETE", path).status), "\(path)")
      }
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: place.server.folder.path)
    #expect(files.contains("martlet.sqlite"))
    #expect(place.server.isWell)
  }

  @Test("Many clients at once, good and bad, leave the server well")
  func crowd() async throws {
    let place = try Place()
    let (server, birds) = (place.server, place.birds)
    let port = server.server.port
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<8 {
        group.addTask {
          for round in 0..<20 {
            let connection = try RawConnection(port: port)
            switch (number + round) % 4 {
            case 0: try connection.send("POST", "/api/v2" + birds + "/get", Array("{}".utf8))
            case 1: try connection.send("POST", "/api/v2" + birds + "/add", Array("{\"ids\"".utf8))
            case 2: try connection.send("GET /api/v2/ver")
            default:
              try connection.send(
                "POST", "/api/v2" + birds + "/query", Array("{\"query_embeddings\": [[1, 2]]}".utf8))
            }
            if (number + round) % 4 != 2 { #expect([200, 400].contains(try connection.response().status)) }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(server.isWell)
    #expect(try server.call("GET", birds + "/count").json == 3)
  }
}
