#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A program that is run with limits on its time and memory, whose output is read as it comes.
struct ChildProcess {
  /// How the program ended.
  enum Ending: Sendable, Equatable {
    case exited(Int32)
    case signalled(Int32)
    case timedOut
    /// The program could not be started.
    case notStarted
  }

  /// The most memory that the program may map, in bytes.
  var memoryLimit: Int
  /// The most processor time, and the most time by the clock, in seconds.
  var timeLimit: Int

  /// Runs `program` with `arguments` and hands its standard output to `body`.
  ///
  /// The limits are set by `/bin/sh`, which then becomes the program: they hold from its first instruction. Should
  /// `body` throw, the program is killed and the error passed on.
  ///
  /// - Returns: How it ended, and the first 64 KiB of its standard error.
  func run(
    _ program: String, _ arguments: [String], _ body: ([UInt8]) throws -> Void
  ) throws -> (ending: Ending, errors: String) {
    let script = "ulimit -v \(memoryLimit / 1024) 2>/dev/null; ulimit -t \(timeLimit); exec \"$0\" \"$@\""
    let argv = ["/bin/sh", "-c", script, program] + arguments
    guard let output = Pipe(), let errors = Pipe() else {
      return (.notStarted, SystemError(number: errno).reason)
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output.writer, 1)
    posix_spawn_file_actions_adddup2(&actions, errors.writer, 2)
    var pid = pid_t()
    var pointers: [UnsafeMutablePointer<CChar>?] = argv.map { strdup($0) } + [nil]
    defer { pointers.forEach { free($0) } }
    let code = posix_spawn(&pid, "/bin/sh", &actions, nil, &pointers, environ)
    output.closeWriter()
    errors.closeWriter()
    guard code == 0 else { return (.notStarted, SystemError(number: code).reason) }

    var message = [UInt8]()
    var timedOut = false
    do {
      timedOut = try !Self.drain(output, errors, seconds: timeLimit, &message, body)
    } catch {
      kill(pid, SIGKILL)
      _ = Self.wait(pid)
      throw error
    }
    if timedOut { kill(pid, SIGKILL) }
    let ending = Self.wait(pid)
    return (timedOut ? .timedOut : ending, String(decoding: message, as: UTF8.self))
  }

  /// Reads both pipes to their ends; false where the time ran out before.
  private static func drain(
    _ output: Pipe, _ errors: Pipe, seconds: Int, _ message: inout [UInt8], _ body: ([UInt8]) throws -> Void
  ) throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    var open = [output.reader, errors.reader]
    while !open.isEmpty {
      let left = deadline - ContinuousClock.now
      guard left > .zero else { return false }
      var polls = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      let milliseconds = Int32(clamping: left.components.seconds * 1000 + 1)
      guard poll(&polls, nfds_t(polls.count), milliseconds) >= 0 || errno == EINTR else { return false }
      for item in polls where item.revents != 0 {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let got = read(item.fd, &buffer, buffer.count)
        if got < 0 && errno == EINTR { continue }
        if got <= 0 {
          open.removeAll { $0 == item.fd }
        } else if item.fd == output.reader {
          try body(Array(buffer[..<got]))
        } else if message.count < 65536 {
          message += buffer[..<got]
        }
      }
    }
    return true
  }

  private static func wait(_ pid: pid_t) -> Ending {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 {
      if errno != EINTR { return .notStarted }
    }
    let signal = status & 0x7F
    return signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
  }
}

/// The two ends of a pipe, closed when it goes out of use and not inherited by other programs.
private final class Pipe {
  let reader: Int32
  private(set) var writer: Int32

  init?() {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    (reader, writer) = (ends[0], ends[1])
    _ = fcntl(reader, F_SETFD, FD_CLOEXEC)
    _ = fcntl(writer, F_SETFD, FD_CLOEXEC)
  }

  func closeWriter() {
    if writer >= 0 { close(writer) }
    writer = -1
  }

  deinit {
    close(reader)
    closeWriter()
  }
}
