#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension CheckpointError {
  /// The error of a failed system call, from `errno`.
  package static func system(_ path: String, _ doing: String, code: Int32 = errno) -> CheckpointError {
    let text = String(cString: strerror(code))
    switch code {
    case ENOENT, ENOTDIR:
      return .notFound("\(path) does not exist", advice: "Check the path.")
    case EACCES, EPERM, EROFS:
      return .permission(path: path, problem: "\(doing) was refused (\(text))")
    case ENOSPC, EDQUOT:
      return .inputOutput(
        path: path, problem: "\(doing) failed: the disk is full. Free some space and try again")
    default:
      return .inputOutput(path: path, problem: "\(doing) failed (\(text))")
    }
  }
}
