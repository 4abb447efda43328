/// Reads the header of a GGUF file field by field, checking each against the file's end.
struct GGUFCursor {
  let bytes: UnsafeRawBufferPointer
  let file: String
  var offset = 0

  var remaining: Int { bytes.count - offset }

  func malformed(_ field: @autoclosure () -> String, _ problem: String, at offset: Int? = nil)
    -> CheckpointError
  {
    .malformed(file: file, field: field(), offset: offset ?? self.offset, problem: problem)
  }

  /// The next little-endian integer.
  mutating func read<T: FixedWidthInteger>(
    _ type: T.Type, _ field: @autoclosure () -> String
  ) throws(CheckpointError) -> T {
    let size = MemoryLayout<T>.size
    guard remaining >= size else { throw truncated(field(), needed: size) }
    let value = bytes.loadUnaligned(fromByteOffset: offset, as: T.self)
    offset += size
    return T(littleEndian: value)
  }

  /// A count or length of 64 bits, that leaves room for `bytesEach` bytes of each in the file.
  mutating func readCount(
    bytesEach: Int, _ field: @autoclosure () -> String
  ) throws(CheckpointError) -> Int {
    let start = offset
    let value = try read(UInt64.self, field())
    guard value <= UInt64(remaining / max(1, bytesEach)) else {
      throw malformed(
        field(), "it counts \(value), and only \(remaining) bytes of the file follow", at: start)
    }
    return Int(value)
  }

  /// Where the bytes of the next string lie; the cursor moves behind it.
  mutating func skipString(_ field: @autoclosure () -> String) throws(CheckpointError) -> Range<Int> {
    let start = offset
    let length = try read(UInt64.self, field())
    guard length <= UInt64(remaining) else {
      throw malformed(
        field(), "its length is \(length), and only \(remaining) bytes of the file follow", at: start)
    }
    offset += Int(length)
    return offset - Int(length)..<offset
  }

  /// The next string, of at most `maximumBytes`.
  mutating func readString(
    maximumBytes: Int = Int.max, _ field: @autoclosure () -> String
  ) throws(CheckpointError) -> String {
    let start = offset
    let range = try skipString(field())
    guard range.count <= maximumBytes else {
      throw malformed(
        field(), "its length is \(range.count), and at most \(maximumBytes) are allowed", at: start)
    }
    guard let text = String(validating: bytes[range], as: UTF8.self) else {
      throw malformed(field(), "it is not UTF-8", at: start)
    }
    return text
  }

  /// Moves behind `count` bytes.
  mutating func skip(_ count: Int, _ field: @autoclosure () -> String) throws(CheckpointError) -> Range<Int> {
    guard count >= 0, count <= remaining else { throw truncated(field(), needed: count) }
    offset += count
    return offset - count..<offset
  }

  private func truncated(_ field: String, needed: Int) -> CheckpointError {
    malformed(
      field,
      "\(needed) bytes are needed, and \(remaining) follow: the file is cut off. Fetch it again")
  }
}
