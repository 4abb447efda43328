/// An event of a stream that says itself where it ends.
public protocol StreamEvent: Sendable {
  /// Whether nothing comes after this event.
  var isLast: Bool { get }
}

/// The events of one generation, or of other work of that kind, as they come.
///
/// Iteration ends after the last event, or it throws: what went wrong, or `CancellationError` where the task that iterates
/// was cancelled. It never just stops, so a text that is cut off cannot be taken for a whole one.
public struct EventStream<Event: StreamEvent>: AsyncSequence, Sendable {
  /// What produces the events writes them here.
  public typealias Continuation = AsyncThrowingStream<Event, any Error>.Continuation

  private let events: AsyncThrowingStream<Event, any Error>

  /// A stream of what `build` and those to whom it hands the continuation write.
  public init(_ build: (Continuation) -> Void) { events = AsyncThrowingStream { build($0) } }

  /// Begins to iterate; a stream is iterated once.
  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(events: events.makeAsyncIterator()) }

  /// Hands out the events one by one.
  public struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate var events: AsyncThrowingStream<Event, any Error>.AsyncIterator
    private var isFinished = false

    fileprivate init(events: AsyncThrowingStream<Event, any Error>.AsyncIterator) {
      self.events = events
    }

    /// The next event, or nil after the last one.
    /// - Throws: What ended the work early: `CancellationError` where this task was cancelled.
    public mutating func next() async throws -> Event? {
      if isFinished { return nil }
      // The stream below hands out what it has gathered even to a task that is cancelled.
      guard !Task.isCancelled, let event = try await events.next() else {
        isFinished = true
        throw CancellationError()
      }
      isFinished = event.isLast
      return event
    }
  }
}

/// The events of one generation.
public typealias GenerationStream = EventStream<GenerationEvent>

extension GenerationEvent: StreamEvent {
  /// Whether the generation is finished.
  public var isLast: Bool { if case .finished = self { true } else { false } }
}
