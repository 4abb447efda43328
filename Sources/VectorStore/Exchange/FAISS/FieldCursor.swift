/// Reads the fields of a binary file one after the other.
struct FieldCursor {
  let input: CheckedInput
  private(set) var offset = 0

  init(_ input: CheckedInput) { self.input = input }

  /// The next whole number.
  mutating func integer<Value: FixedWidthInteger & ZeroInitialized>(
    _ field: String
  ) throws(VectorFileError) -> Value {
    let value: [Value] = try input.elements(1, at: offset, field)
    offset += MemoryLayout<Value>.size
    return Value(littleEndian: value[0])
  }

  /// The next float.
  mutating func float(_ field: String) throws(VectorFileError) -> Float {
    Float(bitPattern: try integer(field))
  }

  /// The next four letters.
  mutating func letters(_ field: String) throws(VectorFileError) -> String {
    let bytes = try input.bytes(4, at: offset, field)
    offset += 4
    return String(decoding: bytes.map { (0x20..<0x7F).contains($0) ? $0 : 0x3F }, as: UTF8.self)
  }

  /// Passes over an array that begins with its length; it lies wholly in the file.
  mutating func section(of width: Int, _ field: String) throws(VectorFileError) -> FAISSGraphSections.Section
  {
    let start = offset
    let count: UInt64 = try integer(field)
    guard let known = Int(exactly: count) else {
      throw input.damage(at: start, field, "\(count) elements are more than a file can hold")
    }
    try input.require(known, of: width, at: offset, field)
    let section = FAISSGraphSections.Section(offset: offset, count: known)
    offset += known * width
    return section
  }
}
