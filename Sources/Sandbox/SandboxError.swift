/// Why a program was not run, or not to its end, beyond what ``ProgramResult`` says.
public enum SandboxError: Error, Sendable, Equatable {
  /// A limit that no program can run with.
  case invalidLimit(String)
  /// The program has more than ``Sandbox/maximumProgramBytes``.
  case programTooLarge(bytes: Int)
  /// The task was cancelled, and the program killed.
  case cancelled
  /// The system refused what the sandbox itself needs.
  case system(doing: String, reason: String)
}

extension SandboxError: CustomStringConvertible {
  /// What was wrong, and what to do.
  public var description: String {
    switch self {
    case .invalidLimit(let problem): "A limit of the sandbox is impossible: \(problem)."
    case .programTooLarge(let bytes):
      "The program has \(bytes) bytes; the sandbox takes at most \(Sandbox.maximumProgramBytes)."
    case .cancelled: "The run was cancelled, and its program killed."
    case .system(let doing, let reason):
      "The sandbox failed while \(doing): \(reason). Close other programs and try again."
    }
  }
}
