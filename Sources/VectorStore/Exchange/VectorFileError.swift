#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// What is wrong with a file of vectors, and where.
public struct VectorFileError: Error, Sendable, Equatable {
  /// What kind of trouble it is.
  public enum Kind: Sendable, Equatable {
    /// There is no such file.
    case missing
    /// The system does not let this user read or write it.
    case noPermission
    /// Reading or writing failed.
    case inputOutput
    /// The file contradicts itself, or ends too early.
    case damaged
    /// The file may be sound, but Martlet does not read such a one.
    case unsupported
    /// The vectors do not fit into the format.
    case unfit
  }

  /// Where in a file it was found.
  public enum Place: Sendable, Equatable {
    /// A byte, from 0, and the field that begins there.
    case byte(Int, field: String)
    /// A line, from 1.
    case line(Int)
  }

  /// What kind of trouble it is.
  public var kind: Kind
  /// The file.
  public var path: String
  /// Where in the file; nil where it is about all of it.
  public var place: Place?
  /// What was wrong, in words.
  public var problem: String

  /// Creates an error.
  public init(_ kind: Kind, path: String, at place: Place? = nil, _ problem: String) {
    self.kind = kind
    self.path = path
    self.place = place
    self.problem = problem
  }

  /// A refusal of the system; `number` is what `errno` said.
  static func refusal(path: String, _ action: String, number: Int32) -> VectorFileError {
    let reason = String(cString: strerror(number))
    return switch number {
    case ENOENT, ENOTDIR, EISDIR: VectorFileError(.missing, path: path, "\(action) failed: \(reason)")
    case EACCES, EPERM, EROFS: VectorFileError(.noPermission, path: path, "\(action) failed: \(reason)")
    default: VectorFileError(.inputOutput, path: path, "\(action) failed: \(reason)")
    }
  }
}

extension VectorFileError: CustomStringConvertible {
  /// One sentence with file and place.
  public var description: String {
    switch place {
    case .byte(let offset, let field): "\(path), byte \(offset) (\(field)): \(problem)."
    case .line(let line): "\(path), line \(line): \(problem)."
    case nil: "\(path): \(problem)."
    }
  }
}
