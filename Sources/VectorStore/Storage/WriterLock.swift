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
    // Once `descriptor` is set, `deinit` closes it, also when what follows throws.
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .refusal(path: path, number: errno) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw errno == EWOULDBLOCK ? .busyWriter(path: folder) : .refusal(path: path, number: errno)
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }
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

/// Whether there is nothing in a folder.
func isEmptyFolder(_ path: String) throws(VectorStoreError) -> Bool {
  guard let folder = opendir(path) else { throw .refusal(path: path, number: errno) }
  defer { closedir(folder) }
  while let entry = readdir(folder) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name != ".", name != ".." { return false }
  }
  return true
}

/// The bytes of a file; 0 where there is none.
func sizeOfFile(_ path: String) -> Int {
  var facts = stat()
  return stat(path, &facts) == 0 ? Int(facts.st_size) : 0
}

/// Waits until a file or folder is on the disk.
func synchronize(_ path: String) throws(VectorStoreError) {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw .refusal(path: path, number: errno) }
  defer { close(descriptor) }
  guard fsync(descriptor) == 0 else { throw .refusal(path: path, number: errno) }
}
