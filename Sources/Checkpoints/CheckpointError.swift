/// Why a checkpoint could not be read, found or fetched.
///
/// Each case is one of the ways in which a program ends (sysexits): ``kind`` tells them apart.
public enum CheckpointError: Error, Equatable, Sendable, CustomStringConvertible {
  /// There is nothing at the path or under the name; `advice` says what to do.
  case notFound(String, advice: String)
  /// A file breaks its format: in `field`, at a byte of the file where that is known.
  case malformed(file: String, field: String, offset: Int?, problem: String)
  /// A file is sound, but holds what Martlet does not read.
  case unsupported(file: String, what: String, advice: String)
  /// No source could deliver the file: no network, no such repository, no program to fetch with.
  case unavailable(String)
  /// The system failed to read or write.
  case inputOutput(path: String, problem: String)
  /// The system refuses access.
  case permission(path: String, problem: String)
  /// The person broke off; what had come is kept for the next time.
  case cancelled

  /// What is wrong, where, and what to do next.
  public var description: String {
    switch self {
    case .notFound(let what, let advice): "\(what). \(advice)"
    case .malformed(let file, let field, nil, let problem): "\(file): \(field): \(problem)."
    case .malformed(let file, let field, let offset?, let problem):
      "\(file): \(field), at byte \(offset): \(problem)."
    case .unsupported(let file, let what, let advice): "\(file): \(what). \(advice)"
    case .unavailable(let what): what
    case .inputOutput(let path, let problem): "\(path): \(problem)."
    case .permission(let path, let problem): "\(path): \(problem). Check who owns it and its mode."
    case .cancelled: "Cancelled; what has been downloaded is kept for the next try."
    }
  }

  /// The classes of failure that a program tells apart by its exit code.
  public enum Kind: Sendable {
    /// What was named is not there.
    case noInput
    /// A file is damaged, or holds what is not read.
    case badData
    /// Something outside is missing: a network, a repository, a program.
    case unavailable
    /// Reading or writing failed.
    case inputOutput
    /// The system refuses access.
    case permission
    /// The person broke off.
    case cancelled
  }

  /// The class of this failure.
  public var kind: Kind {
    switch self {
    case .notFound: .noInput
    case .malformed, .unsupported: .badData
    case .unavailable: .unavailable
    case .inputOutput: .inputOutput
    case .permission: .permission
    case .cancelled: .cancelled
    }
  }
}
