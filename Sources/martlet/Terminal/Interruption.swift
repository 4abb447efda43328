import Foundation
import Synchronization

/// Ctrl-C, as something that work can ask about and be told of.
///
/// SIGINT and SIGTERM are taken by one thread that waits for them, so no handler of signals is at work. The first one
/// cancels the task of the work at hand; a second one, or one when there is no such task, ends the program.
final class Interruption: Sendable {
  static let shared = Interruption()

  private struct State {
    /// Breaks off the work at hand.
    var cancel: (@Sendable () -> Void)?
    /// Whether that was asked for already.
    var isRequested = false
  }
  private let state = Mutex(State())

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

  /// Does `work` in a task that Ctrl-C cancels, from its first moment on; what was at hand before has to wait.
  func cancelling<Value: Sendable, Failure: Error>(
    _ work: @escaping @Sendable () async throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    // One lock around both: a signal between the start and the note of it would go to what was at hand before.
    let (task, outer) = state.withLock { state in
      let task = Task { () -> Result<Value, Failure> in
        do throws(Failure) { return .success(try await work()) } catch { return .failure(error) }
      }
      let outer = state
      state = State(cancel: { task.cancel() })
      return (task, outer)
    }
    defer { state.withLock { $0 = outer } }
    return try await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }.get()
  }

  private func receive(_ number: Int32) {
    let cancel = state.withLock { state in
      defer { state.isRequested = true }
      return state.isRequested ? nil : state.cancel
    }
    // Whoever waits for a person's line does not look up. Whatever was written is durable: stores and downloads survive
    // a kill.
    guard !LineEditor.restoreTerminal(), let cancel else {
      _exit(number == SIGTERM ? 143 : ExitStatus.interrupted.rawValue)
    }
    cancel()
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
