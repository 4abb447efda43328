/// The body of an answer, piece by piece as it comes. It is read once.
///
/// Reading ends after the last piece, or it throws: ``HTTPClientError`` where the connection broke, `CancellationError`
/// where the task was cancelled.
public struct HTTPBody: AsyncSequence, Sendable {
  let parts: TransferThread.Parts

  /// Begins to read.
  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(parts: parts.makeAsyncIterator()) }

  /// Hands out the pieces.
  public struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate var parts: TransferThread.Parts.AsyncIterator

    fileprivate init(parts: TransferThread.Parts.AsyncIterator) { self.parts = parts }

    /// The next piece, or nil after the last one.
    public mutating func next() async throws -> [UInt8]? {
      try Task.checkCancellation()
      while let part = try await parts.next() {
        if case .bytes(let bytes) = part { return bytes }
      }
      // A stream whose task is cancelled ends like one that is complete.
      try Task.checkCancellation()
      return nil
    }
  }

  /// Reads what is left of the body in the background, for a moment at most: a connection whose answer was read to its end
  /// serves the next request, and one whose answer is dropped is closed.
  public func discardRest(within limit: Duration = .seconds(2)) {
    let rest = Task { for try await _ in self {} }
    Task {
      try? await Task.sleep(for: limit)
      rest.cancel()
    }
  }

  /// The whole body.
  public func all() async throws -> [UInt8] {
    var bytes: [UInt8] = []
    for try await piece in self { bytes += piece }
    return bytes
  }

  /// The body as server-sent events.
  /// - Parameter longestEvent: The most bytes of one event.
  public func events(longestEvent: Int = 16 << 20) -> ServerSentEvents {
    ServerSentEvents(body: self, longestEvent: longestEvent)
  }
}
