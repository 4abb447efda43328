/// How much a model is asked at once and in a minute.
public struct RequestLimits: Sendable, Equatable {
  /// The most requests at once.
  public var concurrent: Int
  /// The most requests that begin within any minute; nil sets no limit.
  public var requestsPerMinute: Int?
  /// The most tokens that are asked for within any minute, prompts and longest answers together; nil sets no limit. A
  /// request that is larger than this alone waits until nothing else is counted.
  public var tokensPerMinute: Int?

  /// Limits.
  public init(concurrent: Int = 8, requestsPerMinute: Int? = nil, tokensPerMinute: Int? = nil) {
    self.concurrent = max(1, concurrent)
    self.requestsPerMinute = requestsPerMinute.map { max(1, $0) }
    self.tokensPerMinute = tokensPerMinute.map { max(1, $0) }
  }
}

/// Lets requests through as their limits allow, in the order of their coming.
actor RequestGate {
  private let limits: RequestLimits
  private let minute: Duration
  private var running = 0
  private var next = 0
  private var waiting: [(number: Int, continuation: CheckedContinuation<Void, any Error>)] = []
  private var begun: [(time: ContinuousClock.Instant, tokens: Int)] = []

  /// - Parameter minute: What counts as a minute.
  init(_ limits: RequestLimits, minute: Duration = .seconds(60)) {
    self.limits = limits
    self.minute = minute
  }

  /// Does `work` when it is its turn.
  nonisolated func pass<Result: Sendable>(
    tokens: Int, _ work: @Sendable () async throws -> Result
  ) async throws -> Result {
    try await enter(tokens: tokens)
    do {
      let result = try await work()
      await leave()
      return result
    } catch {
      await leave()
      throw error
    }
  }

  private func enter(tokens: Int) async throws {
    try await takePlace()
    do {
      while let wait = delay(tokens: tokens) { try await Task.sleep(for: wait) }
      try Task.checkCancellation()
      begun.append((.now, tokens))
    } catch {
      leave()
      throw error
    }
  }

  private func takePlace() async throws {
    guard running >= limits.concurrent else { running += 1; return }
    next += 1
    let number = next
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        if Task.isCancelled {
          continuation.resume(throwing: CancellationError())
        } else {
          waiting.append((number, continuation))
        }
      }
    } onCancel: {
      Task { await self.giveUp(number) }
    }
  }

  private func giveUp(_ number: Int) {
    guard let index = waiting.firstIndex(where: { $0.number == number }) else { return }
    waiting.remove(at: index).continuation.resume(throwing: CancellationError())
  }

  /// Hands the place on to whoever has waited longest.
  private func leave() {
    if waiting.isEmpty { running -= 1 } else { waiting.removeFirst().continuation.resume() }
  }

  /// How long the limits of a minute make a request wait; nil where it may begin.
  private func delay(tokens: Int) -> Duration? {
    let now = ContinuousClock.now
    begun.removeAll { now - $0.time >= minute }
    guard let first = begun.first else { return nil }
    let isFull =
      limits.requestsPerMinute.map { begun.count >= $0 } ?? false
      || limits.tokensPerMinute.map { begun.reduce(tokens) { $0 + $1.tokens } > $0 } ?? false
    return isFull ? max(.milliseconds(1), minute - (now - first.time)) : nil
  }
}
