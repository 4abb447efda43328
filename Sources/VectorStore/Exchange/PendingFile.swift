#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A file that is written beside its place, and put there when it is whole.
final class PendingFile {
  let path: String
  /// Where it lies until then.
  let temporaryPath: String
  /// Bytes so far.
  private(set) var size = 0
  private let descriptor: Int32
  private var pending = [UInt8]()
  private var isFinished = false
  private static let bufferBytes = 1 << 20

  init(path: String) throws(VectorFileError) {
    self.path = path
    temporaryPath = "\(path).\(getpid()).partial"
    var status = stat()
    // A device must not be replaced by a file.
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      throw VectorFileError(.missing, path: path, "there is something else than a file of that name")
    }
    descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    if descriptor < 0 { throw .refusal(path: path, "writing", number: errno) }
  }

  deinit {
    close(descriptor)
    if !isFinished { unlink(temporaryPath) }
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws(VectorFileError) {
    pending.append(contentsOf: bytes)
    size += bytes.count
    if pending.count >= Self.bufferBytes { try flush() }
  }

  func append(_ bytes: [UInt8]) throws(VectorFileError) {
    pending += bytes
    size += bytes.count
    if pending.count >= Self.bufferBytes { try flush() }
  }

  /// Plain values in the order of bytes that all processors have that Martlet runs on: little-endian.
  func append<Element: BitwiseCopyable>(values: [Element]) throws(VectorFileError) {
    values.withUnsafeBytes { pending.append(contentsOf: $0) }
    size += values.count * MemoryLayout<Element>.stride
    if pending.count >= Self.bufferBytes { try flush() }
  }

  /// Writes over what was written before.
  func overwrite(_ bytes: [UInt8], at offset: Int) throws(VectorFileError) {
    try flush()
    try write(bytes, from: offset)
  }

  func overwrite<Value: FixedWidthInteger>(_ value: Value, at offset: Int) throws(VectorFileError) {
    try overwrite(withUnsafeBytes(of: value.littleEndian) { Array($0) }, at: offset)
  }

  /// Hands on to the system what was appended.
  func flush() throws(VectorFileError) {
    try write(pending, from: size - pending.count)
    pending.removeAll(keepingCapacity: true)
  }

  private func write(_ bytes: [UInt8], from offset: Int) throws(VectorFileError) {
    var done = 0
    while done < bytes.count {
      let put = bytes.withUnsafeBytes { bytes in
        pwrite(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
      }
      if put < 0 && errno == EINTR { continue }
      if put <= 0 { throw .refusal(path: path, "writing", number: put < 0 ? errno : EIO) }
      done += put
    }
  }

  /// Gives the file its name.
  func finish() throws(VectorFileError) {
    try flush()
    guard fsync(descriptor) == 0, rename(temporaryPath, path) == 0 else {
      throw .refusal(path: path, "writing", number: errno)
    }
    isFinished = true
  }
}
