/// Finds what answers a request by its method and path.
///
/// ```swift
/// var router = Router()
/// router.on(.get, "/greetings/{name}", "Greets") { request in
///   HTTPResponse(status: 200, body: .bytes(Array("Hello, \(request.parameters["name"] ?? "")".utf8)))
/// }
/// ```
///
/// A pattern's segments are literal, a name in braces for any one segment, or, at its end, `*` for any rest.
public struct Router: Sendable {
  /// Answers a request, on a thread of its connection's own.
  public typealias Handler = @Sendable (HTTPRequest) throws -> HTTPResponse

  private enum Segment: Sendable, Equatable {
    case literal(String)
    case parameter(String)
    case rest
  }

  private struct Route: Sendable {
    var method: HTTPMethod
    var pattern: [Segment]
    var path: String
    var summary: String
    var handler: Handler
  }

  private var routes: [Route] = []

  /// No routes.
  public init() {}

  /// Adds a route; the first that fits a request answers it.
  ///
  /// - Parameters:
  ///   - method: The method that it answers; a route for GET answers HEAD, too.
  ///   - pattern: The paths that it answers, as described above.
  ///   - summary: What it does, in a few words, for the API's description, which leaves out routes without one.
  ///   - handler: What answers; it finds the segments that the pattern names in ``HTTPRequest/parameters``.
  public mutating func on(
    _ method: HTTPMethod, _ pattern: String, _ summary: String = "", _ handler: @escaping Handler
  ) {
    let segments = pattern.split(separator: "/").map { text -> Segment in
      if text == "*" { return .rest }
      return text.hasPrefix("{") ? .parameter(String(text.dropFirst().dropLast())) : .literal(String(text))
    }
    routes.append(
      Route(method: method, pattern: segments, path: pattern, summary: summary, handler: handler))
  }

  /// The routes that have a summary, in the order in which they were added.
  var summaries: [(method: HTTPMethod, path: String, summary: String)] {
    routes.filter { !$0.summary.isEmpty }.map { ($0.method, $0.path, $0.summary) }
  }

  /// Answers a request.
  ///
  /// - Throws: 404 where no route has the path, 405 where none of those has the method, and what the handler throws.
  public func answer(_ request: HTTPRequest) throws -> HTTPResponse {
    var allowed: [HTTPMethod] = []
    for route in routes {
      guard let parameters = Self.parameters(of: route.pattern, in: request.target.path) else { continue }
      if route.method == request.method || (route.method == .get && request.method == .head) {
        var request = request
        request.parameters = parameters
        return try route.handler(request)
      }
      allowed.append(route.method)
      if route.method == .get { allowed.append(.head) }
    }
    guard !allowed.isEmpty else {
      throw HTTPError.notFound("There is nothing at /\(request.target.path.joined(separator: "/")).")
    }
    throw HTTPError(
      status: 405, message: "\(request.method.rawValue) is not allowed here.",
      headers: ["Allow": allowed.map(\.rawValue).joined(separator: ", ")])
  }

  private static func parameters(of pattern: [Segment], in path: [String]) -> [String: String]? {
    let isOpen = pattern.last == .rest
    guard isOpen ? path.count >= pattern.count - 1 : path.count == pattern.count else { return nil }
    var parameters: [String: String] = [:]
    for (segment, text) in zip(pattern, path) {
      switch segment {
      case .literal(let literal): if !literal.utf8.elementsEqual(text.utf8) { return nil }
      case .parameter(let name):
        if text.isEmpty { return nil }
        parameters[name] = text
      case .rest: break
      }
    }
    return parameters
  }
}
