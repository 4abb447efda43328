import MartletJSON
import MartletVectorStore
import Testing

@testable import MartletServer

@Suite("Chroma's routes")
struct ChromaRoutesTests {
  @Test("What a new client asks first is answered")
  func connecting() throws {
    let server = try TestServer()
    #expect(try server.call("GET", "/heartbeat").json["nanosecond heartbeat"]?.intValue ?? 0 > 1 << 60)
    #expect(try server.call("GET", "/auth/identity").json["tenant"] == "default_tenant")
    #expect(try server.call("GET", "/tenants/default_tenant").json["name"] == "default_tenant")
    #expect(try server.call("GET", "/tenants/default_tenant/databases/default_database").status == 200)
    let checks = try server.call("GET", "/pre-flight-checks").json
    #expect(checks["max_batch_size"] == 5461 && checks["supports_base64_encoding"] == true)
    #expect(try server.call("GET", "/healthcheck").status == 200)
  }

  @Test(
    "A collection is compared by l2 unless its configuration, or an old client's metadata, says otherwise")
  func distance() throws {
    let server = try TestServer()
    func space(_ name: String, _ more: String) throws -> JSON? {
      let answer = try server.call("POST", TestServer.collections, "{\"name\": \"\(name)\"\(more)}")
      return answer.json["configuration_json"]?["hnsw"]?["space"]
    }
    #expect(try space("plain", "") == "l2")
    #expect(try space("asked", ", \"configuration\": {\"hnsw\": {\"space\": \"cosine\"}}") == "cosine")
    #expect(try space("spann", ", \"configuration\": {\"spann\": {\"space\": \"ip\"}}") == "ip")
    #expect(try space("old", ", \"metadata\": {\"hnsw:space\": \"ip\"}") == "ip")
    #expect(try space("bad", ", \"metadata\": {\"hnsw:space\": \"manhattan\"}") == nil)
  }

