#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A file that says who may write the database. The system takes the lock back when the process ends, however it ends.
final class WriterLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock, or fails at once where another holds it.
  init(folder: String) throws(VectorStoreError) {
    let path = folder + "/writer.lock"
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .refusal(path: path, number: errno) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let number = errno
      close(descriptor)
      throw number == EWOULDBLOCK
        ? .busyWriter(path: folder) : .refusal(path: path, number: number)
    }
  }

  deinit { close(descriptor) }
}

/// Makes a folder and those above it.
func makeFolder(_ path: String) throws(VectorStoreError) {
  var current = path.hasPrefix("/") ? "" : "."
  for part in path.split(separator: "/") {
    current += "/" + part
    if mkdir(current, 0o755) != 0 && errno != EEXIST {
      throw .refusal(path: current, doing: "cannot be made: ", number: errno)
    }
  }
}

/// Whether something exists at the path; an error where the system does not say.
func fileExists(_ path: String) throws(VectorStoreError) -> Bool {
  if access(path, F_OK) == 0 { return true }
  guard errno == ENOENT || errno == ENOTDIR else { throw .refusal(path: path, number: errno) }
  return false
}
