import Foundation

/// Reads a file in blocks of some megabytes that end where lines do, but for the last one.
struct LineBlocks: ~Copyable {
  /// What is read, for messages: a path, or "standard input".
  let name: String
  private let descriptor: Int32
  private var rest: [UInt8] = []
  private var isAtEnd = false
  private static let size = 4 << 20

  /// Opens a file; `-` is standard input.
  init(path: String) throws(InputOutputError) {
    name = path == "-" ? "standard input" : path
    descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw InputOutputError("opening \(path)") }
  }

  deinit { if descriptor != STDIN_FILENO { close(descriptor) } }

  /// The next block; nil at the end.
  mutating func next() throws -> [UInt8]? {
    while true {
      try Task.checkCancellation()
      if rest.count >= Self.size, let end = rest.lastIndex(of: 0x0A) {
        let block = Array(rest[...end])
        rest.removeFirst(end + 1)
        return block
      }
      if isAtEnd {
        defer { rest = [] }
        return rest.isEmpty ? nil : rest
      }
      try fill()
    }
  }

  private mutating func fill() throws(InputOutputError) {
    let old = rest.count
    rest.append(contentsOf: repeatElement(0, count: Self.size))
    let count = rest.withUnsafeMutableBytes { bytes in
      let room = UnsafeMutableRawBufferPointer(rebasing: bytes[old...])
      return read(descriptor, room.baseAddress, room.count)
    }
    rest.removeLast(Self.size - max(0, count))
    if count == 0 { isAtEnd = true }
    if count < 0, errno != EINTR { throw InputOutputError("reading \(name)") }
  }
}
