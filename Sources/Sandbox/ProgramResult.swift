/// How a contained program ended.
public struct ProgramResult: Sendable, Equatable {
  /// How a program ended, in one word.
  public enum Outcome: String, Sendable, CaseIterable {
    /// Its last statement has been executed.
    case passed
    /// It ended before: by an exception, an exit, a signal, or because it used too many files.
    case failed
    /// It ran longer than it may.
    case timedOut = "timed_out"
    /// It asked for more memory than it may have.
    case outOfMemory = "out_of_memory"
    /// It cannot be contained on this machine, and was not run.
    case refused
  }

  /// How it ended.
  public var outcome: Outcome
  /// The seconds by the clock that it ran; 0 where it did not.
  public var seconds: Double
  /// Its standard output and standard error in the order in which they came. Bytes that are not UTF-8 are U+FFFD;
  /// where more came than is kept, a line in the middle says how much is left out.
  public var output: String
  /// The bytes that are left out of ``output``.
  public var omittedOutputBytes: Int
  /// The status with which it exited, 128 and the signal's number where a signal ended it; 0 where it passed, 1 after an
  /// exception. Nil where `sys.exit` or a limit ended it, or it did not run.
  public var exitStatus: Int?
  /// Why it did not pass, in a sentence; nil where it did, or where an exception in ``output`` says it.
  public var reason: String?

  static func refused(_ reason: String) -> ProgramResult {
    ProgramResult(outcome: .refused, seconds: 0, output: "", omittedOutputBytes: 0, reason: reason)
  }
}
