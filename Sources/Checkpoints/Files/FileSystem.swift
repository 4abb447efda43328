#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The few calls on files that the cache needs, with errors that say which file and why.
package enum FileSystem {
  /// The number of this process, which tells its temporary files from those of others.
  static var processID: Int32 { getpid() }

  /// A regular file's length; nil where there is none.
  package static func size(_ path: String) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  package static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Whether two paths lead to one file or folder.
  static func isSame(_ first: String, _ second: String) -> Bool {
    var (a, b) = (stat(), stat())
    return stat(first, &a) == 0 && stat(second, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino
  }

  /// The names in a folder, in no order.
  package static func names(in folder: String) throws(CheckpointError) -> [String] {
    guard let directory = opendir(folder) else { throw .system(folder, "listing it") }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: Int(entry.pointee.d_reclen)) {
          String(cString: $0)
        }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// The bytes of all files under a folder; what cannot be read counts nothing.
  static func byteCount(under folder: String) -> Int {
    guard let names = try? names(in: folder) else { return 0 }
    return names.reduce(0) { sum, name in
      let path = "\(folder)/\(name)"
      return sum + (isLink(path) ? 0 : size(path) ?? byteCount(under: path))
    }
  }

  private static func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  /// Makes a folder with all those above it.
  package static func makeFolder(_ path: String) throws(CheckpointError) {
    guard !path.isEmpty, !isFolder(path) else { return }
    if let slash = path.lastIndex(of: "/"), slash > path.startIndex { try makeFolder(String(path[..<slash])) }
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw .system(path, "making the folder") }
  }

  package static func rename(_ path: String, to target: String) throws(CheckpointError) {
    guard Glibc.rename(path, target) == 0 else { throw .system(target, "renaming \(path) to it") }
  }

  /// Removes a file, or a folder with all that is in it; nothing there is no error.
  package static func remove(_ path: String) throws(CheckpointError) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      guard unlink(path) == 0 || errno == ENOENT else { throw .system(path, "removing it") }
      return
    }
    for name in try names(in: path) { try remove("\(path)/\(name)") }
    guard rmdir(path) == 0 || errno == ENOENT else { throw .system(path, "removing it") }
  }

  /// Waits until a file or folder has reached the disk.
  package static func synchronize(_ path: String) throws(CheckpointError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(path, "opening it") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .system(path, "writing it to the disk") }
  }

  /// The bytes that are free for this user where `path` lies.
  static func freeBytes(at path: String) -> Int? {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return nil }
    return Int(
      clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
  }
}
