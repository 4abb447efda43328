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
    /// The task that ran it was cancelled, and it was killed.
    case cancelled
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
  /// `body` throw, or the task be cancelled, the program is killed.
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
    var attributes = Self.attributesWithDefaultSignals()
    defer { posix_spawnattr_destroy(&attributes) }
    var pid = pid_t()
    var pointers: [UnsafeMutablePointer<CChar>?] = argv.map { strdup($0) } + [nil]
    defer { pointers.forEach { free($0) } }
    let code = posix_spawn(&pid, "/bin/sh", &actions, &attributes, &pointers, environ)
    output.closeWriter()
    errors.closeWriter()
    guard code == 0 else { return (.notStarted, SystemError(number: code).reason) }

    var message = [UInt8]()
    var early: Ending?
    do {
      early = try Self.drain(output, errors, seconds: timeLimit, &message, body)
    } catch {
      kill(pid, SIGKILL)
      _ = Self.wait(pid)
      throw error
    }
    if early != nil { kill(pid, SIGKILL) }
    let ending = Self.wait(pid)
    return (early ?? ending, String(decoding: message, as: UTF8.self))
  }

  /// A program inherits which signals are blocked or ignored; whoever takes signals by a thread of its own blocks them,
  /// and the child would then be deaf to Ctrl-C.
  private static func attributesWithDefaultSignals() -> posix_spawnattr_t {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGINT, SIGTERM, SIGPIPE] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    return attributes
  }

  /// Reads both pipes to their ends; says why where it stopped before.
  private static func drain(
    _ output: Pipe, _ errors: Pipe, seconds: Int, _ message: inout [UInt8], _ body: ([UInt8]) throws -> Void
  ) throws -> Ending? {
    let deadline = ContinuousClock.now + .seconds(seconds)
    var open = [output.reader, errors.reader]
    while !open.isEmpty {
      if Task.isCancelled { return .cancelled }
      guard ContinuousClock.now < deadline else { return .timedOut }
      var polls = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      // Short, to look up for a cancellation.
      guard poll(&polls, nfds_t(polls.count), 100) >= 0 || errno == EINTR else { return .timedOut }
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
    return nil
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
