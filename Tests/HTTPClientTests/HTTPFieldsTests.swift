import MartletHTTPClient
import Testing

@Suite("Fields, heads and origins")
struct HTTPFieldsTests {
  private let secret = "sk-top-secret"

  @Test("Secrets are in no description, no dump and no error")
  func secrets() {
    var fields: HTTPFields = ["Authorization": "Bearer \(secret)", "Accept": "text/plain"]
    fields.setSecret("X-Custom", to: secret)
    let request = HTTPClient.Request("http://example.org/", fields: fields)
    var dumped = ""
    dump(request, to: &dumped)
    for text in ["\(fields)", fields.debugDescription, "\(request)", String(reflecting: request), dumped] {
      #expect(!text.contains(secret))
      #expect(text.contains("text/plain"))
    }
    #expect(fields["authorization"] == "Bearer \(secret)")
  }

  @Test("A field with a line break is refused, without its value")
  func injection() async {
    let request = HTTPClient.Request("http://127.0.0.1:1/", fields: ["X-Key": "a\r\nHost: evil"])
    await #expect(throws: HTTPClientError.invalidField(name: "X-Key")) {
      try await HTTPClient().send(request)
    }
  }

  @Test(
    "Addresses that are none are refused",
    arguments: ["", "file:///etc/passwd", "ftp://example.org/", "http://", "example.org"])
  func addresses(address: String) async {
    await #expect(throws: HTTPClientError.self) { try await HTTPClient().send(.init(address)) }
  }

  @Test("Loopback addresses are recognised, and only those")
  func loopback() throws {
    for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "[::1]", "a.localhost"] {
      #expect(try #require(HTTPOrigin("http://\(host):80/x")).isLoopback, "\(host)")
    }
    for host in ["127.0.0.1.example.org", "localhost.example.org", "128.0.0.1", "example.org"] {
      #expect(try #require(HTTPOrigin("http://\(host)/x")).isLoopback == false, "\(host)")
    }
    #expect(HTTPOrigin("https://a.b:443/x") == HTTPOrigin("https://A.B/y"))
    #expect(HTTPOrigin("http://a.b:8080/x")?.description == "http://a.b:8080")
  }

  @Test("How long a server asks to be left alone")
  func retryAfter() {
    func wish(_ fields: [String: String]) -> Duration? {
      HTTPResponseHead(status: 429, fields: fields).retryAfter(now: 1_000_000_000)
    }
    #expect(wish(["retry-after": "2"]) == .seconds(2))
    #expect(wish(["retry-after": "0.5"]) == .milliseconds(500))
    #expect(wish(["retry-after-ms": "250", "retry-after": "9"]) == .milliseconds(250))
    #expect(wish(["retry-after": "Sun, 09 Sep 2001 01:46:50 GMT"]) == .seconds(10))
    #expect(wish(["retry-after": "Sun, 09 Sep 2001 01:46:30 GMT"]) == .zero)
    #expect(wish(["retry-after": "soon"]) == nil)
    #expect(wish(["retry-after": "1e300"]) == .seconds(1_000_000))
    #expect(wish([:]) == nil)
  }
}
