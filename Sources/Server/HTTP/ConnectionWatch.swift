import Foundation
import Synchronization

/// Ends connections whose clients take too long: a client that sends a byte now and then never looks idle, and would
/// hold one of the few connections for ever.
final class ConnectionWatch: Sendable {
  private struct State {
    var deadlines: [Int32: ContinuousClock.Instant] = [:]
    var isStopped = false
  }
  private let state = Mutex(State())

  init() {
    let thread = Thread { [weak self] in
      while let watch = self, watch.endLate() { Thread.sleep(forTimeInterval: 0.5) }
    }
    thread.name = "connection watch"
    thread.start()
  }

  /// Gives the client of a socket that long for what it has to do now.
  func expect(_ socket: Int32, within time: Duration) {
    state.withLock { $0.deadlines[socket] = .now + time }
  }

  /// Stops watching a socket: this server is at work for it, or it is about to be closed.
  func forget(_ socket: Int32) {
    state.withLock { $0.deadlines[socket] = nil }
  }

  func stop() { state.withLock { $0.isStopped = true } }

  /// False when there is nothing to watch any more.
  private func endLate() -> Bool {
    state.withLock { state in
      let now = ContinuousClock.now
      // Under the lock, so that no socket is closed, and its number used for another one, in between.
      for (socket, deadline) in state.deadlines where deadline < now {
        shutdown(socket, Int32(SHUT_RDWR))
        state.deadlines[socket] = nil
      }
      return !state.isStopped
    }
  }
}
