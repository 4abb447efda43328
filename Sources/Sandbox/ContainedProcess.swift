import Foundation
import MartletCSandbox

/// The process that contains a program, and the pipes to and from it.
final class ContainedProcess {
  private let process: pid_t
  private var input: Descriptor?
  private let inputBytes: [UInt8]
  private var inputOffset = 0
  private var sources: [Source]
  private var exitStatus: Int32?
  private let secret: String
  private var reportText: [UInt8] = []
  private var information: [UInt8] = []
  private var buffer = [UInt8](repeating: 0, count: 64 << 10)

  /// The program's processes, once they are known.
  private(set) var namespace: ProcessNamespace?
  /// Whether the driver waits for the program.
  private var isReady = false
  /// What the program printed.
  private(set) var output: OutputExcerpt
  /// When the driver began with the program.
  private(set) var started: ContinuousClock.Instant?
  /// When the driver reported the program's end, and which.
  private(set) var finished: ContinuousClock.Instant?
  private(set) var ending: Driver.Report?

  private enum Kind { case output, report, information }

  private struct Source {
    let kind: Kind
    let descriptor: Descriptor
  }

  /// Starts a program.
  init(
    _ containment: Containment, secret: String, program: [UInt8], limits: Sandbox.Limits
  ) throws(SandboxError) {
    self.secret = secret
    inputBytes = Array("\(secret) \(program.count)\n".utf8) + program
    output = OutputExcerpt(limit: limits.outputBytes)
    let programPipe = try Descriptor.pipe()
    let outputPipe = try Descriptor.pipe()
    let reportPipe = try Descriptor.pipe()
    let informationPipe = try Descriptor.pipe()
    let filterPipe = try Descriptor.pipe()
    // Small enough for an empty pipe.
    guard
      write(filterPipe.writer.number, containment.filter, containment.filter.count)
        == containment.filter.count
    else { throw .system("handing over the filter of system calls", errno) }
    process = try Self.spawn(
      containment.commandLine,
      [
        (programPipe.reader, Containment.Channel.program), (outputPipe.writer, 1), (outputPipe.writer, 2),
        (reportPipe.writer, Containment.Channel.report), (filterPipe.reader, Containment.Channel.filter),
        (informationPipe.writer, Containment.Channel.information),
      ])
    input = programPipe.writer
    sources = [
      Source(kind: .output, descriptor: outputPipe.reader),
      Source(kind: .report, descriptor: reportPipe.reader),
      Source(kind: .information, descriptor: informationPipe.reader),
    ]
    for descriptor in [programPipe.writer] + sources.map(\.descriptor) { descriptor.setNonblocking() }
  }

  private static func spawn(
    _ commandLine: [String], _ descriptors: [(Descriptor, Int32)]
  ) throws(SandboxError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (descriptor, number) in descriptors {
      posix_spawn_file_actions_adddup2(&actions, descriptor.number, number)
    }
    let last = descriptors.map(\.1).max() ?? 2
    let code = martlet_sandbox_close_from(&actions, last + 1)
    guard code == 0 else { throw .system("closing other files", code) }
    // A thread of this process may block or ignore signals; the program is to have them as they are by default.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGINT, SIGTERM, SIGPIPE, SIGXFSZ, SIGHUP, SIGQUIT] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var pointers: [UnsafeMutablePointer<CChar>?] = commandLine.map { strdup($0) } + [nil]
    defer { pointers.forEach { free($0) } }
    var environment: [UnsafeMutablePointer<CChar>?] = [nil]
    var process = pid_t()
    let failure = posix_spawn(&process, commandLine[0], &actions, &attributes, &pointers, &environment)
    guard failure == 0 else { throw .system("starting \(commandLine[0])", failure) }
    return process
  }

  /// Whether the process has ended.
  var hasEnded: Bool {
    if exitStatus == nil {
      var status: Int32 = 0
      if waitpid(process, &status, WNOHANG) == process { exitStatus = status }
    }
    return exitStatus != nil
  }

