/// A text and where each of its lines starts, so that a range of lines is one slice. Lines count from 1.
struct LineTable {
  private let bytes: [UInt8]
  private var starts: [Int]

  /// Takes valid UTF-8 with `\n` between lines.
  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    starts = [0]
    bytes.withUnsafeBufferPointer { buffer in
      for i in 0..<buffer.count where buffer[i] == UInt8(ascii: "\n") { starts.append(i + 1) }
    }
    // A newline at the end ends the last line and starts none.
    if starts.count > 1, starts[starts.count - 1] == bytes.count { starts.removeLast() }
  }

  /// The number of lines; an empty text has one.
  var count: Int { starts.count }

  /// The offset where a line starts; the end of the text for the line after the last.
  func start(of line: Int) -> Int {
    line > starts.count ? bytes.count : starts[max(0, line - 1)]
  }

  /// The bytes of one line without its end.
  func bytes(of line: Int) -> ArraySlice<UInt8> {
    let slice = bytes[start(of: line)..<start(of: line + 1)]
    return slice.last == UInt8(ascii: "\n") ? slice.dropLast() : slice
  }

  /// The text of a range of lines, without the last line's end.
  func text(_ range: ClosedRange<Int>) -> String {
    var slice = bytes[start(of: range.lowerBound)..<start(of: range.upperBound + 1)]
    if slice.last == UInt8(ascii: "\n") { slice = slice.dropLast() }
    return String(decoding: slice, as: UTF8.self)
  }

  /// Whether a line has nothing but blanks.
  func isBlank(_ line: Int) -> Bool {
    bytes(of: line).allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0C }
  }

  /// The range without blank lines at both ends; nil where all are blank.
  func trimmed(_ range: ClosedRange<Int>) -> ClosedRange<Int>? {
    guard let first = range.first(where: { !isBlank($0) }),
      let last = range.last(where: { !isBlank($0) })
    else { return nil }
    return first...last
  }

  /// The column of the first character that is no blank, a tab counting as four; nil on a blank line.
  func indentation(of line: Int) -> Int? {
    var column = 0
    for byte in bytes(of: line) {
      if byte == 0x20 {
        column += 1
      } else if byte == 0x09 {
        column += 4
      } else {
        return column
      }
    }
    return nil
  }
}
