import Synchronization
import Testing

@testable import MartletProviders

/// Counts what runs at once.
private final class Tally: Sendable {
  private let counts = Mutex((now: 0, most: 0, done: 0))

  var most: Int { counts.withLock { $0.most } }
  var done: Int { counts.withLock { $0.done } }

  func begin() {
    counts.withLock {
      $0.now += 1
      $0.most = max($0.most, $0.now)
    }
  }

  func end() {
    counts.withLock {
      $0.now -= 1
      $0.done += 1
    }
  }
}

@Suite("Limits of requests")
struct RequestGateTests {
  @Test("No more at once than allowed, and all of them come through")
  func concurrency() async throws {
    let gate = RequestGate(RequestLimits(concurrent: 3))
    let tally = Tally()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<40 {
        group.addTask {
          try await gate.pass(tokens: 1) {
            tally.begin()
            try await Task.sleep(for: .milliseconds(2))
            tally.end()
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(tally.most <= 3 && tally.done == 40)
  }

  @Test("Requests and tokens of a minute wait for the next one", arguments: [true, false])
  func minute(byRequests: Bool) async throws {
    let limits =
      byRequests
      ? RequestLimits(concurrent: 9, requestsPerMinute: 3) : RequestLimits(concurrent: 9, tokensPerMinute: 30)
    let gate = RequestGate(limits, minute: .milliseconds(200))
    let start = ContinuousClock.now
    for _ in 0..<4 { try await gate.pass(tokens: 10) {} }
    #expect(ContinuousClock.now - start >= .milliseconds(200))
    // One that is larger than a minute's tokens is not refused for ever.
    try await gate.pass(tokens: 1000) {}
  }

  @Test("Whoever gives up while waiting leaves the place to others")
  func cancellation() async throws {
    let gate = RequestGate(RequestLimits(concurrent: 1))
    let (stream, signal) = AsyncStream<Void>.makeStream()
    let holder = Task {
      try await gate.pass(tokens: 0) { for await _ in stream { break } }
    }
    let waiting = Task { try await gate.pass(tokens: 0) {} }
    try await Task.sleep(for: .milliseconds(10))
    waiting.cancel()
    await #expect(throws: CancellationError.self) { try await waiting.value }
    signal.yield()
    try await holder.value
    try await gate.pass(tokens: 0) {}
  }
}
