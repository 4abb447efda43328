import Foundation
import MartletHTTPClient
import MartletTestScope
import Testing

@Suite("The example of the documentation of HTTPClient", .startsProcesses)
struct DocumentationTests {
  @Test("It compiles, and reads events")
  func example() async throws {
    let server = try ServerScript(
      URL(filePath: #filePath).deletingLastPathComponent().appending(path: "fake_server.py").path)
    let address = server.address + "/events"
    let client = HTTPClient()
    let answer = try await client.stream(HTTPClient.Request(address))
    for try await event in answer.body.events() { print(event.event, event.data) }
    #expect(answer.head.status == 200)
  }
}
