#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A new file that is written from beginning to end.
struct OutputFile: ~Copyable {
  private let descriptor: Int32
  private let path: String

  init(_ path: String) throws(CheckpointError) {
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    self.path = path
    guard descriptor >= 0 else { throw .system(path, "creating it") }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  func write(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
    var rest = bytes
    while let base = rest.baseAddress, !rest.isEmpty {
      let count = Glibc.write(descriptor, base, rest.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw .system(path, "writing it")
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }
}

extension FileSystem {
  /// Copies a regular file.
  static func copy(_ path: String, to target: String) throws(CheckpointError) {
    let file = try MappedFile(path)
    if let slash = target.lastIndex(of: "/") { try makeFolder(String(target[..<slash])) }
    let output = try OutputFile(target)
    var offset = 0
    while offset < file.size {
      let range = offset..<min(file.size, offset + 4 << 20)
      try file.reading(range) { (bytes) throws(CheckpointError) in try output.write(bytes) }
      offset = range.upperBound
    }
  }
}
