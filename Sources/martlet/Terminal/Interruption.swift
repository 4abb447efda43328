import Foundation
import Synchronization

/// Ctrl-C, as something that work can ask about and be told of.
///
/// SIGINT and SIGTERM are taken by one thread that waits for them, so handlers are ordinary code. The first one calls
/// the handler of the work at hand; a second one, or one that nobody handles, ends the program.
final class Interruption: Sendable {
  static let shared = Interruption()

  private let handler = Mutex<(@Sendable () -> Void)?>(nil)
  private let count = Atomic<Int>(0)

  /// Whether Ctrl-C was pressed since the last ``handle(with:during:)`` began.
  var isRequested: Bool { count.load(ordering: .acquiring) > 0 }

  /// Starts to listen. Called once, before any other thread is started, so that all threads leave the signals alone.
  func start() {
    signal(SIGPIPE, SIG_IGN)
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    let awaited = signals
    let thread = Thread {
      var signals = awaited
      while true {
        var number: Int32 = 0
        guard sigwait(&signals, &number) == 0 else { continue }
        self.receive(number)
      }
    }
    thread.start()
  }

  /// Does `work`, calling `handler` when Ctrl-C is pressed meanwhile.
  func handle<Result: Sendable>(
    with newHandler: @escaping @Sendable () -> Void, during work: @Sendable () async throws -> Result
  ) async rethrows -> Result {
    count.store(0, ordering: .releasing)
    let outer = handler.withLock { current in
      defer { current = newHandler }
      return current
    }
    defer {
      handler.withLock { $0 = outer }
      count.store(0, ordering: .releasing)
    }
    return try await work()
  }

  private func receive(_ number: Int32) {
    let earlier = count.add(1, ordering: .acquiringAndReleasing).oldValue
    if earlier == 0, let handler = handler.withLock({ $0 }) {
      handler()
    } else {
      // Whatever was written is durable: stores and downloads survive a kill.
      _exit(number == SIGTERM ? 143 : ExitStatus.interrupted.rawValue)
    }
  }
}

extension Interruption {
  /// Ends the program as an interruption does, from work that cannot throw.
  static func end(_ console: Console) -> Never {
    console.setStatus("")
    console.note("Interrupted.\n")
    try? console.finishOutput()
    exit(ExitStatus.interrupted.rawValue)
  }
}