  /// Writes and reads what can be, and waits for it so long at most.
  func exchange(waiting time: Duration) {
    // The report's pipe is closed by the end of the program, or by the program itself: its end is near, perhaps.
    let time = sources.contains { $0.kind == .report } ? time : min(time, .milliseconds(1))
    var polls = sources.map { pollfd(fd: $0.descriptor.number, events: Int16(POLLIN), revents: 0) }
    if isReady, let input { polls.append(pollfd(fd: input.number, events: Int16(POLLOUT), revents: 0)) }
    let milliseconds = Int32(max(1, min(1000, time.inSeconds * 1000)))
    guard poll(&polls, nfds_t(polls.count), milliseconds) > 0 else { return }
    if polls.count > sources.count, polls[sources.count].revents != 0 { feed() }
    var isAtEnd: [Bool] = []
    for (source, item) in zip(sources, polls) { isAtEnd.append(item.revents != 0 && !read(source)) }
    sources = zip(sources, isAtEnd).filter { !$1 }.map(\.0)
  }

  private func feed() {
    guard let input else { return }
    let count = inputBytes[inputOffset...].withUnsafeBytes { write(input.number, $0.baseAddress, $0.count) }
    if count >= 0 { inputOffset += count }
    let isBroken = count < 0 && errno != EAGAIN && errno != EINTR
    if isBroken || inputOffset == inputBytes.count { self.input = nil }
  }

  /// Takes one piece; false at the end.
  private func read(_ source: Source) -> Bool {
    let piece = buffer.withUnsafeMutableBytes { source.descriptor.read(into: $0) }
    guard case .bytes(let count) = piece else {
      if case .end = piece { return false }
      return true
    }
    switch source.kind {
    case .output: buffer[..<count].withUnsafeBytes { output.append($0) }
    case .report: takeReport(buffer[..<count])
    case .information: takeInformation(buffer[..<count])
    }
    return true
  }

  /// Reports are few and short; of more, which the program itself has written, nothing is kept.
  private func takeReport(_ bytes: ArraySlice<UInt8>) {
    guard reportText.count < 4096 else { return }
    reportText += bytes
    while let end = reportText.firstIndex(of: UInt8(ascii: "\n")) {
      let words = String(decoding: reportText[..<end], as: UTF8.self).split(separator: " ").map(String.init)
      reportText.removeSubrange(...end)
      // Only the driver can write before the program comes.
      if words == [Driver.Report.ready.rawValue] { isReady = true }
      guard words.count == 2, words[0] == secret, let report = Driver.Report(rawValue: words[1]) else {
        continue
      }
      if report == .started {
        if started == nil { started = .now }
      } else if ending == nil {
        (ending, finished) = (report, .now)
      }
    }
  }

  private func takeInformation(_ bytes: ArraySlice<UInt8>) {
    information += bytes
    // `{ "child-pid": 123, … }`, in one write or several.
    let text = String(decoding: information, as: UTF8.self)
    guard namespace == nil, let name = text.range(of: "\"child-pid\":") else { return }
    let rest = text[name.upperBound...].drop { $0 == " " }
    let digits = rest.prefix { $0.isNumber }
    guard digits.endIndex < rest.endIndex, let number = pid_t(digits) else { return }
    namespace = ProcessNamespace(first: number)
  }

  /// Ends all processes, and takes what they have still written.
  /// - Returns: The status of the program, where it ended by itself.
  func end() -> Int? {
    let endedByItself = hasEnded
    // Killed at this moment, bubblewrap would leave the namespace's first process behind, waiting for it.
    let deadline = ContinuousClock.now + .seconds(5)
    while !hasEnded, namespace == nil, ContinuousClock.now < deadline { exchange(waiting: .milliseconds(1)) }
    namespace?.kill()
    if !hasEnded {
      if namespace == nil { kill(process, SIGKILL) }
      waitForEnd()
    }
    namespace?.end()
    input = nil
    for _ in 0..<64 where !sources.isEmpty { exchange(waiting: .milliseconds(1)) }
    guard endedByItself, let exitStatus else { return nil }
    let signal = exitStatus & 0x7F
    return Int(signal == 0 ? (exitStatus >> 8) & 0xFF : 128 + signal)
  }

  /// Waits until bubblewrap has ended, which it does when the namespace has.
  private func waitForEnd() {
    for _ in 0..<4000 {
      if hasEnded { return }
      usleep(500)
    }
    kill(process, SIGKILL)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {
      if errno != EINTR { break }
    }
    exitStatus = status
  }
}
