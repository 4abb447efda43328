import Foundation
import Synchronization

/// Runs Python programs that nobody has read, such as those that a language model wrote, contained by bubblewrap.
///
/// Each program gets namespaces of its own: no network, no processes but its own, the system's `/usr` read-only, a small
/// `/tmp` in memory, another user, an almost empty environment and no standard input. Nothing of it is left when
/// a run returns. A program that cannot be contained on this machine is never run; the result is
/// ``ProgramResult/Outcome/refused`` then, with the reason. `docs/sandbox.md` says what is contained, how, and what
/// is not.
///
/// ```swift
/// let result = try await Sandbox().run("assert sorted([2, 1]) == [1, 2]")
/// ```
public struct Sandbox: Sendable {
  /// What a program may use.
  public var limits: Limits
  /// Where the programs that contain are looked for.
  var folders = ["/usr/bin", "/bin", "/usr/local/bin"]

  /// A sandbox with these limits.
  public init(limits: Limits = Limits()) { self.limits = limits }

  /// The largest program, in bytes.
  public static let maximumProgramBytes = 16 << 20

  /// Runs a program, and waits for its end.
  ///
  /// The program passes when its last statement has been executed, as in HumanEval's harness (Chen et al. 2021,
  /// section 2.3): its text is given to Python's `exec` with an empty namespace, so that a block under `if __name__ ==
  /// "__main__"` is not executed. One that ends before, even by `sys.exit(0)`, has failed. Background processes
  /// and threads that are left then are ended.
  ///
  /// Programs can be run at the same time. Where the task is cancelled, the program is killed.
  /// - Parameter program: The text of a Python program.
  /// - Returns: How it ended, with its output.
  /// - Throws: ``SandboxError``; a program that fails or cannot be contained is a result, not an error.
  public func run(_ program: String) async throws(SandboxError) -> ProgramResult {
    try await run(Array(program.utf8))
  }

  /// Runs a program of bytes, which Python decodes as it does a file: as UTF-8 unless the program says otherwise.
  /// - Parameter program: The bytes of a Python program.
  /// - Returns: How it ended, with its output.
  /// - Throws: ``SandboxError``; a program that fails or cannot be contained is a result, not an error.
  public func run(_ program: [UInt8]) async throws(SandboxError) -> ProgramResult {
    try limits.check()
    guard program.count <= Self.maximumProgramBytes else {
      throw .programTooLarge(bytes: program.count)
    }
    let containment: Containment
    do throws(Refusal) { containment = try Containment(limits: limits, folders: folders) } catch {
      return .refused(error.reason)
    }
    let run = ContainedRun(program: program, limits: limits, containment: containment)
    return try await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        // A thread of its own, since bubblewrap ends with the thread that started it.
        Thread { continuation.resume(returning: run.perform()) }.start()
      }
    } onCancel: {
      run.cancel()
    }.get()
  }
}

/// Why a program is not run.
struct Refusal: Error {
  let reason: String
}
