import Foundation
import Synchronization

/// One run of a program, on the thread that calls ``perform()``.
final class ContainedRun: Sendable {
  private let program: [UInt8]
  private let limits: Sandbox.Limits
  private let containment: Containment
  private let isCancelled = Atomic(false)

  init(program: [UInt8], limits: Sandbox.Limits, containment: Containment) {
    self.program = program
    self.limits = limits
    self.containment = containment
  }

  /// Kills the program soon, from any thread.
  func cancel() { isCancelled.store(true, ordering: .relaxed) }

  /// The longest that bubblewrap and Python may take to start, on a busy machine, too.
  private static let startingTime = Duration.seconds(30)
  /// How often the memory is counted, and a cancellation looked for.
  private static let tick = Duration.milliseconds(20)

  /// Why a program was killed.
  private enum Stop {
    case cancelled
    case didNotStart
    case timedOut
    case memory
    case files
  }

  func perform() -> Result<ProgramResult, SandboxError> {
    // What is written for a program that has ended fails then, and does not end this process.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    let secret = (0..<4).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
    do throws(SandboxError) {
      guard !isCancelled.load(ordering: .relaxed) else { throw .cancelled }
      let process = try ContainedProcess(containment, secret: secret, program: program, limits: limits)
      let stop = follow(process)
      let status = process.end()
      if stop == .cancelled { throw .cancelled }
      return .success(result(of: process, stop, status))
    } catch { return .failure(error) }
  }

  /// Feeds and reads the process until the program has ended or must be stopped.
  private func follow(_ process: ContainedProcess) -> Stop? {
    let spawned = ContinuousClock.now
    var nextLook = spawned + Self.tick
    while !process.hasEnded, process.ending == nil {
      let now = ContinuousClock.now
      if isCancelled.load(ordering: .relaxed) { return .cancelled }
      let deadline = process.started.map { $0 + .seconds(limits.seconds) } ?? spawned + Self.startingTime
      if now >= deadline { return process.started == nil ? .didNotStart : .timedOut }
      // Before the driver begins, the first process may still have the host's folders.
      if now >= nextLook, process.started != nil, let namespace = process.namespace {
        if namespace.memory() > limits.memory { return .memory }
        if namespace.files() > limits.files { return .files }
        nextLook = .now + Self.tick
      }
      process.exchange(waiting: min(Self.tick, deadline - now))
    }
    return nil
  }

  private func result(of process: ContainedProcess, _ stop: Stop?, _ status: Int?) -> ProgramResult {
    guard let started = process.started else {
      if stop == .didNotStart {
        return .refused("The program was not run: nothing came of starting it in 30 seconds.")
      }
      return .refused(Containment.refusal(process.output.text))
    }
    var result = ProgramResult(
      outcome: .failed, seconds: ((process.finished ?? .now) - started).inSeconds,
      output: process.output.text,
      omittedOutputBytes: process.output.omitted, exitStatus: stop == nil ? status : nil)
    switch (process.ending, stop) {
    case (.passed, _):
      (result.outcome, result.exitStatus) = (.passed, 0)
    case (.memory, _):
      (result.outcome, result.exitStatus) = (.outOfMemory, 1)
      result.reason = "It asked for more than \(Self.megabytes(limits.memory)) of memory."
    case (.exit, _): result.reason = "It exited before its last statement was executed."
    case (.exception, _): result.exitStatus = 1
    case (_, .timedOut):
      result.outcome = .timedOut
      result.reason = "It ran longer than \(Self.plain(limits.seconds)) s."
    case (_, .memory):
      result.outcome = .outOfMemory
      result.reason = "Its processes together used more than \(Self.megabytes(limits.memory)) of memory."
    case (_, .files): result.reason = "It made more than \(limits.files) files."
    default:
      result.reason =
        status.map {
          $0 > 128
            ? "Signal \($0 - 128) ended it before its last statement was executed."
            : "It ended with status \($0) before its last statement was executed."
        } ?? "It ended before its last statement was executed."
    }
    return result
  }

  private static func megabytes(_ bytes: Int) -> String { "\(bytes >> 20) MiB" }

  private static func plain(_ seconds: Double) -> String {
    seconds == seconds.rounded() ? "\(Int(seconds))" : "\(seconds)"
  }
}

extension Duration {
  /// The length in seconds.
  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
