/// The server-sent events of a body, one by one as they come.
///
/// An event that the end of the body cuts is thrown away, as the standard says: whoever needs to know whether the stream
/// was complete looks for the event that the protocol ends with.
public struct ServerSentEvents: AsyncSequence, Sendable {
  /// The bytes that the events are in.
  public let body: HTTPBody
  let longestEvent: Int

  /// Begins to read.
  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(body: body.makeAsyncIterator(), parser: ServerSentEventParser(longestEvent: longestEvent))
  }

  /// Hands out the events.
  public struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate var body: HTTPBody.AsyncIterator
    fileprivate var parser: ServerSentEventParser
    private var waiting: ArraySlice<ServerSentEvent> = []

    fileprivate init(body: HTTPBody.AsyncIterator, parser: ServerSentEventParser) {
      self.body = body
      self.parser = parser
    }

    /// The next event, or nil after the last one.
    public mutating func next() async throws -> ServerSentEvent? {
      while true {
        if let event = waiting.popFirst() { return event }
        guard let bytes = try await body.next() else { return nil }
        waiting = try parser.take(bytes)[...]
      }
    }
  }
}
