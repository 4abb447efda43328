import Foundation

/// A NumPy file (`.npy`, version 1.0) of float32 rows, written row by row and put in its place when it is whole.
///
/// The format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
final class NumPyFile {
  private let path: String
  private let temporaryPath: String
  private let columns: Int
  private let descriptor: Int32
  private var pending: [UInt8] = []
  private var rows = 0
  private var isFinished = false
  /// The header has this length whatever the number of rows, so that it can be filled in at the end.
  private static let headerLength = 128

  init(path: String, columns: Int) throws {
    self.path = path
    self.columns = columns
    temporaryPath = "\(path).\(getpid()).partial"
    descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    if descriptor < 0 { throw InputOutputError("writing \(path)") }
    pending = Self.header(rows: 0, columns: columns)
  }

  deinit {
    close(descriptor)
    if !isFinished { unlink(temporaryPath) }
  }

  func append(_ row: [Float]) throws {
    for value in row { withUnsafeBytes(of: value.bitPattern.littleEndian) { pending.append(contentsOf: $0) } }
    rows += 1
    if pending.count > 1 << 20 { try flush() }
  }

  /// Writes the number of rows, and gives the file its name.
  func finish() throws {
    try flush()
    let header = Self.header(rows: rows, columns: columns)
    let count = header.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    guard count == header.count, fsync(descriptor) == 0, rename(temporaryPath, path) == 0 else {
      throw InputOutputError("writing \(path)")
    }
    isFinished = true
  }

  private func flush() throws {
    var written = 0
    while written < pending.count {
      let count = pending.withUnsafeBytes { bytes in
        let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
        return write(descriptor, rest.baseAddress, rest.count)
      }
      if count < 0, errno == EINTR { continue }
      if count < 0 { throw InputOutputError("writing \(path)") }
      written += count
    }
    pending.removeAll(keepingCapacity: true)
  }

  private static func header(rows: Int, columns: Int) -> [UInt8] {
    var text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(rows), \(columns)), }"
    let room = headerLength - 10
    text += String(repeating: " ", count: room - text.utf8.count - 1) + "\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(room & 0xFF), UInt8(room >> 8)] + Array(text.utf8)
  }
}
