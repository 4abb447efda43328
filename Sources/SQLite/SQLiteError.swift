#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// What went wrong with a SQLite file, in words for the person who asked.
public enum SQLiteError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Somebody else has locked the file for longer than a connection waits.
  case busy(path: String)
  /// The connection was opened for reading only.
  case readOnly(path: String)
  /// The system does not let this user read or write the file.
  case noPermission(path: String)
  /// The file is no SQLite file, or another program's.
  case otherFormat(path: String, detail: String)
  /// The file is of a newer form: its version, and the newest that is read.
  case newerFormat(path: String, found: Int, supported: Int)
  /// SQLite found the file damaged, or a page is not what was written.
  case damaged(path: String, detail: String)
  /// The disk, or the quota on it, is full. Nothing of the transaction was kept.
  case diskFull(path: String)
  /// The deadline of a statement has passed.
  case timeLimit(seconds: Double)
  /// Another refusal of the system or of SQLite, in its own words.
  case system(path: String, detail: String)

  /// A refusal of the system: `number` is what `errno` said, `doing` begins the detail of one that is not known better.
  public static func refusal(path: String, doing: String = "", number: Int32) -> SQLiteError {
    switch number {
    case EACCES, EPERM, EROFS: .noPermission(path: path)
    case ENOSPC, EDQUOT: .diskFull(path: path)
    default: .system(path: path, detail: doing + String(cString: strerror(number)))
    }
  }

  /// What was wrong, where, and what to do next.
  public var description: String {
    switch self {
    case .busy(let path): "Another process has \(path) locked. Wait until it ends, and try again."
    case .readOnly(let path): "\(path) was opened for reading only."
    case .noPermission(let path): "\(path): permission denied. Have its owner let you use it."
    case .otherFormat(let path, let detail): "\(path) is not a database of this kind (\(detail))."
    case .newerFormat(let path, let found, let supported):
      "\(path) has format \(found); this version of Martlet reads up to \(supported). Use a newer Martlet."
    case .damaged(let path, let detail): "\(path) is damaged: \(detail). Restore it from a backup."
    case .diskFull(let path):
      "The disk that holds \(path) is full. Nothing was lost; make room and try again."
    case .timeLimit(let seconds): "A statement was given up after \(seconds) seconds."
    case .system(let path, let detail): "\(path): \(detail)"
    }
  }
}
