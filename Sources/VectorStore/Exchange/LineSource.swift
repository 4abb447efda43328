#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Reads lines one at a time, from a file or a pipe, in memory that does not grow with them.
final class LineSource {
  let path: String
  /// The number of the line that was read last, from 1.
  private(set) var line = 0
  private let descriptor: Int32
  private var buffer = [UInt8]()
  private var start = 0
  private var isAtEnd = false
  private let longestLine: Int
  private static let chunk = 1 << 18

  init(path: String, longestLine: Int = 256 << 20) throws(VectorFileError) {
    self.path = path
    self.longestLine = longestLine
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .refusal(path: path, "opening", number: errno) }
  }

  deinit { close(descriptor) }

  /// The next line that is not empty, without its end; nil where there is none.
  func next() throws(VectorFileError) -> [UInt8]? {
    while let line = try anyLine() {
      if line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) { return line }
    }
    return nil
  }

  private func anyLine() throws(VectorFileError) -> [UInt8]? {
    var searched = start
    while true {
      if let end = endOfLine(from: searched) {
        defer { start = end + 1 }
        line += 1
        return Array(buffer[start..<end])
      }
      if isAtEnd {
        guard start < buffer.count else { return nil }
        defer { start = buffer.count }
        line += 1
        return Array(buffer[start...])
      }
      searched = buffer.count - start
      try fill()
    }
  }

  private func endOfLine(from index: Int) -> Int? {
    buffer.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, index < bytes.count,
        let found = memchr(base + index, 0x0A, bytes.count - index)
      else { return nil }
      return UnsafeRawPointer(found) - base
    }
  }

  private func fill() throws(VectorFileError) {
    buffer.removeFirst(start)
    start = 0
    guard buffer.count <= longestLine else {
      throw VectorFileError(
        .damaged, path: path, at: .line(line + 1), "this line has more than \(longestLine) bytes")
    }
    let old = buffer.count
    buffer.append(contentsOf: repeatElement(0, count: Self.chunk))
    let got = buffer.withUnsafeMutableBytes { bytes in
      read(descriptor, bytes.baseAddress.map { $0 + old }, Self.chunk)
    }
    let number = errno
    buffer.removeLast(Self.chunk - max(0, got))
    if got == 0 { isAtEnd = true }
    if got < 0, number != EINTR { throw .refusal(path: path, "reading", number: number) }
  }
}
