#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A file that is read at places which its own content names: each read is held to the file's size.
final class CheckedInput: Sendable {
  let path: String
  /// Bytes, as they were when the file was opened.
  let size: Int
  private let descriptor: Int32

  init(path: String) throws(VectorFileError) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .refusal(path: path, "opening", number: errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw VectorFileError(
        .unsupported, path: path, "this is no regular file, and cannot be read in any order")
    }
    size = Int(status.st_size)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// What is wrong with a field.
  func damage(at offset: Int, _ field: String, _ problem: String) -> VectorFileError {
    VectorFileError(.damaged, path: path, at: .byte(offset, field: field), problem)
  }

  /// A sound file of a kind that is not read.
  func unsupported(at offset: Int, _ field: String, _ problem: String) -> VectorFileError {
    VectorFileError(.unsupported, path: path, at: .byte(offset, field: field), problem)
  }

  /// Throws unless the file has `count` elements of `width` bytes from `offset` on.
  func require(_ count: Int, of width: Int, at offset: Int, _ field: String) throws(VectorFileError) {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: width)
    guard !overflow, count >= 0, offset >= 0, offset <= size, bytes <= size - offset else {
      throw damage(
        at: offset, field,
        "\(count) × \(width) bytes should follow, but the file ends after \(max(0, size - offset))")
    }
  }

  /// Fills a buffer.
  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int, _ field: String
  ) throws(VectorFileError) {
    try require(buffer.count, of: 1, at: offset, field)
    guard let start = buffer.baseAddress else { return }
    var done = 0
    while done < buffer.count {
      let got = pread(descriptor, start + done, buffer.count - done, off_t(offset + done))
      if got < 0 && errno == EINTR { continue }
      if got < 0 { throw .refusal(path: path, "reading", number: errno) }
      // The file was cut while it was read.
      if got == 0 { throw damage(at: offset + done, field, "the file has become shorter while it was read") }
      done += got
    }
  }

  /// Bytes.
  func bytes(_ count: Int, at offset: Int, _ field: String) throws(VectorFileError) -> [UInt8] {
    try elements(count, at: offset, field)
  }

  /// Plain values as they lie in the file, which is little-endian as all processors are that Martlet runs on.
  func elements<Element: ZeroInitialized>(
    _ count: Int, at offset: Int, _ field: String
  ) throws(VectorFileError) -> [Element] {
    try require(count, of: MemoryLayout<Element>.size, at: offset, field)
    var values = [Element](repeating: .zero, count: count)
    let result = values.withUnsafeMutableBytes { bytes -> VectorFileError? in
      do throws(VectorFileError) { try read(into: bytes, at: offset, field) } catch { return error }
      return nil
    }
    if let result { throw result }
    return values
  }
}

/// Plain numbers of which any bytes are a value.
protocol ZeroInitialized: BitwiseCopyable { static var zero: Self { get } }
extension UInt8: ZeroInitialized {}
extension UInt16: ZeroInitialized {}
extension Int32: ZeroInitialized {}
extension UInt32: ZeroInitialized {}
extension Int64: ZeroInitialized {}
extension UInt64: ZeroInitialized {}
extension Float: ZeroInitialized {}
extension Double: ZeroInitialized {}
