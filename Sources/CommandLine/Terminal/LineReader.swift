import Foundation

/// Reads lines of a file or pipe one at a time, in memory that does not grow with the input.
struct LineReader: ~Copyable {
  /// What is read, for messages: a path, or "standard input".
  let name: String
  /// The number of the line that ``next()`` gave last, counted from 1.
  private(set) var lineNumber = 0

  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var start = 0
  private var isAtEnd = false
  private static let chunk = 1 << 16
  /// A line this long is no record, but a file of another kind.
  private static let longestLine = 256 << 20

  /// Reads standard input.
  init() {
    name = "standard input"
    descriptor = STDIN_FILENO
  }

  /// Reads a file; `-` is standard input.
  init(path: String) throws(InputOutputError) {
    name = path == "-" ? "standard input" : path
    descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw InputOutputError("opening \(path)") }
  }

  deinit { if descriptor != STDIN_FILENO { close(descriptor) } }

  /// The next line without its line break; nil at the end.
  /// - Throws: ``InputOutputError``, a ``ReportedFailure`` for a line without end, or a cancellation.
  mutating func next() throws -> [UInt8]? {
    var searched = start
    while true {
      if let end = buffer[searched...].firstIndex(of: 0x0A) {
        defer { start = end + 1 }
        lineNumber += 1
        return Array(buffer[start..<end].last == 0x0D ? buffer[start..<end - 1] : buffer[start..<end])
      }
      if isAtEnd {
        guard start < buffer.count else { return nil }
        defer { start = buffer.count }
        lineNumber += 1
        return Array(buffer[start...])
      }
      searched = buffer.count - start
      try fill()
      searched += start
    }
  }

  /// All that is left.
  mutating func rest() throws -> [UInt8] {
    while !isAtEnd { try fill() }
    defer { start = buffer.count }
    return Array(buffer[start...])
  }

  private mutating func fill() throws {
    buffer.removeFirst(start)
    start = 0
    if buffer.count > Self.longestLine {
      throw ReportedFailure(
        .badData,
        "\(name): line \(lineNumber + 1) has more than \(formatBytes(Self.longestLine)); this is no text.")
    }
    try waitForInput()
    let old = buffer.count
    buffer.append(contentsOf: repeatElement(0, count: Self.chunk))
    let count = buffer.withUnsafeMutableBytes { bytes in
      let room = UnsafeMutableRawBufferPointer(rebasing: bytes[old...])
      return read(descriptor, room.baseAddress, room.count)
    }
    buffer.removeLast(Self.chunk - max(0, count))
    if count == 0 { isAtEnd = true }
    if count < 0, errno != EINTR { throw InputOutputError("reading \(name)") }
  }

  /// Waits until there is something to read, looking up for Ctrl-C meanwhile.
  private func waitForInput() throws {
    while true {
      try Task.checkCancellation()
      var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&request, 1, 100)
      if ready != 0, !(ready < 0 && errno == EINTR) { return }
    }
  }
}

/// Bytes of a person or program as text; bytes that are no UTF-8 are refused rather than replaced.
func decodedText(_ bytes: [UInt8], from source: String) throws -> String {
  guard let text = String(validating: bytes, as: UTF8.self) else {
    throw ReportedFailure(
      .badData, "\(source): this is not UTF-8 text. Convert it first, for example with iconv.")
  }
  return text
}
