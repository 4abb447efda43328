import MartletJSON
import MartletSQLite
import Testing

@testable import MartletServer
@testable import MartletVectorStore

@Suite("Errors as Chroma's clients read them")
struct ChromaErrorsTests {
  @Test(
    "Every error carries a trace of 32 hexadecimal digits, each its own, wherever the request is refused",
    arguments: [
      ("GET", "/nowhere", nil), ("PATCH", "/heartbeat", nil), ("GET", "/tenants/nobody", nil),
      ("GET", "/tenants/%zz", nil), ("POST", "/tenants", "{"), ("POST", "/tenants", "[]"),
      ("POST", "/reset", nil), ("PATCH", "/tenants/default_tenant", "{}"),
      ("POST", TestServer.collections, "{\"name\": \"a\"}"), ("GET", TestServer.collections + "/gone", nil),
      ("BREW", "/heartbeat", nil),
    ] as [(String, String, String?)])
  func traces(_ method: String, _ path: String, _ body: String?) throws {
    let server = try TestServer()
    let traces = try (0..<2).map { _ in
      let answer = try server.call(method, path, body)
      #expect(answer.status >= 400)
      return try #require(answer.headers["chroma-trace-id"])
    }
    for trace in traces { #expect(trace.utf8.count == 32 && trace.allSatisfy { $0.isHexDigit }) }
    #expect(traces[0] != traces[1])
    #expect(try server.call("GET", "/heartbeat").headers["chroma-trace-id"] == nil)
  }

  @Test("A refusal before the body is read carries a trace, too")
  func earlyRefusals() throws {
    let server = try TestServer(key: "swift")
    #expect(try server.call("GET", "/heartbeat").status == 401)
    #expect(try server.call("GET", "/heartbeat").headers["chroma-trace-id"] != nil)
  }

  private static let path = "/home/someone/secret"

  @Test(
    "No error of the store tells a client of paths or SQL: those are for the log",
    arguments: [
      (.missing(path: path), 500), (.busyWriter(path: path), 503), (.noPermission(path: path), 500),
      (.newerFormat(path: path, found: 9, supported: 3), 500),
      (.notADatabase(path: path, detail: "file is not a database"), 500),
      (.damaged(path: path, detail: "SELECT"), 500),
      (.lostTransactions(path: path, kept: 2, found: 1, mark: path + "/mark"), 500),
      (.diskFull(path: path), 507), (.system(path: path, detail: "SQLite: SELECT x FROM records_25"), 500),
      (.backupExists(path: path), 500),
    ] as [(VectorStoreError, Int)])
  func privateDetails(_ error: VectorStoreError, _ status: Int) throws {
    let refused = HTTPError(chroma: error)
    #expect(refused.status == status)
    let told = String(decoding: refused.response(traceID: "0").bytes, as: UTF8.self)
    #expect(!told.contains("/home") && !told.contains("secret") && !told.contains("SELECT"), "\(told)")
    #expect(refused.detail?.contains(Self.path) == true)
  }

  @Test("A fault of the database is logged with its path under the trace that the client is given")
  func fault() throws {
    let server = try TestServer()
    let birds = try server.makeCollection()
    // What no request can do: the tables go, and the collection stays.
    let file = server.database.path + "/" + Database.fileName
    try StoreConnection(path: file, readOnly: false).execute("DROP TABLE records_1")
    let answer = try server.call("GET", birds + "/count")
    #expect(answer.status == 500 && answer.error == "InternalError")
    #expect(!answer.text.contains(server.database.path) && !answer.text.contains("records_1"))
    let trace = try #require(answer.headers["chroma-trace-id"])
    let logged = try #require(server.reports.all.last)
    #expect(logged.contains(trace) && logged.contains(file) && logged.contains("records_1"))
  }

  @Test("Whatever is asked of a collection while others drop and make it again is done, or 404 with its name")
  func races() throws {
    let server = try TestServer()
    let answers = Locked<[String: Int]>([:])
    let make = "{\"name\": \"birds\", \"get_or_create\": true}"
    let calls: [(path: String, body: String?)] = [
      ("/add", "{\"ids\": [\"a\"], \"embeddings\": [[1, 2]], \"documents\": [\"text\"]}"),
      ("/upsert", "{\"ids\": [\"a\", \"b\"], \"embeddings\": [[1, 2], [3, 4]]}"),
      ("/update", "{\"ids\": [\"a\"], \"documents\": [\"other\"]}"), ("/delete", "{\"ids\": [\"a\"]}"),
      ("/get", "{}"), ("/get", "{\"ids\": [\"a\"]}"), ("/query", "{\"query_embeddings\": [[1, 2]]}"),
      ("/query", "{\"query_embeddings\": [[1, 2]], \"where\": {\"n\": 1}}"), ("/count", nil),
    ]
    func note(_ what: String, _ answer: RawResponse) {
      if answer.status < 300 { return answers.withLock { $0["done", default: 0] += 1 } }
      let message = answer.json["message"]?.stringValue ?? ""
      let isExpected =
        answer.status == 404 && answer.error == "NotFoundError" && message.contains("] does not exist")
      answers.withLock { $0[isExpected ? "not found" : "\(what): \(answer.text)", default: 0] += 1 }
    }
    func work(_ worker: Int, _ round: Int) throws {
      let made = try server.call("POST", TestServer.collections, make)
      note("make", made)
      let birds = "\(TestServer.collections)/\(made.json["id"]?.stringValue ?? "")"
      for offset in calls.indices {
        let call = calls[(offset + worker) % calls.count]
        note(call.path, try server.call(call.body == nil ? "GET" : "POST", birds + call.path, call.body))
        if (worker + round + offset) % 5 == 0 {
          note("drop", try server.call("DELETE", TestServer.collections + "/birds"))
        }
      }
    }
    onThreads(12) { worker in
      do { for round in 0..<12 { try work(worker, round) } } catch {
        answers.withLock { $0["\(error)", default: 0] += 1 }
      }
    }
    let seen = answers.withLock { $0 }
    #expect(Set(seen.keys) == ["done", "not found"])
    #expect(server.reports.all == [])
  }
}

extension HTTPResponse {
  fileprivate var bytes: [UInt8] {
    switch body {
    case .bytes(let bytes): bytes
    }
  }
}
