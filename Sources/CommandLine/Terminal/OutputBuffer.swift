import Foundation
import Synchronization

/// Standard output: gathers small writes, and ends the program quietly when its reader has gone.
final class OutputBuffer: Sendable {
  private let descriptor: Int32
  private let pending = Mutex<[UInt8]>([])
  private static let limit = 1 << 16

  init(descriptor: Int32) { self.descriptor = descriptor }

  /// Adds text; it is written at the latest with ``flush()``.
  func write(_ text: String) throws(InputOutputError) {
    let isFull = pending.withLock { bytes in
      bytes.append(contentsOf: text.utf8)
      return bytes.count >= Self.limit
    }
    if isFull { try flush() }
  }

  /// Writes all that was added.
  func flush() throws(InputOutputError) {
    try pending.withLock { (bytes) throws(InputOutputError) in
      defer { bytes.removeAll(keepingCapacity: true) }
      var written = 0
      while written < bytes.count {
        let count = bytes.withUnsafeBytes { bytes in
          let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
          return Foundation.write(descriptor, rest.baseAddress, rest.count)
        }
        if count >= 0 { written += count; continue }
        if errno == EINTR { continue }
        if errno == EPIPE { endBySignal() }
        throw InputOutputError("writing standard output")
      }
    }
  }

  /// Ends as a program does that did not ignore SIGPIPE, so that shells see what they expect (`… | head`).
  private func endBySignal() -> Never {
    signal(SIGPIPE, SIG_DFL)
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    raise(SIGPIPE)
    _exit(141)
  }
}
