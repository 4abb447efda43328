import Foundation
import MartletHTTPClient
import MartletTestScope
import Testing

@Suite("Examples in doc comments of HTTPClient")
struct DocCommentExamples {
  @Test("A request", .startsProcesses)
  func request() async throws {
    let server = try ServerScript(
      URL(filePath: #filePath).deletingLastPathComponent().appending(path: "fake_server.py").path)
    let address = server.address + "/hello"
    let client = HTTPClient(timeouts: HTTPTimeouts(silenceSeconds: 10), longestAnswer: 1 << 20)
    let answer = try await client.send(HTTPClient.Request(address))
    print(answer.head.status, String(decoding: answer.body, as: UTF8.self))

    #expect(answer.head.isSuccess)
  }

  @Test("A parser of events")
  func parser() throws {
    var parser = ServerSentEventParser()
    let events = try parser.take(Array("event: greeting\ndata: hello\ndata: there\n\n".utf8))
    print(events[0].event, events[0].data)

    #expect(events == [ServerSentEvent(event: "greeting", data: "hello\nthere")])
  }
}
