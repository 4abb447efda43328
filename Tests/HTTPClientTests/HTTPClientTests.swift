import Foundation
import MartletHTTPClient
import MartletJSON
import MartletTestScope
import Testing

@Suite("Requests over HTTP", .startsProcesses)
struct HTTPClientTests {
  private let server: ServerScript
  private let client = HTTPClient(timeouts: HTTPTimeouts(connectSeconds: 5, silenceSeconds: 20))

  init() throws {
    server = try ServerScript(
      URL(filePath: #filePath).deletingLastPathComponent().appending(path: "fake_server.py").path)
  }

  private func request(_ path: String, _ method: String = "GET", body: String? = nil) -> HTTPClient.Request {
    HTTPClient.Request(method: method, server.address + path, body: body.map { Array($0.utf8) })
  }

  @Test("An answer comes whole, whatever its status")
  func whole() async throws {
    let answer = try await client.send(request("/hello"))
    #expect(answer.head.status == 200 && answer.body == Array("hello".utf8))
    #expect(answer.head.mediaType == "text/plain")
    #expect(try await client.send(request("/none")).head.status == 404)
    #expect(try await client.send(request("/hello", "HEAD")).body.isEmpty)
  }

  @Test("A body and its fields arrive as they were sent", arguments: ["", "a", "größe\u{0}{}"])
  func body(text: String) async throws {
    var request = request("/echo", "POST", body: text)
    request.fields["Content-Type"] = "application/json"
    request.fields.setSecret("X-Key", to: "secret")
    let echo = try JSON(parsing: try await client.send(request).body)
    #expect(echo["body"]?.stringValue == text)
    #expect(echo["fields"]?["x-key"]?.stringValue == "secret")
    #expect(echo["fields"]?["content-type"]?.stringValue == "application/json")
    #expect(echo["fields"]?["expect"] == nil)
  }

  @Test("Many requests at once do not wait for each other")
  func many() async throws {
    let answers = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<64 { group.addTask { try await client.send(request("/hello")).body.count } }
      return try await group.reduce(0, +)
    }
    #expect(answers == 64 * 5)
  }

  @Test("An answer beyond the limit is an error")
  func limit() async throws {
    let small = HTTPClient(longestAnswer: 1000)
    #expect(try await small.send(request("/big?bytes=1000")).body.count == 1000)
    await #expect(throws: HTTPClientError.tooLong(host: server.address, limit: 1000)) {
      try await small.send(request("/big?bytes=1001"))
    }
  }

  @Test("Events come one by one, though each byte comes alone")
  func events() async throws {
    let answer = try await client.stream(request("/events"))
    var events: [ServerSentEvent] = []
    for try await event in answer.body.events() { events.append(event) }
    #expect(events == [.init(event: "one", data: "größe\ntwo"), .init(data: "last")])
  }

  @Test("A cancelled task ends its transfer soon, and the server sees it", arguments: ["/slow", "/silent"])
  func cancellation(path: String) async throws {
    let task = Task { try await client.send(request(path)) }
    while server.log().isEmpty { try await Task.sleep(for: .milliseconds(10)) }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    while !server.log().contains(#"{"gone": true}"#) { try await Task.sleep(for: .milliseconds(10)) }
  }

  @Test("Whoever stops reading ends the transfer")
  func abandoned() async throws {
    do {
      let answer = try await client.stream(request("/slow"))
      for try await _ in answer.body { break }
    }
    while !server.log().contains(#"{"gone": true}"#) { try await Task.sleep(for: .milliseconds(10)) }
  }

  @Test("A connection whose answer is read to its end serves the next request, one that is dropped does not")
  func reuse() async throws {
    // All tests of the process share the connections that are kept, and a busy one may drop any of them: one try suffices.
    for _ in 0..<20 {
      let known = try server.log().count
      for discards in [true, false] {
        let answer = try await client.stream(request("/events"))
        for try await _ in answer.body.events() { break }
        if discards { answer.body.discardRest() }
      }
      // Whatever was left of the answers has come by then.
      try await Task.sleep(for: .milliseconds(300))
      _ = try await client.send(request("/hello"))
      let ports = try server.log().dropFirst(known).compactMap { try JSON(parsing: $0)["port"]?.intValue }
      #expect(ports.count == 3)
      if Set(ports).count <= 2 { return }
    }
    Issue.record("no connection served a second request")
  }

  @Test("A connection that breaks in the middle is an error, not a short answer")
  func cut() async throws {
    await #expect {
      try await client.send(request("/cut"))
    } throws: { error in
      if case HTTPClientError.broken = error { true } else { false }
    }
  }

  @Test("Silence and long answers run out of time")
  func timeouts() async throws {
    let impatient = HTTPClient(timeouts: HTTPTimeouts(silenceSeconds: 1))
    await #expect(throws: HTTPClientError.silent(host: server.address, seconds: 1)) {
      try await impatient.send(request("/silent"))
    }
    let short = HTTPClient(timeouts: HTTPTimeouts(silenceSeconds: 20, wholeSeconds: 1))
    await #expect(throws: HTTPClientError.timedOut(host: server.address, seconds: 1)) {
      try await short.send(request("/slow"))
    }
  }

  @Test("Nobody at the address is an error that names it")
  func unreachable() async throws {
    await #expect {
      try await client.send(.init("http://127.0.0.1:1/"))
    } throws: { error in
      guard case HTTPClientError.unreachable(let host, _) = error else { return false }
      return host == "http://127.0.0.1:1"
    }
  }

  @Test("A GET follows redirections, and its secrets stay with the first origin")
  func redirections() async throws {
    let other = try ServerScript(
      URL(filePath: #filePath).deletingLastPathComponent().appending(path: "fake_server.py").path)
    var request = request("/redirect?to=/echo")
    request.fields["Authorization"] = "Bearer secret"
    request.fields["Accept"] = "text/plain"
    let here = try JSON(parsing: try await client.send(request).body)
    #expect(here["fields"]?["authorization"]?.stringValue == "Bearer secret")

    request.address = server.address + "/redirect?to=\(other.address)/echo"
    let there = try JSON(parsing: try await client.send(request).body)
    #expect(there["fields"]?["authorization"] == nil)
    #expect(there["fields"]?["accept"]?.stringValue == "text/plain")

    await #expect {
      try await client.send(self.request("/redirect?to=/redirect?to=/hello", "POST", body: "x"))
    } throws: { error in
      if case HTTPClientError.redirected = error { true } else { false }
    }
    await #expect {
      try await client.send(self.request("/redirect?to=file:///etc/passwd"))
    } throws: { error in
      if case HTTPClientError.redirected = error { true } else { false }
    }
    #expect(server.log().filter { $0.contains("\"POST\"") }.count == 1)
  }

  @Test("Requests to this machine go past a proxy")
  func proxy() async throws {
    // No other test of this process sets a proxy, and none of them speaks with another machine.
    setenv("http_proxy", "http://127.0.0.1:1", 1)
    defer { unsetenv("http_proxy") }
    #expect(try await client.send(request("/hello")).head.status == 200)
  }
}
