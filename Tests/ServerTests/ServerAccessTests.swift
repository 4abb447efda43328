import Testing

@testable import MartletServer

@Suite("Who may ask")
struct ServerAccessTests {
  private func refusal(_ access: ServerAccess, _ headers: HTTPHeaders) throws -> HTTPError? {
    access.refusal(of: HTTPRequest(method: .get, target: try HTTPTarget("/"), headers: headers))
  }

  @Test(
    "On a loopback address only loopback names are answered",
    arguments: ["localhost", "LOCALHOST:80", "127.0.0.1", "127.0.0.1:8000", "[::1]", "[::1]:8000"])
  func loopbackNames(_ host: String) throws {
    #expect(try refusal(ServerAccess(host: "127.0.0.1", key: nil), ["Host": host]) == nil)
  }

  @Test(
    "Any other name is 403: a web page may have pointed it here",
    arguments: ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "[::2]", "127.0.0.2"])
  func otherNames(_ host: String) throws {
    let refusal = try refusal(ServerAccess(host: "127.0.0.1", key: nil), ["Host": host])
    #expect(refusal?.status == 403)
    #expect(refusal?.message.contains("host") == true)
  }

  @Test("The host that was named is answered, and on all addresses any name")
  func namedHost() throws {
    #expect(
      try refusal(ServerAccess(host: "Tower.lan", key: "k"), ["Host": "tower.lan:80", "X-Chroma-Token": "k"])
        == nil)
    for host in ["0.0.0.0", "::"] {
      #expect(
        try refusal(ServerAccess(host: host, key: "k"), ["Host": "any.lan", "X-Chroma-Token": "k"]) == nil)
    }
  }

  @Test("An address that others reach needs a key", arguments: ["0.0.0.0", "::", "192.168.1.5", "tower.lan"])
  func keyIsNeeded(_ host: String) {
    #expect(throws: ServerError.noKey(host: host)) { try ServerAccess(host: host, key: nil) }
  }

  @Test("The key may come as Bearer or as X-Chroma-Token; without one 401, with another 403")
  func keys() throws {
    let access = try ServerAccess(host: "127.0.0.1", key: "swift")
    let host = ("Host", "localhost")
    func status(_ name: String, _ value: String) throws -> Int? {
      var headers: HTTPHeaders = [host.0: host.1]
      headers.append(name, value)
      return try refusal(access, headers)?.status
    }
    #expect(try status("Authorization", "Bearer swift") == nil)
    #expect(try status("authorization", "bearer swift") == nil)
    #expect(try status("X-Chroma-Token", "swift") == nil)
    #expect(try status("Accept", "*/*") == 401)
    #expect(try status("Authorization", "Basic swift") == 401)
    for wrong in ["", "swif", "swifts", "swiftswift", "Swift", "swallow"] {
      #expect(try status("X-Chroma-Token", wrong) == 403, "\(wrong)")
    }
  }

  @Test("A body must be JSON by its type, which no web page can send unasked")
  func contentType() throws {
    let access = try ServerAccess(host: "127.0.0.1", key: nil)
    func status(_ type: String?) throws -> Int? {
      var headers: HTTPHeaders = ["Host": "localhost", "Content-Length": "2"]
      if let type { headers.append("Content-Type", type) }
      return try refusal(access, headers)?.status
    }
    #expect(try status("application/json") == nil)
    #expect(try status("Application/JSON; charset=utf-8") == nil)
    for type in [nil, "text/plain", "application/x-www-form-urlencoded", "application/jsonp"] {
      #expect(try status(type) == 415)
    }
  }
}
