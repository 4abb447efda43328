#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A regular file, mapped into memory for reading.
///
/// Pages are read when they are first touched, and ``discardPages(in:)`` lets them go again, so that a weight that
/// has been repacked does not take memory twice.
public final class MappedFile: Sendable {
  /// The path, as it was given.
  public let path: String
  /// The file's length in bytes when it was opened.
  public let size: Int

  private let descriptor: Int32
  nonisolated(unsafe) private let base: UnsafeRawPointer?

  /// Opens and maps a file.
  /// - Throws: ``CheckpointError`` where there is no such file, it may not be read, or it is no regular file.
  public init(_ path: String) throws(CheckpointError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .system(path, "opening it") }
    do {
      (size, base) = try Self.map(descriptor, path: path)
    } catch {
      close(descriptor)
      throw error
    }
    self.path = path
    self.descriptor = descriptor
  }

  private static func map(
    _ descriptor: Int32, path: String
  ) throws(CheckpointError) -> (Int, UnsafeRawPointer?) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .system(path, "reading its size") }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let what = status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "no regular file"
      throw .inputOutput(path: path, problem: "it is \(what), where a file is needed")
    }
    let size = Int(status.st_size)
    guard size > 0 else { return (0, nil) }
    let mapping = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let mapping, mapping != MAP_FAILED else { throw .system(path, "mapping it into memory") }
    return (size, UnsafeRawPointer(mapping))
  }

  deinit {
    if let base { munmap(UnsafeMutableRawPointer(mutating: base), size) }
    close(descriptor)
  }

  /// Calls `body` with the bytes in `range`; they are valid only during the call and at no particular alignment.
  ///
  /// Reading a mapped page that its file no longer has would end the program, so the file's length is asked again.
  /// - Throws: ``CheckpointError/malformed(file:field:offset:problem:)`` where the range ends behind the file, which
  ///   may have been cut since it was opened; and what `body` throws.
  public func withBytes<R>(in range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> R) throws -> R {
    try checkBounds(range)
    return try withExtendedLifetime(self) { try body(buffer(range)) }
  }

  /// As ``withBytes(in:_:)`` for a body that throws only checkpoint errors.
  func reading<R>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(CheckpointError) -> R
  ) throws(CheckpointError) -> R {
    try checkBounds(range)
    defer { withExtendedLifetime(self) {} }
    return try body(buffer(range))
  }

  private func buffer(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base.map { $0 + range.lowerBound }, count: range.count)
  }

  private func checkBounds(_ range: Range<Int>) throws(CheckpointError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .system(path, "reading its size") }
    guard range.lowerBound >= 0, range.upperBound <= min(size, Int(status.st_size)) else {
      throw .malformed(
        file: path, field: "length", offset: range.lowerBound,
        problem:
          "bytes up to \(range.upperBound) are needed, and the file has \(min(size, Int(status.st_size)))")
    }
  }

  /// Lets go of the memory that the whole pages in `range` take; they come back from the file when they are read.
  ///
  /// A range that leaves the file is cut to it.
  public func discardPages(in range: Range<Int>) {
    guard let base else { return }
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let range = range.clamped(to: 0..<size)
    let begin = (range.lowerBound + page - 1) / page * page
    let end = range.upperBound == size ? size : range.upperBound / page * page
    guard end > begin else { return }
    madvise(UnsafeMutableRawPointer(mutating: base + begin), end - begin, MADV_DONTNEED)
  }

  /// Says that the whole file will be read soon, so that the system may read ahead.
  public func willNeed() {
    guard let base else { return }
    madvise(UnsafeMutableRawPointer(mutating: base), size, MADV_WILLNEED)
  }
}
