/// Who may ask this server at all. It is looked at when a request's head has come, before its body is read.
public struct ServerAccess: Sendable {
  /// The names that a Host header may have, in lower case; nil where any will do.
  private let hosts: Set<String>?
  private let key: [UInt8]?

  /// Creates the rules of a server on a host.
  ///
  /// On a loopback address only loopback names and `host` itself are answered: a web page may point a name of its own
  /// at 127.0.0.1 (DNS rebinding), and its requests then carry that name. On all addresses (`0.0.0.0`, `::`) any name
  /// will do, since no page knows the key.
  ///
  /// - Parameters:
  ///   - host: The address or name that the server listens on.
  ///   - key: What clients must send; nil asks for nothing.
  /// - Throws: Where the address is not a loopback one and there is no key.
  public init(host: String, key: String?) throws(ServerError) {
    let isLoopback = Self.loopbackNames.contains(host.lowercased()) || host.hasPrefix("127.")
    guard isLoopback || key != nil else { throw .noKey(host: host) }
    let listensEverywhere = ["0.0.0.0", "::", "*"].contains(host)
    hosts = listensEverywhere ? nil : Self.loopbackNames.union([host.lowercased()])
    self.key = key.map { Array($0.utf8) }
  }

  private static let loopbackNames: Set<String> = ["localhost", "127.0.0.1", "::1"]

  /// Why a request is not answered; nil where it is.
  func refusal(of request: HTTPRequest) -> HTTPError? {
    if let hosts, !hosts.contains(Self.hostName(request.headers["Host"] ?? "")) {
      return HTTPError(
        status: 403, name: "AuthError",
        message:
          "This server does not answer for the host \"\(request.headers["Host"] ?? "")\". Ask it as localhost, "
          + "or start it with --host and that name.")
    }
    guard let key else { return bodyRefusal(of: request) }
    guard let given = Self.key(in: request.headers) else {
      return HTTPError(
        status: 401, name: "AuthorizationError",
        message:
          "This server wants an API key: send it as Authorization: Bearer KEY or as X-Chroma-Token: KEY.",
        headers: ["WWW-Authenticate": "Bearer"])
    }
    guard Self.isEqual(given, key) else {
      return HTTPError(status: 403, name: "AuthError", message: "That is not this server's API key.")
    }
    return bodyRefusal(of: request)
  }

  /// A web page may send other types of body to any server without asking it first, JSON not.
  private func bodyRefusal(of request: HTTPRequest) -> HTTPError? {
    guard request.announcedBody != 0 else { return nil }
    let type = (request.headers["Content-Type"] ?? "").prefix { $0 != ";" && $0 != " " }
    guard !equalWithoutCase(type.utf8, "application/json".utf8) else { return nil }
    return HTTPError(status: 415, message: "Expected request with `Content-Type: application/json`")
  }

  /// The host of a Host header, without its port and the brackets of IPv6, in lower case.
  private static func hostName(_ header: String) -> String {
    if header.hasPrefix("[") { return header.dropFirst().prefix { $0 != "]" }.lowercased() }
    return header.prefix { $0 != ":" }.lowercased()
  }

  private static func key(in headers: HTTPHeaders) -> [UInt8]? {
    if let token = headers["X-Chroma-Token"] { return Array(token.utf8) }
    guard let authorization = headers["Authorization"] else { return nil }
    let words = authorization.split(separator: " ", maxSplits: 1)
    guard words.count == 2, equalWithoutCase(words[0].utf8, "bearer".utf8) else { return nil }
    return Array(words[1].utf8)
  }

  /// Takes as long for a key that is wrong at its first byte as for one that is wrong at its last.
  private static func isEqual(_ given: [UInt8], _ key: [UInt8]) -> Bool {
    guard !key.isEmpty else { return given.isEmpty }
    var difference = UInt(bitPattern: given.count ^ key.count)
    for (index, byte) in given.enumerated() { difference |= UInt(byte ^ key[index % key.count]) }
    return difference == 0
  }
}