  @Test(
    "The configuration comes back with what was sent, Chroma's numbers, and the embedding function as it was")
  func configuration() throws {
    let server = try TestServer()
    let function = "{\"type\":\"known\",\"name\":\"mine\",\"config\":{\"z\":1,\"a\":[1.50,null]}}"
    let collection = try server.makeCollection(
      "birds", ", \"configuration\": {\"hnsw\": {\"ef_search\": 50}, \"embedding_function\": \(function)}")
    let found = try server.call("GET", TestServer.collections + "/birds")
    let expected =
      "{\"hnsw\":{\"space\":\"l2\",\"ef_construction\":100,\"ef_search\":50,\"max_neighbors\":16,"
      + "\"resize_factor\":1.2,\"sync_threshold\":1000},\"spann\":null,\"embedding_function\":\(function)}"
    #expect(found.json["configuration_json"]?.serialized() == expected)
    #expect(
      try server.call("PUT", collection, "{\"new_configuration\": {\"hnsw\": {\"ef_search\": 7}}}").status
        == 200)
    let changed = try server.call("GET", TestServer.collections + "/birds")
    #expect(changed.json["configuration_json"]?["hnsw"]?["ef_search"] == 7)
    #expect(changed.json["configuration_json"]?["embedding_function"]?.serialized() == function)
    let space = try server.call("PUT", collection, "{\"new_configuration\": {\"hnsw\": {\"space\": \"ip\"}}}")
    #expect(space.status == 422)
  }

  @Test(
    "Names are refused as by Chroma",
    arguments: [
      "ab", "a..b", "-ab", "ab-", "a b c", "1.2.3.4", "ünï", "../../etc/passwd", "a/b/c",
      "con'; DROP TABLE x;--",
      String(repeating: "a", count: 513),
    ])
  func names(_ name: String) throws {
    let server = try TestServer()
    let body: JSON = ["name": .string(name)]
    let answer = try server.call("POST", TestServer.collections, body.serialized())
    #expect(answer.status == 400 && answer.error == "InvalidArgumentError")
    #expect(try server.call("GET", TestServer.collections + "_count").json == 0)
  }

  @Test("add keeps what is there, upsert merges, update changes what it knows, null takes a key away")
  func writing() throws {
    let server = try TestServer()
    let birds = try server.makeCollection()
    func all() throws -> String {
      let answer = try server.call(
        "POST", birds + "/get", "{\"include\": [\"metadatas\", \"embeddings\", \"documents\"]}")
      return ["ids", "embeddings", "metadatas", "documents"].map { answer.json[$0]?.serialized() ?? "" }
        .joined()
    }
    let first =
      "{\"ids\": [\"a\", \"a\"], \"embeddings\": [[1, 2], [3, 4]], \"metadatas\": [{\"x\": 1, \"y\": 2.0}, null]}"
    #expect(try server.call("POST", birds + "/add", first).status == 201)
    #expect(
      try server.call("POST", birds + "/add", "{\"ids\": [\"a\"], \"embeddings\": [[9, 9]]}").status == 201)
    #expect(try all() == "[\"a\"][[1.0,2.0]][{\"x\":1,\"y\":2.0}][null]")
    let merged = "{\"ids\": [\"a\"], \"embeddings\": [[5, 6]], \"metadatas\": [{\"x\": null, \"z\": [true]}]}"
    #expect(try server.call("POST", birds + "/upsert", merged).status == 200)
    #expect(try all() == "[\"a\"][[5.0,6.0]][{\"y\":2.0,\"z\":[true]}][null]")
    let updated = "{\"ids\": [\"a\", \"b\"], \"documents\": [\"text\", \"none\"]}"
    #expect(try server.call("POST", birds + "/update", updated).status == 200)
    #expect(try all() == "[\"a\"][[5.0,6.0]][{\"y\":2.0,\"z\":[true]}][\"text\"]")
  }

  @Test("Vectors come as base64 or as numbers, with the same bits")
  func vectors() throws {
    let server = try TestServer()
    let birds = try server.makeCollection()
    let body = "{\"ids\": [\"a\", \"b\"], \"embeddings\": [\"zczMPQAAgL8AAAAA\", [0.1, -1, 0]]}"
    #expect(try server.call("POST", birds + "/add", body).status == 201)
    let answer = try server.call("POST", birds + "/get", "{\"include\": [\"embeddings\"]}")
    #expect(answer.json["embeddings"]?.serialized() == "[[0.1,-1.0,0.0],[0.1,-1.0,0.0]]")
  }

  @Test("A batch larger than clients are told is 413")
  func batch() throws {
    var limits = ServerLimits()
    limits.body = 24 << 10
    let server = try TestServer(limits: limits)
    let birds = try server.makeCollection()
    #expect(try server.call("GET", "/pre-flight-checks").json["max_batch_size"] == 2)
    let answer = try server.call(
      "POST", birds + "/add", "{\"ids\": [\"a\", \"b\", \"c\"], \"embeddings\": [[1], [2], [3]]}")
    #expect(answer.status == 413 && answer.error == "BatchSizeExceededError")
  }

  @Test("A collection is found in its own database only")
  func namespaces() throws {
    let server = try TestServer()
    let birds = try server.makeCollection()
    #expect(
      try server.call("POST", "/tenants/default_tenant/databases", "{\"name\": \"other\"}").status == 200)
    let other = birds.replacing("default_database", with: "other")
    #expect(try server.call("GET", birds + "/count").json == 0)
    #expect(try server.call("GET", other + "/count").status == 404)
    #expect(try server.call("DELETE", "/tenants/default_tenant/databases/other").status == 200)
    #expect(try server.call("GET", "/tenants/default_tenant/databases/other").status == 404)
  }

  @Test("Where a reset is allowed, it leaves the default tenant and database, empty; old ids lead nowhere")
  func reset() throws {
    let server = try TestServer(allowsReset: true)
    let birds = try server.makeCollection()
    #expect(try server.call("POST", "/tenants", "{\"name\": \"aviary\"}").status == 200)
    #expect(try server.call("DELETE", "/tenants/default_tenant/databases/default_database").status == 200)
    let answer = try server.call("POST", "/reset")
    #expect(answer.status == 200 && answer.json == true)
    #expect(try server.call("GET", TestServer.collections).json == [])
    #expect(try server.call("GET", birds + "/count").status == 404)
    #expect(try server.call("GET", "/tenants/aviary").status == 404)
    _ = try server.makeCollection()
  }

  @Test("An answer above the limit is 422, and all answers together have one, too")
  func answers() throws {
    var limits = ServerLimits()
    (limits.answer, limits.answersTogether) = (1 << 20, 1 << 20)
    let server = try TestServer(limits: limits)
    let birds = try server.makeCollection()
    let text = String(repeating: "x", count: 1000)
    try server.database.collection(named: "birds").add(
      (0..<2000).map { Record(id: "\($0)", embedding: [1, Float($0)], document: text) })
    for (path, body) in [("/get", "{}"), ("/query", "{\"query_embeddings\": [[1, 2]], \"n_results\": 2000}")]
    {
      let answer = try server.call("POST", birds + path, body)
      #expect(answer.status == 422 && answer.text.contains("limit"), "\(path)")
    }
    #expect(try server.call("POST", birds + "/get", "{\"limit\": 500}").json["ids"]?.arrayValue?.count == 500)
    #expect(
      try server.call("POST", birds + "/get", "{\"include\": []}").json["ids"]?.arrayValue?.count == 2000)
    let budget = BodyBudget(total: 16 << 20)
    var shares = (0..<2).map { _ in AnswerShare(of: budget, limit: 64 << 20) }
    try shares[0].grow(to: 14 << 20)
    #expect { try shares[1].grow(to: 14 << 20) } throws: { ($0 as? HTTPError)?.status == 503 }
    shares.removeAll()
    #expect(budget.take(16 << 20, within: 0))
  }

  @Test("What is not built says so with 501, and what clients send beyond the API is reported")
  func missing() throws {
    let server = try TestServer()
    let birds = try server.makeCollection()
    for path in ["/search", "/fork", "/functions/attach", "/conditional/get"] {
      #expect(try server.call("POST", birds + path, "{}").status == 501, "\(path)")
    }
    #expect(try server.call("POST", "/reset").status == 403)
    #expect(try server.call("GET", "/../v1/collections").status == 404)
    let old = "{\"ids\": [\"a\"], \"embeddings\": [[1]], \"increment_index\": true}"
    for _ in 0..<2 { #expect(try server.call("POST", birds + "/add", old).status == 201) }
    #expect(server.reports.all.count == 1 && server.reports.all[0].contains("increment_index"))
  }

  @Test(
    "A schema says what its vectors' index is; what it would index otherwise than it is here is refused by name"
  )
  func schemas() throws {
    let server = try TestServer()
    func make(_ name: String, _ schema: String, _ more: String = "") throws -> RawResponse {
      try server.call(
        "POST", TestServer.collections, "{\"name\": \"\(name)\", \"schema\": \(schema)\(more)}")
    }
    func vectors(_ config: String) -> String {
      "{\"keys\": {\"#embedding\": {\"float_list\": {\"vector_index\": {\"enabled\": true, \"config\": \(config)}}}}}"
    }
    let cosine = vectors(
      "{\"space\": \"cosine\", \"source_key\": \"#document\", \"hnsw\": {\"ef_search\": 7}}")
    let made = try make("made", cosine)
    #expect(made.status == 200, "\(made.text)")
    let index = made.json["configuration_json"]?["hnsw"]
    #expect(index?["space"] == "cosine" && index?["ef_search"] == 7)
    // What a schema says comes back in it, and it may be sent again.
    let schema = try #require(made.json["schema"])
    let embedding = schema["keys"]?["#embedding"]?["float_list"]?["vector_index"]?["config"]
    #expect(embedding?["space"] == "cosine" && embedding?["hnsw"]?["ef_search"] == 7)
    let again = try make("again", schema.serialized())
    #expect(again.json["configuration_json"] == made.json["configuration_json"])
    let usual = try make(
      "usual", "{\"defaults\": {}, \"keys\": {}}", ", \"metadata\": {\"hnsw:space\": \"ip\"}")
    #expect(usual.json["configuration_json"]?["hnsw"]?["space"] == "ip")
    #expect(try make("both", cosine, ", \"configuration\": {\"hnsw\": {\"space\": \"ip\"}}").status == 400)
    #expect(try make("none", cosine, ", \"configuration\": {\"hnsw\": {\"space\": \"l2\"}}").status == 200)
    func only(_ key: String, _ type: String, _ name: String, _ isOn: Bool) -> String {
      "{\"keys\": {\"\(key)\": {\"\(type)\": {\"\(name)\": {\"enabled\": \(isOn), \"config\": {}}}}}}"
    }
    for (schema, status) in [
      (only("year", "int", "int_inverted_index", true), 200),
      (only("year", "int", "int_inverted_index", false), 501),
      (only("#document", "string", "fts_index", false), 501),
      (only("sparse", "sparse_vector", "sparse_vector_index", true), 400),
      (vectors("{\"source_key\": \"title\"}"), 501), ("{\"cmek\": {}}", 501), ("[]", 422),
    ] {
      let answer = try make("c\(schema.utf8.count)", schema)
      #expect(answer.status == status, "\(schema): \(answer.text)")
      if status == 501 {
        #expect(answer.text.contains("Schemas that change what is indexed"), "\(answer.text)")
      }
    }
  }

  private static let tenant = "/tenants/default_tenant"
  private static let database = tenant + "/databases/default_database"

  /// Every route of Chroma's API that its clients call, with the status of our answer. `{id}` is a collection's.
  private static let routes: [(method: String, path: String, body: String?, status: Int)] = [
    ("GET", "", nil, 200), ("GET", "/heartbeat", nil, 200), ("GET", "/healthcheck", nil, 200),
    ("GET", "/version", nil, 200), ("GET", "/pre-flight-checks", nil, 200),
    ("GET", "/auth/identity", nil, 200), ("POST", "/reset", nil, 403),
    ("GET", "/collections/a:b:c", nil, 501),
    ("POST", "/tenants", "{\"name\": \"aviary\"}", 200), ("GET", tenant, nil, 200),
    ("PATCH", tenant, "{\"resource_name\": \"x\"}", 501),
    ("GET", tenant + "/databases?limit=1&offset=0", nil, 200),
    ("POST", tenant + "/databases", "{\"name\": \"nests\"}", 200), ("GET", database, nil, 200),
    ("DELETE", tenant + "/databases/nests", nil, 200),
    ("GET", database + "/collections?limit=1&offset=0", nil, 200),
    ("GET", database + "/collections_count", nil, 200),
    ("POST", database + "/collections", "{\"name\": \"eggs\"}", 200),
    ("GET", database + "/collections/eggs", nil, 200), ("DELETE", database + "/collections/eggs", nil, 200),
    ("GET", database + "/collections/by-id/{id}", nil, 200),
    ("PUT", database + "/collections/{id}", "{\"new_metadata\": {\"a\": 1}}", 200),
    ("POST", "{id}/add", "{\"ids\": [\"a\"], \"embeddings\": [[1, 2]]}", 201),
    ("POST", "{id}/upsert", "{\"ids\": [\"a\"], \"embeddings\": [[1, 2]]}", 200),
    ("POST", "{id}/update", "{\"ids\": [\"a\"], \"documents\": [\"b\"]}", 200),
    ("POST", "{id}/get", "{}", 200),
    ("POST", "{id}/query?limit=1&offset=0", "{\"query_embeddings\": [[1, 2]]}", 200),
    ("POST", "{id}/delete", "{\"ids\": [\"a\"]}", 200), ("GET", "{id}/count", nil, 200),
    ("GET", "{id}/count?read_level=index_and_wal", nil, 200), ("GET", "{id}/indexing_status", nil, 200),
    ("POST", "{id}/search", "{\"searches\": []}", 501), ("POST", "{id}/fork", "{\"new_name\": \"b\"}", 501),
    ("GET", "{id}/fork_count", nil, 501), ("POST", "{id}/functions/attach", "{}", 501),
    ("GET", "{id}/functions/f", nil, 404), ("POST", "{id}/attached_functions/f/detach", "{}", 501),
    ("POST", "{id}/attached_functions/f/add_input", "{}", 501), ("POST", "{id}/conditional/get", "{}", 501),
    ("POST", "{id}/conditional/commit", "{}", 501),
  ]

  @Test("Every route that Chroma's clients call is answered, by name where it is not implemented")
  func routes() throws {
    let server = try TestServer()
    let birds = try server.makeCollection()
    let id = birds.split(separator: "/").last ?? ""
    for route in Self.routes {
      let path =
        route.path.hasPrefix("{id}")
        ? route.path.replacing("{id}", with: birds) : route.path.replacing("{id}", with: id)
      let answer = try server.call(route.method, path, route.body)
      #expect(answer.status == route.status, "\(route.method) \(route.path): \(answer.text)")
      if answer.status == 501 {
        #expect(answer.text.contains("not implemented") || answer.text.contains("no resource"))
      }
    }
  }

  @Test("The API describes itself at /openapi.json and /docs, every route that clients call among it")
  func description() throws {
    let server = try TestServer()
    func get(_ path: String) throws -> RawResponse {
      let connection = try server.connect()
      try connection.send("GET", path)
      return try connection.response()
    }
    let answer = try get("/openapi.json")
    #expect(answer.status == 200 && answer.json["openapi"] == "3.1.0")
    let described = try #require(answer.json["paths"]?.objectValue)
    let patterns = described.map { (key: $0.key, pattern: $0.key.split(separator: "/")) }
    for route in Self.routes {
      let path = route.path.replacing("{id}/", with: Self.database + "/collections/x/")
      let segments = ("/api/v2" + path).split(separator: "?")[0].split(separator: "/")
      let isDescribed = patterns.contains { known in
        known.pattern.count == segments.count
          && zip(known.pattern, segments).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
          && described[known.key]?[route.method.lowercased()] != nil
      }
      #expect(isDescribed, "\(route.method) \(route.path)")
    }
    // What is referred to is there.
    let schemas = try #require(answer.json["components"]?["schemas"]?.objectValue)
    for match in answer.text.matches(of: /#\/components\/schemas\/(\w+)/) {
      #expect(schemas[String(match.1)] != nil, "\(match.1)")
    }
    for path in ["/docs", "/docs/"] {
      let page = try get(path)
      #expect(page.status == 200 && page.headers["content-type"]?.hasPrefix("text/html") == true)
      #expect(page.text.contains("/collections/{collection}/query"))
    }
    #expect(try get("/docs/swagger-ui.css").status == 404)
  }
}
