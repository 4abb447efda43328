#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file that is written beside its place, and put there when it is whole. What fails leaves nothing behind.
public struct NewFile: ~Copyable {
  /// Where the file will be.
  public let path: String
  private let temporaryPath: String
  private let descriptor: Int32
  private let replaces: Bool
  private var isFinished = false

  /// Sees to it that a file may be written, before the work for it begins.
  /// - Throws: ``NewFileError`` where there is something of that name already, or its folder is missing.
  public static func check(_ path: String, replaces: Bool) throws(NewFileError) {
    var status = stat()
    if stat(path, &status) == 0 {
      // A device must not be replaced by a file.
      guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path) }
      guard replaces else { throw .exists(path) }
    }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    guard access(folder, W_OK) == 0 else { throw .system(path: path, code: errno) }
  }

  /// Begins a file.
  /// - Parameters:
  ///   - path: Where it will be.
  ///   - replaces: Whether it may take the place of one that is there.
  /// - Throws: ``NewFileError``.
  public init(_ path: String, replaces: Bool) throws(NewFileError) {
    try Self.check(path, replaces: replaces)
    let temporaryPath = "\(path).\(getpid()).partial"
    let descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .system(path: path, code: errno) }
    (self.path, self.temporaryPath, self.descriptor, self.replaces) = (
      path, temporaryPath, descriptor, replaces
    )
  }

  deinit {
    close(descriptor)
    if !isFinished { unlink(temporaryPath) }
  }

  /// Appends bytes.
  public mutating func append(_ bytes: UnsafeRawBufferPointer) throws(NewFileError) {
    if let code = put(bytes) { throw .system(path: path, code: code) }
  }

  /// Appends a text in UTF-8.
  public mutating func append(_ text: String) throws(NewFileError) {
    var text = text
    if let code = text.withUTF8({ put(UnsafeRawBufferPointer($0)) }) { throw .system(path: path, code: code) }
  }

  /// Writes bytes and returns the system's error number where that fails.
  private func put(_ bytes: UnsafeRawBufferPointer) -> Int32? {
    var rest = bytes
    while let base = rest.baseAddress, !rest.isEmpty {
      let count = Glibc.write(descriptor, base, rest.count)
      if count < 0 {
        if errno == EINTR { continue }
        return errno
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
    return nil
  }

  /// Gives the file its name.
  /// - Throws: ``NewFileError``, also where somebody else has made a file of that name meanwhile.
  public consuming func finish() throws(NewFileError) {
    guard fsync(descriptor) == 0 else { throw .system(path: path, code: errno) }
    try Self.check(path, replaces: replaces)
    guard rename(temporaryPath, path) == 0 else { throw .system(path: path, code: errno) }
    isFinished = true
  }

  /// Writes a whole file that holds a text.
  public static func write(_ text: String, to path: String, replaces: Bool) throws(NewFileError) {
    var file = try NewFile(path, replaces: replaces)
    try file.append(text)
    try file.finish()
  }
}

/// Why a file could not be written.
public enum NewFileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// There is a file of that name, which is to stay.
  case exists(String)
  /// There is something else than a file of that name.
  case notAFile(String)
  /// The system refuses, with this error number.
  case system(path: String, code: Int32)

  /// What was wrong, where, and what to do.
  public var description: String {
    switch self {
    case .exists(let path): "\(path) exists already. Choose another name, or replace it with --force."
    case .notAFile(let path): "\(path) is no file, but a folder or a device. Choose another name."
    case .system(let path, let code): "\(path) cannot be written: \(String(cString: strerror(code)))."
    }
  }
}
