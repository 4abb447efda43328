/// A request, read whole.
public struct HTTPRequest: Sendable {
  /// What it wants done.
  public var method: HTTPMethod
  /// What it names.
  public var target: HTTPTarget
  /// Its header fields.
  public var headers: HTTPHeaders
  /// Its body; empty while only the head has come.
  public var body: [UInt8]
  /// What stood in the path where the route's pattern has names, decoded.
  public var parameters: [String: String] = [:]

  /// Creates a request.
  public init(
    method: HTTPMethod, target: HTTPTarget, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = []
  ) {
    self.method = method
    self.target = target
    self.headers = headers
    self.body = body
  }

  /// The bytes that the head promises; nil where it does not say (a chunked body). No body at all is 0.
  var announcedBody: Int? {
    if headers["Transfer-Encoding"] != nil { return nil }
    return headers["Content-Length"].map { Int($0) ?? .max } ?? 0
  }
}
