import Foundation
import MartletJSON
import Testing

@testable import MartletServer

@Suite("The server on the wire")
struct HTTPServerTests {
  private func limits(_ change: (inout ServerLimits) -> Void) -> ServerLimits {
    var limits = ServerLimits()
    change(&limits)
    return limits
  }

  @Test("A connection serves one request after another")
  func keepAlive() throws {
    let server = try TestServer()
    let connection = try server.connect()
    for _ in 0..<3 {
      try connection.send("GET", "/api/v2/version")
      #expect(try connection.response().json == "1.0.0")
    }
  }

  @Test("HEAD has the head of GET and no body; other methods are 405, unknown paths 404, all as JSON")
  func methods() throws {
    let server = try TestServer()
    let connection = try server.connect()
    try connection.send("HEAD", "/api/v2/version")
    let head = try connection.response(hasBody: false)
    #expect(head.status == 200 && head.headers["content-length"] == "7")
    for method in ["OPTIONS", "DELETE", "PUT", "PATCH", "POST"] {
      let answer = try server.call(method, "/version")
      #expect(answer.status == 405 && answer.error == "ChromaError", "\(method)")
      #expect(answer.headers["allow"] == "GET, HEAD")
    }
    for method in ["BREW", "TRACE", "CONNECT"] {
      #expect(try server.call(method, "/version").status == 405, "\(method)")
    }
    let nowhere = try server.call("GET", "/nowhere")
    #expect(nowhere.status == 404 && nowhere.error == "NotFoundError")
    #expect(try server.call("GET", "/../version").status == 404)
  }

