import FoundationEssentials

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The facts of a file or folder that walking and indexing look at.
package struct FileStatus: Sendable {
  package enum Form: Sendable { case file, folder, link, other }

  package var form: Form
  package var device: UInt64
  package var inode: UInt64
  package var byteCount: Int
  package var modificationDate: Date

  /// The status of `path`, or the system's error number.
  package static func of(_ path: String, followingLinks: Bool) -> Result<FileStatus, SystemError> {
    var status = stat()
    let code = followingLinks ? stat(path, &status) : lstat(path, &status)
    guard code == 0 else { return .failure(SystemError(number: errno)) }
    #if canImport(Darwin)
      let time = status.st_mtimespec
    #else
      let time = status.st_mtim
    #endif
    let form: Form
    switch status.st_mode & S_IFMT {
    case S_IFREG: form = .file
    case S_IFDIR: form = .folder
    case S_IFLNK: form = .link
    default: form = .other
    }
    return .success(
      FileStatus(
        form: form, device: UInt64(bitPattern: Int64(status.st_dev)), inode: UInt64(status.st_ino),
        byteCount: Int(status.st_size),
        modificationDate: Date(timeIntervalSince1970: Double(time.tv_sec)) + Double(time.tv_nsec) / 1e9))
  }
}

/// An error of the operating system, in its own words.
package struct SystemError: Error, Sendable, Equatable {
  package var number: Int32

  /// The wording of `strerror`, as "Permission denied".
  package var reason: String { String(cString: strerror(number)) }
  /// Whether there is nothing at the path.
  package var isMissing: Bool { number == ENOENT || number == ENOTDIR }
  /// Whether it is this user who may not.
  package var isDenied: Bool { number == EACCES || number == EPERM }
}

/// A file open for reading from its start, closed when it goes out of use.
final class ReadableFile {
  private let descriptor: Int32

  init(path: String) throws(SystemError) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError(number: errno) }
  }

  deinit { close(descriptor) }

  /// The next bytes, at most `limit`; empty at the end.
  func read(upTo limit: Int) throws(SystemError) -> [UInt8] {
    var failure: SystemError?
    let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      count = 0
      guard let base = buffer.baseAddress else { return }
      // One read may give less than is there; a pipe or a signal does that.
      while count < limit {
        #if canImport(Darwin)
          let got = Darwin.read(descriptor, base + count, limit - count)
        #else
          let got = Glibc.read(descriptor, base + count, limit - count)
        #endif
        if got < 0 {
          if errno == EINTR { continue }
          failure = SystemError(number: errno)
          return
        }
        if got == 0 { return }
        count += got
      }
    }
    if let failure { throw failure }
    return bytes
  }
}

/// The names in a folder in the order of their bytes, without "." and "..".
func folderEntries(_ path: String) throws(SystemError) -> [String] {
  guard let folder = opendir(path) else { throw SystemError(number: errno) }
  defer { closedir(folder) }
  var names = [String]()
  while true {
    errno = 0
    guard let entry = readdir(folder) else {
      if errno != 0 { throw SystemError(number: errno) }
      break
    }
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}

/// The absolute path with every link resolved.
package func resolvedPath(_ path: String) throws(SystemError) -> String {
  guard let resolved = realpath(path, nil) else { throw SystemError(number: errno) }
  defer { free(resolved) }
  return String(cString: resolved)
}
