import Foundation

/// Requests over HTTP, made by tasks. No request holds a thread of the task's: one thread of the client's own speaks with
/// all servers.
///
/// A request to this machine never goes through a proxy. A GET or HEAD follows up to ten redirections, never from https
/// to http, and its secret fields go to the first origin alone; other methods follow none. Nothing is tried again.
///
/// ```swift
/// let client = HTTPClient(timeouts: HTTPTimeouts(silenceSeconds: 10), longestAnswer: 1 << 20)
/// let answer = try await client.send(HTTPClient.Request(address))
/// print(answer.head.status, String(decoding: answer.body, as: UTF8.self))
/// ```
public struct HTTPClient: Sendable {
  /// How long a request may take.
  public var timeouts: HTTPTimeouts
  /// The most bytes that an answer's body may have.
  public var longestAnswer: Int

  private static let maximumRedirections = 10

  /// A client.
  public init(timeouts: HTTPTimeouts = HTTPTimeouts(), longestAnswer: Int = 64 << 20) {
    self.timeouts = timeouts
    self.longestAnswer = max(0, longestAnswer)
  }

  /// An answer, whole.
  public struct Response: Sendable, Equatable {
    /// The status and the header fields.
    public var head: HTTPResponseHead
    /// The body.
    public var body: [UInt8]

    /// An answer.
    public init(head: HTTPResponseHead, body: [UInt8]) {
      self.head = head
      self.body = body
    }
  }

  /// An answer whose body is still to come.
  public struct StreamedResponse: Sendable {
    /// The status and the header fields.
    public let head: HTTPResponseHead
    /// The body as it comes. Whoever stops reading it ends the transfer.
    public let body: HTTPBody
  }

  /// Sends a request and waits for the whole answer, whatever its status.
  /// - Throws: ``HTTPClientError``; `CancellationError` soon after the task is cancelled.
  public func send(_ request: Request) async throws -> Response {
    let answer = try await stream(request)
    return Response(head: answer.head, body: try await answer.body.all())
  }

  /// Sends a request and waits for the head of the answer, whatever its status.
  /// - Throws: ``HTTPClientError``; `CancellationError` soon after the task is cancelled.
  public func stream(_ request: Request) async throws -> StreamedResponse {
    var request = request
    for _ in 0...Self.maximumRedirections {
      let answer = try await exchange(request)
      guard answer.head.isRedirection, let location = answer.head.fields["location"] else { return answer }
      request = try Self.redirect(request, to: location)
    }
    throw HTTPClientError.redirected(
      host: Self.host(request), reason: "there are more than \(Self.maximumRedirections)")
  }

  private func exchange(_ request: Request) async throws -> StreamedResponse {
    try request.check()
    try Task.checkCancellation()
    let parts = TransferThread.shared.start(request, self)
    var iterator = parts.makeAsyncIterator()
    guard case .head(let head)? = try await iterator.next() else {
      try Task.checkCancellation()
      throw HTTPClientError.broken(host: Self.host(request), reason: "there is no answer")
    }
    return StreamedResponse(head: head, body: HTTPBody(parts: parts))
  }

  private static func redirect(_ request: Request, to location: String) throws(HTTPClientError) -> Request {
    guard request.method == "GET" || request.method == "HEAD" else {
      throw .redirected(host: host(request), reason: "a \(request.method) would be sent twice")
    }
    guard let here = HTTPOrigin(request.address),
      let address = URL(string: location, relativeTo: URL(string: request.address))?.absoluteString,
      let there = HTTPOrigin(address)
    else { throw .redirected(host: host(request), reason: "it does not lead to an address") }
    guard here.scheme == there.scheme || there.scheme == "https" else {
      throw .redirected(host: host(request), reason: "it leads from https to http")
    }
    var next = request
    next.address = address
    if here != there { next.fields = request.fields.withoutSecrets }
    return next
  }

  private static func host(_ request: Request) -> String {
    HTTPOrigin(request.address)?.description ?? "the server"
  }
}
