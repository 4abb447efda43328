#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A new file that is written from beginning to end.
package struct OutputFile: ~Copyable {
  private let descriptor: Int32
  private let path: String
  private var room: Int?

  /// Creates a file, or empties it.
  /// - Parameters:
  ///   - maximumBytes: How long it may become, where that is known: an archive can hold more than any disk.
  ///   - shownPath: The name that people know it by, where `path` is a temporary one.
  package init(_ path: String, maximumBytes: Int? = nil, shownPath: String? = nil) throws(CheckpointError) {
    room = maximumBytes
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    self.path = shownPath ?? path
    guard descriptor >= 0 else { throw .system(path, "creating it") }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  package mutating func write(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
    if let left = room {
      guard bytes.count <= left else {
        throw .unavailable("it holds more than the bytes of the file: it is another file")
      }
      room = left - bytes.count
    }
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

extension OutputFile {
  /// Appends bytes.
  package mutating func write(_ bytes: [UInt8]) throws(CheckpointError) {
    var failure: CheckpointError?
    bytes.withUnsafeBytes { bytes in
      do throws(CheckpointError) { try write(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// Writes a file that holds a text.
  package static func write(_ text: String, to path: String) throws(CheckpointError) {
    var output = try OutputFile(path)
    try output.write(Array(text.utf8))
  }
}

extension FileSystem {
  /// Copies a regular file.
  package static func copy(_ path: String, to target: String) throws(CheckpointError) {
    let file = try MappedFile(path)
    if let slash = target.lastIndex(of: "/") { try makeFolder(String(target[..<slash])) }
    var output = try OutputFile(target)
    var offset = 0
    while offset < file.size {
      let range = offset..<min(file.size, offset + 4 << 20)
      try file.reading(range) { (bytes) throws(CheckpointError) in try output.write(bytes) }
      offset = range.upperBound
    }
  }
}
