/// The events of one generation, as they come.
///
/// Iteration ends after ``GenerationEvent/finished(_:)``, or it throws: what went wrong, or `CancellationError` where the
/// task that iterates was cancelled. It never just stops, so a text that is cut off cannot be taken for a whole one.
public struct GenerationStream: AsyncSequence, Sendable {
  /// What produces the events writes them here.
  public typealias Continuation = AsyncThrowingStream<GenerationEvent, any Error>.Continuation

  private let events: AsyncThrowingStream<GenerationEvent, any Error>

  /// A stream of what `build` and those to whom it hands the continuation write.
  public init(_ build: (Continuation) -> Void) { events = AsyncThrowingStream { build($0) } }

  /// Begins to iterate; a stream is iterated once.
  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(events: events.makeAsyncIterator()) }

  /// Hands out the events one by one.
  public struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate var events: AsyncThrowingStream<GenerationEvent, any Error>.AsyncIterator
    private var isFinished = false

    fileprivate init(events: AsyncThrowingStream<GenerationEvent, any Error>.AsyncIterator) {
      self.events = events
    }

    /// The next event, or nil after the last one.
    /// - Throws: What ended the generation early: `CancellationError` where this task was cancelled.
    public mutating func next() async throws -> GenerationEvent? {
      if isFinished { return nil }
      // A stream hands out what it has gathered even to a task that is cancelled.
      guard !Task.isCancelled, let event = try await events.next() else {
        isFinished = true
        throw CancellationError()
      }
      if case .finished = event { isFinished = true }
      return event
    }
  }
}
