import Foundation

/// A file, pipe or terminal that could not be read or written.
struct InputOutputError: Error, CustomStringConvertible, Sendable, Equatable {
  /// What was being done: "writing standard output", "reading notes.jsonl".
  let action: String
  /// The system's error number.
  let code: Int32

  init(_ action: String, code: Int32 = errno) {
    self.action = action
    self.code = code
  }

  var description: String {
    let reason = "\(action) failed: \(String(cString: strerror(code)))."
    switch code {
    case ENOSPC, EDQUOT: return reason + " Free some space and run the command again."
    case EACCES, EPERM: return reason + " Check the permissions."
    default: return reason
    }
  }

  var status: ExitStatus {
    switch code {
    case ENOENT, ENOTDIR, EISDIR: .noInput
    case EACCES, EPERM, EROFS: .noPermission
    default: .inputOutput
    }
  }
}
