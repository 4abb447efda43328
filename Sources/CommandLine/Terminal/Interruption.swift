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
    /// Tells the person that it is being broken off, where that may take a while.
    var announce: (@Sendable () -> Void)?
    /// Tells the person that the program ends now, where the work at hand leaves nothing behind.
    var end: (@Sendable () -> Void)?
    /// Whether that was asked for already.
    var isRequested = false
  }
  private let state = Mutex(State())

  /// Starts to listen. Called once, before any other thread is started, so that all threads leave the signals alone.
  func start() {
    signal(SIGPIPE, SIG_IGN)
    // A write beyond the limit of file sizes fails then, and what was written goes away again.
    signal(SIGXFSZ, SIG_IGN)
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

  /// Does `work`, whose steps may take a while to end: Ctrl-C is answered at once.
  func announcing<Value>(on console: Console, _ work: () throws -> Value) rethrows -> Value {
    state.withLock { state in
      state.announce = { console.note("Stopping after the work at hand. Ctrl-C again ends at once.\n") }
    }
    defer { state.withLock { $0.announce = nil } }
    return try work()
  }

  /// Does `work`, which leaves nothing behind and cannot be broken off: Ctrl-C ends the program at once.
  func endingAtOnce<Value>(on console: Console, _ work: () throws -> Value) rethrows -> Value {
    state.withLock { state in
      state.end = {
        console.setStatus("")
        console.note("Interrupted.\n")
      }
    }
    defer { state.withLock { $0.end = nil } }
    return try work()
  }

  private func receive(_ number: Int32) {
    if let end = state.withLock({ $0.end }) {
      end()
      _exit(number == SIGTERM ? 143 : ExitStatus.interrupted.rawValue)
    }
    let (cancel, announce) = state.withLock { state in
      defer { state.isRequested = true }
      return state.isRequested ? (nil, nil) : (state.cancel, state.announce)
    }
    // Whoever waits for a person's line does not look up. Whatever was written is durable: stores and downloads survive
    // a kill.
    guard !LineEditor.restoreTerminal(), let cancel else {
      _exit(number == SIGTERM ? 143 : ExitStatus.interrupted.rawValue)
    }
    announce?()
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
