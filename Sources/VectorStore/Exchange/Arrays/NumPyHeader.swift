/// What the first bytes of a NumPy file say.
///
/// The format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
struct NumPyHeader: Equatable {
  var layout: NumberLayout
  /// Whether columns rather than rows lie end to end.
  var isFortran: Bool
  var rows: Int
  var columns: Int
  /// Where the numbers begin.
  var dataOffset: Int

  /// A longer header is none of an array of numbers.
  private static let longest = 1 << 16
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// What is written has this length whatever the number of rows, so that it can be filled in at the end.
  static let writtenBytes = 128

  init(_ input: CheckedInput) throws(VectorFileError) {
    let start = try input.bytes(8, at: 0, "magic")
    guard Array(start.prefix(6)) == Self.magic else {
      throw input.damage(at: 0, "magic", "this is no NumPy file: it does not begin with \\x93NUMPY")
    }
    guard (1...3).contains(start[6]), start[7] == 0 else {
      throw input.unsupported(
        at: 6, "version", "version \(start[6]).\(start[7]) is not read; 1.0, 2.0 and 3.0 are")
    }
    let lengthBytes = start[6] == 1 ? 2 : 4
    let length = try input.bytes(lengthBytes, at: 8, "header length").reversed().reduce(0) {
      $0 << 8 | Int($1)
    }
    let textOffset = 8 + lengthBytes
    guard length <= Self.longest else {
      throw input.damage(
        at: 8, "header length", "the header claims \(length) bytes; arrays of numbers have less")
    }
    let bytes = try input.bytes(length, at: textOffset, "header")
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw input.damage(at: textOffset, "header", "the header is no text")
    }
    var literal = PythonLiteral(text)
    guard let value = literal.parse(), case .dictionary(let keys, let values) = value else {
      throw input.damage(at: textOffset, "header", "the header is no Python dictionary")
    }
    guard keys.sorted() == ["descr", "fortran_order", "shape"] else {
      throw input.damage(
        at: textOffset, "header", "the header should have descr, fortran_order and shape, once each")
    }
    let members = Dictionary(uniqueKeysWithValues: zip(keys, values))
    try self.init(members, textOffset: textOffset, dataOffset: textOffset + length, input)
  }

  private init(
    _ values: [String: PythonLiteral.Value], textOffset: Int, dataOffset: Int, _ input: CheckedInput
  ) throws(VectorFileError) {
    guard case .text(let descriptor) = values["descr"] else {
      throw input.unsupported(
        at: textOffset, "descr", "the array's elements have several parts, and are no numbers")
    }
    guard let layout = Self.layout(descriptor) else {
      throw input.unsupported(
        at: textOffset, "descr",
        "numbers of type \(descriptor) are not read; float32, float64 and float16 are")
    }
    guard case .bool(let isFortran) = values["fortran_order"] else {
      throw input.damage(at: textOffset, "fortran_order", "fortran_order is neither True nor False")
    }
    guard case .numbers(let shape) = values["shape"] else {
      throw input.damage(at: textOffset, "shape", "the shape is no tuple of whole numbers from 0 up")
    }
    guard shape.count == 2 else {
      throw input.unsupported(
        at: textOffset, "shape", "an array of \(shape.count) dimensions; vectors are the rows of one with 2")
    }
    self.init(layout: layout, isFortran: isFortran, rows: shape[0], columns: shape[1], dataOffset: dataOffset)
  }

  private init(layout: NumberLayout, isFortran: Bool, rows: Int, columns: Int, dataOffset: Int) {
    (self.layout, self.isFortran, self.rows, self.columns) = (layout, isFortran, rows, columns)
    self.dataOffset = dataOffset
  }

  private static func layout(_ descriptor: String) -> NumberLayout? {
    let kinds: [String: NumberLayout.Kind] = ["f2": .float16, "f4": .float32, "f8": .float64]
    guard let kind = kinds[String(descriptor.dropFirst())] else { return nil }
    switch descriptor.first {
    case "<", "=": return NumberLayout(kind: kind)
    case ">": return NumberLayout(kind: kind, isBigEndian: true)
    default: return nil
    }
  }

  /// The header of version 1.0 for rows of float32, `writtenBytes` long.
  static func bytes(rows: Int, columns: Int) -> [UInt8] {
    var text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(rows), \(columns)), }"
    let room = writtenBytes - 10
    text += String(repeating: " ", count: max(0, room - text.utf8.count - 1)) + "\n"
    return magic + [1, 0, UInt8(room & 0xFF), UInt8(room >> 8)] + Array(text.utf8)
  }
}