  @Test("A body above the limit is 413 as soon as its length is said")
  func announcedBody() throws {
    let server = try TestServer(limits: limits { $0.body = 1000 })
    let connection = try server.connect()
    try connection.send(
      "POST /api/v2/tenants HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        + "Content-Length: 100000000\r\n\r\n")
    let answer = try connection.response()
    #expect(answer.status == 413 && answer.error == "ChromaError")
    #expect(answer.text.contains("1000") && answer.text.contains("--max-body"))
    #expect(server.isWell)
  }

  @Test("Who asks before sending a body above the limit is told at once")
  func expectation() throws {
    let server = try TestServer(limits: limits { $0.body = 1000 })
    let connection = try server.connect()
    try connection.send(
      "POST /api/v2/tenants HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        + "Expect: 100-continue\r\nContent-Length: 1001\r\n\r\n")
    #expect(try connection.response().status == 413)
  }

  @Test("A chunked body is read, and is 413 above the limit")
  func chunkedBody() throws {
    let server = try TestServer(limits: limits { $0.body = 1000 })
    let head =
      "POST /api/v2/tenants HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      + "Transfer-Encoding: chunked\r\n\r\n"
    let connection = try server.connect()
    try connection.send(head + "7\r\n{\"name\"\r\n8\r\n: \"abc\"}\r\n0\r\n\r\n")
    #expect(try connection.response().status == 200)
    let chunk = "200\r\n" + String(repeating: " ", count: 0x200) + "\r\n"
    try connection.send(head + chunk + chunk + "0\r\n\r\n")
    #expect(try connection.response().status == 413)
    // Without an end it is not answered, and ends.
    let endless = try server.connect()
    try? endless.send(head + String(repeating: chunk, count: 20))
    #expect(endless.waitForEnd())
    #expect(server.isWell)
  }

  @Test("What is no HTTP, or has an endless head, is refused")
  func noHTTP() throws {
    let server = try TestServer()
    for text in [
      "\r\n\r\n\r\n\r\n", "nonsense\r\n\r\n", "GET\r\n\r\n", "GET /api/v2/version HTTP/9.9\r\n\r\n",
      "GET /api/v2/version HTTP/1.1\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}",
      "GET /api/v2/version HTTP/1.1\r\nHost: localhost\r\nX: " + String(repeating: "x", count: 1 << 20),
      "GET /" + String(repeating: "x", count: 1 << 20) + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "POST /api/v2/tenants HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
      "POST /api/v2/tenants HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999999\r\n\r\n",
    ] {
      let connection = try server.connect()
      try? connection.send(text)
      connection.endSending()
      if let answer = try? connection.response() {
        #expect((400..<600).contains(answer.status), "\(text.prefix(60)): \(answer.status)")
      }
    }
    #expect(server.isWell)
  }

  @Test("A host header of another name is 403, as JSON")
  func host() throws {
    let server = try TestServer()
    let connection = try server.connect()
    try connection.send("GET /api/v2/version HTTP/1.1\r\nHost: evil.example\r\n\r\n")
    let answer = try connection.response()
    #expect(answer.status == 403 && answer.error == "AuthError" && answer.text.contains("evil.example"))
  }

  @Test("Without the key nothing is answered, not even what there is")
  func key() throws {
    let server = try TestServer(key: "secret")
    for path in ["/version", "/nowhere", "/heartbeat", TestServer.collections] {
      let answer = try server.call("GET", path)
      #expect(answer.status == 401 && answer.error == "AuthorizationError", "\(path)")
    }
    let connection = try server.connect()
    try connection.send("GET", "/api/v2/version", headers: ["Authorization: Bearer secret"])
    #expect(try connection.response().status == 200)
    try connection.send("GET", "/api/v2/version", headers: ["X-Chroma-Token: wrong"])
    #expect(try connection.response().status == 403)
  }

  @Test(
    "A client that stops in the middle of a request, or sends it byte by byte, is cut off; others are served")
  func slowClients() throws {
    let server = try TestServer(limits: limits { ($0.headSeconds, $0.idleSeconds) = (1, 60) })
    let silent = try server.connect()
    let inHead = try server.connect()
    try inHead.send("GET /api/v2/ver")
    let inBody = try server.connect()
    try inBody.send(
      "POST /api/v2/tenants HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        + "Content-Length: 100\r\n\r\n{")
    let dripping = try server.connect()
    try dripping.send("GET /api/v2/version HTTP/1.1\r\nHost: localhost\r\n")
    let dripped = Thread { while (try? dripping.send("X: y\r\n")) != nil { usleep(50_000) } }
    dripped.start()
    #expect(server.isWell)
    for connection in [silent, inHead, inBody, dripping] { #expect(connection.waitForEnd()) }
    #expect(server.isWell)
  }

  @Test("A client that has sent all and closes its half still gets its answer")
  func halfClosed() throws {
    let server = try TestServer()
    let connection = try server.connect()
    try connection.send("GET", "/api/v2/version")
    connection.endSending()
    #expect(try connection.response().json == "1.0.0")
    // Who leaves in the middle of a body leaves nothing behind.
    let leaving = try server.connect()
    try leaving.send(
      "POST /api/v2/tenants HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        + "Content-Length: 16\r\n\r\n{\"name\": \"half\"")
    leaving.endSending()
    #expect(leaving.waitForEnd())
    #expect(try server.call("GET", "/tenants/half").status == 404)
  }

  @Test("Connections above the limit are closed at once, and taken again when others have ended")
  func manyConnections() throws {
    let server = try TestServer(limits: limits { $0.connections = 4 })
    var connections = try (0..<4).map { _ in try server.connect() }
    for connection in connections {
      try connection.send("GET", "/api/v2/version")
      #expect(try connection.response().status == 200)
    }
    #expect(try server.connect().waitForEnd())
    connections.removeAll()
    while !server.isWell { usleep(10_000) }
  }

  @Test("When too many bodies are in memory a request waits, and is 503 at last")
  func bodyBudget() throws {
    let server = try TestServer(
      limits: limits {
        ($0.body, $0.bodiesTogether, $0.headSeconds, $0.slowestRate) = (1000, 1000, 1, 10)
      })
    #expect(try server.call("POST", "/tenants", "{\"name\": \"first\"}").status == 200)
    // One says that 900 bytes will come, and takes its time.
    let slow = try server.connect()
    try slow.send(
      "POST /api/v2/tenants HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        + "Content-Length: 900\r\n\r\n{")
    let second = "{\"name\": \"\(String(repeating: "b", count: 150))\"}"
    var refused = try server.call("POST", "/tenants", second)
    // The first may not have been looked at yet.
    for _ in 0..<20 where refused.status != 503 { refused = try server.call("POST", "/tenants", second) }
    #expect(refused.status == 503)
    let rest = "\"name\": \"slow\""
    try slow.send(rest + String(repeating: " ", count: 898 - rest.utf8.count) + "}")
    #expect(try slow.response().status == 200)
    #expect(try server.call("GET", "/tenants/slow").status == 200)
    #expect(try server.call("POST", "/tenants", "{\"name\": \"third\"}").status == 200)
    let budget = BodyBudget(total: 10)
    #expect(budget.take(8, within: 0))
    #expect(!budget.take(3, within: 0.01))
    budget.giveBack(8)
    #expect(budget.take(10, within: 0))
  }

  @Test("Stopping lets requests at hand end and takes no others; stopping twice is no error")
  func stop() throws {
    let entered = DispatchSemaphore(value: 0)
    let released = DispatchSemaphore(value: 0)
    var router = Router()
    router.on(.get, "/slow") { _ in
      entered.signal()
      released.wait()
      return .json("done")
    }
    let server = try HTTPServer(
      host: "127.0.0.1", port: 0, router: router, access: ServerAccess(host: "127.0.0.1", key: nil)
    ) { _ in }
    let connection = try RawConnection(port: server.port)
    try connection.send("GET", "/slow")
    entered.wait()
    let stopping = Thread { server.stop() }
    stopping.start()
    released.signal()
    #expect(try connection.response().json == "done")
    while !stopping.isFinished { usleep(1000) }
    server.stop()
    #expect(throws: RawConnection.Failure.self) { _ = try RawConnection(port: server.port) }
  }

  @Test("A port that is taken and a host that is none of ours are named in the error")
  func noSocket() throws {
    let server = try TestServer()
    let access = try ServerAccess(host: "127.0.0.1", key: nil)
    #expect(throws: ServerError.portTaken(host: "127.0.0.1", port: server.server.port)) {
      try HTTPServer(host: "127.0.0.1", port: server.server.port, router: Router(), access: access) { _ in }
    }
    #expect {
      try HTTPServer(host: "no such host", port: 0, router: Router(), access: access) { _ in }
    } throws: { "\($0)".contains("no such host") }
  }

  @Test(
    "A fault of a handler is 500 with Chroma's name; what it was is in the log alone, under the same trace")
  func fault() throws {
    struct Broken: Error, CustomStringConvertible { var description: String { "it broke" } }
    let reports = Reports()
    var router = Router()
    router.on(.get, "/broken") { _ in throw Broken() }
    let server = try HTTPServer(
      host: "127.0.0.1", port: 0, router: router, access: ServerAccess(host: "127.0.0.1", key: nil)
    ) { reports.add($0) }
    defer { server.stop() }
    let connection = try RawConnection(port: server.port)
    try connection.send("GET", "/broken")
    let answer = try connection.response()
    #expect(answer.status == 500 && answer.error == "InternalError" && !answer.text.contains("it broke"))
    let trace = try #require(answer.headers["chroma-trace-id"])
    #expect(answer.text.contains(trace))
    #expect(reports.all == ["trace \(trace): 500 InternalError: it broke"])
  }
}
