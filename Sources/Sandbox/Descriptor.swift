import Foundation
import MartletCSandbox

/// An open descriptor, closed when it goes out of use.
final class Descriptor {
  let number: Int32

  init(_ number: Int32) { self.number = number }

  deinit { close(number) }

  /// The two ends of a pipe, neither of which is a number that a program is given descriptors at.
  static func pipe() throws(SandboxError) -> (reader: Descriptor, writer: Descriptor) {
    var ends: [Int32] = [-1, -1]
    guard martlet_sandbox_pipe(&ends) == 0 else { throw .system("making a pipe", errno) }
    let low = ends.map { Descriptor($0) }
    var high: [Descriptor] = []
    for end in low {
      let number = fcntl(end.number, F_DUPFD_CLOEXEC, 16)
      guard number >= 0 else { throw .system("making a pipe", errno) }
      high.append(Descriptor(number))
    }
    return (high[0], high[1])
  }

  /// Has reads and writes return at once where they would wait.
  func setNonblocking() { _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK) }

  /// What a read brought.
  enum Piece {
    case bytes(Int)
    case nothingYet
    case end
  }

  /// Reads what there is into a buffer.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> Piece {
    while true {
      let count = Foundation.read(number, buffer.baseAddress, buffer.count)
      if count > 0 { return .bytes(count) }
      if count == 0 { return .end }
      if errno == EINTR { continue }
      return errno == EAGAIN ? .nothingYet : .end
    }
  }
}

extension SandboxError {
  static func system(_ doing: String, _ code: Int32) -> SandboxError {
    .system(doing: doing, reason: String(cString: strerror(code)))
  }
}
