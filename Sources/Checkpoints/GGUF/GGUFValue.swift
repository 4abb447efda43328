import MartletTokenizers

/// The types of metadata values, by their numbers in the file (ggml-org/ggml, `docs/gguf.md`).
public enum GGUFValueType: UInt32, Sendable, CaseIterable {
  /// A whole number of one byte.
  case uint8, int8
  /// A whole number of two bytes.
  case uint16, int16
  /// A whole number of four bytes.
  case uint32, int32
  /// A float of four bytes.
  case float32
  /// One byte, 0 or 1.
  case bool
  /// A length of eight bytes, and as many bytes of UTF-8.
  case string
  /// The type of the elements, their number, and the elements.
  case array
  /// A whole number of eight bytes.
  case uint64, int64
  /// A float of eight bytes.
  case float64

  /// The bytes of one value; nil for strings and arrays, whose lengths vary.
  public var byteCount: Int? {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    case .string, .array: nil
    }
  }
}

/// A metadata value. Numbers of all widths are one case each; arrays stay in the file until they are asked for.
public enum GGUFValue: Sendable {
  /// A whole number of a type without a sign.
  case unsigned(UInt64)
  /// A whole number of a type with a sign.
  case signed(Int64)
  /// A float of either width.
  case float(Double)
  /// True or false.
  case bool(Bool)
  /// A text.
  case string(String)
  /// Elements of one type, which stay in the file.
  case array(GGUFArray)

  /// The value as an integer that fits.
  public var intValue: Int? {
    switch self {
    case .unsigned(let value): Int(exactly: value)
    case .signed(let value): Int(exactly: value)
    default: nil
    }
  }

  /// The value of a float or an integer.
  public var doubleValue: Double? {
    switch self {
    case .unsigned(let value): Double(value)
    case .signed(let value): Double(value)
    case .float(let value): value
    default: nil
    }
  }

  /// The kind of value, for messages.
  var kind: String {
    switch self {
    case .unsigned, .signed: "an integer"
    case .float: "a float"
    case .bool: "a boolean"
    case .string: "a string"
    case .array(let array): "an array of \(array.elementType)"
    }
  }
}

/// A metadata array, checked when the file was opened and decoded when it is asked for.
public struct GGUFArray: Sendable {
  /// The key that it stands under, for messages.
  public let key: String
  /// The type of its elements.
  public let elementType: GGUFValueType
  /// How many elements it has.
  public let count: Int
  let file: MappedFile
  let byteRange: Range<Int>

  /// The elements of an array of strings.
  /// - Throws: ``CheckpointError`` where it is of another type, or an element is not UTF-8.
  public func strings() throws(CheckpointError) -> [String] {
    try checkType(elementType == .string, "strings")
    return try file.reading(byteRange) { (bytes) throws(CheckpointError) in
      var result: [String] = []
      result.reserveCapacity(count)
      var cursor = GGUFCursor(bytes: bytes, file: file.path)
      for index in 0..<count { result.append(try cursor.readString("\(key)[\(index)]")) }
      return result
    }
  }

  /// The elements of an array of strings, end to end in one buffer: for vocabularies.
  ///
  /// That they are UTF-8 is for the tokenizer to check, where it matters.
  public func packedStrings() throws(CheckpointError) -> PackedStrings {
    try checkType(elementType == .string, "strings")
    return try file.reading(byteRange) { (bytes) throws(CheckpointError) in
      guard bytes.count < 1 << 32 else {
        throw .malformed(
          file: file.path, field: key, offset: byteRange.lowerBound, problem: "its strings take over 4 GiB")
      }
      var table = PackedStrings()
      table.reserveCapacity(strings: count, bytes: bytes.count - 8 * count)
      var cursor = GGUFCursor(bytes: bytes, file: file.path)
      for index in 0..<count {
        table.append(UnsafeRawBufferPointer(rebasing: bytes[try cursor.skipString("\(key)[\(index)]")]))
      }
      return table
    }
  }

  /// The elements of an array of integers or booleans.
  public func integers() throws(CheckpointError) -> [Int] {
    switch elementType {
    case .uint8, .bool: try decode(UInt8.self) { Int($0) }
    case .int8: try decode(Int8.self) { Int($0) }
    case .uint16: try decode(UInt16.self) { Int($0) }
    case .int16: try decode(Int16.self) { Int($0) }
    case .uint32: try decode(UInt32.self) { Int($0) }
    case .int32: try decode(Int32.self) { Int($0) }
    case .int64: try decode(Int64.self) { Int(exactly: $0) }
    case .uint64: try decode(UInt64.self) { Int(exactly: $0) }
    case .float32, .float64, .string, .array: throw wrongType("integers")
    }
  }

  /// The elements of an array of floats.
  public func floats() throws(CheckpointError) -> [Float] {
    switch elementType {
    case .float32: try decode(UInt32.self) { Float(bitPattern: $0) }
    case .float64: try decode(UInt64.self) { Float(Double(bitPattern: $0)) }
    default: throw wrongType("floats")
    }
  }

  private func decode<T: FixedWidthInteger, R>(
    _ type: T.Type, _ convert: (T) -> R?
  ) throws(CheckpointError) -> [R] {
    try file.reading(byteRange) { (bytes) throws(CheckpointError) in
      var result: [R] = []
      result.reserveCapacity(count)
      for index in 0..<count {
        let raw = bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<T>.size, as: T.self)
        guard let value = convert(T(littleEndian: raw)) else {
          throw .malformed(
            file: file.path, field: "\(key)[\(index)]", offset: nil, problem: "the number \(raw) is too large"
          )
        }
        result.append(value)
      }
      return result
    }
  }

  private func checkType(_ fits: Bool, _ wanted: String) throws(CheckpointError) {
    if !fits { throw wrongType(wanted) }
  }

  private func wrongType(_ wanted: String) -> CheckpointError {
    .malformed(
      file: file.path, field: key, offset: byteRange.lowerBound,
      problem: "it is an array of \(elementType), where \(wanted) are needed")
  }
}
