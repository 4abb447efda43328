/// Requests to servers, one after the other, each of which holds the calling thread until the answer is there: for code
/// that runs in threads of its own. Connections stay open from one request to the next.
///
/// One thread uses it at a time. Tasks use ``HTTPClient``, which holds no thread.
package final class HTTPConnection {
  private let multi: CurlMulti

  /// How soon a cancellation is noticed.
  private static let stepMilliseconds: Int32 = 50

  package init() throws(HTTPClientError) { multi = try CurlMulti() }

  deinit { multi.close() }

  /// Performs a request, and waits until the answer is there.
  /// - Returns: Where a redirection leads, which is not followed; nil where there is none.
  /// - Throws: What the receiver throws; ``HTTPClientError``, of it ``HTTPClientError/cancelled`` soon after
  ///   `isCancelled` says so.
  package func perform(
    _ request: HTTPClient.Request, timeouts: HTTPTimeouts, receiver: any HTTPReceiver,
    isCancelled: () -> Bool
  ) throws -> String? {
    let transfer = try CurlTransfer(request, timeouts: timeouts, receiver: receiver)
    try multi.add(transfer)
    defer { multi.remove(transfer) }
    while true {
      if isCancelled() { throw HTTPClientError.cancelled }
      if let done = try multi.advance().first(where: { $0.handle == transfer.handle }) {
        if let failure = transfer.failure(done.code) { throw failure }
        return transfer.redirection
      }
      multi.wait(milliseconds: Self.stepMilliseconds)
    }
  }

  /// Performs a request and gives the answer whole. Redirections are not followed.
  package func send(
    _ request: HTTPClient.Request, timeouts: HTTPTimeouts, longestAnswer: Int, isCancelled: () -> Bool
  ) throws -> HTTPClient.Response {
    let gathered = GatheredAnswer(
      host: HTTPOrigin(request.address)?.description ?? "", longest: longestAnswer)
    _ = try perform(request, timeouts: timeouts, receiver: gathered, isCancelled: isCancelled)
    return HTTPClient.Response(head: gathered.head, body: gathered.body)
  }
}

/// An answer that is kept whole.
private final class GatheredAnswer: HTTPReceiver {
  private(set) var head = HTTPResponseHead(status: 0)
  private(set) var body: [UInt8] = []
  private let host: String
  private let longest: Int

  init(host: String, longest: Int) {
    self.host = host
    self.longest = longest
  }

  func begin(_ head: HTTPResponseHead) -> Bool {
    self.head = head
    return true
  }

  func receive(_ bytes: UnsafeRawBufferPointer) throws {
    guard bytes.count <= longest - body.count else {
      throw HTTPClientError.tooLong(host: host, limit: longest)
    }
    body.append(contentsOf: bytes)
  }
}
