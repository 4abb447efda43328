/// The metadata of a GGUF file: keys with typed values, in the order of the file.
public struct GGUFMetadata: Sendable {
  /// The keys, in the order of the file.
  public let keys: [String]
  private let values: [String: GGUFValue]
  private let file: String
  /// Where each value lies in the file, the number of its type before it.
  let byteRanges: [String: Range<Int>]

  init(keys: [String], values: [String: GGUFValue], file: String, byteRanges: [String: Range<Int>] = [:]) {
    self.keys = keys
    self.values = values
    self.file = file
    self.byteRanges = byteRanges
  }

  /// The value under a key, of whatever type.
  public subscript(key: String) -> GGUFValue? { values[key] }

  /// The string under a key; nil where there is none.
  /// - Throws: ``CheckpointError`` where the value is of another type.
  public func string(_ key: String) throws(CheckpointError) -> String? {
    guard let value = values[key] else { return nil }
    guard case .string(let text) = value else { throw wrongType(key, value, "a string") }
    return text
  }

  /// The integer under a key, of whatever width.
  public func integer(_ key: String) throws(CheckpointError) -> Int? {
    guard let value = values[key] else { return nil }
    guard let number = value.intValue else { throw wrongType(key, value, "an integer of at most 63 bits") }
    return number
  }

  /// The number under a key.
  public func double(_ key: String) throws(CheckpointError) -> Double? {
    guard let value = values[key] else { return nil }
    guard let number = value.doubleValue else { throw wrongType(key, value, "a number") }
    return number
  }

  /// The boolean under a key.
  public func bool(_ key: String) throws(CheckpointError) -> Bool? {
    guard let value = values[key] else { return nil }
    guard case .bool(let flag) = value else { throw wrongType(key, value, "a boolean") }
    return flag
  }

  /// The array under a key.
  public func array(_ key: String) throws(CheckpointError) -> GGUFArray? {
    guard let value = values[key] else { return nil }
    guard case .array(let array) = value else { throw wrongType(key, value, "an array") }
    return array
  }

  private func wrongType(_ key: String, _ value: GGUFValue, _ wanted: String) -> CheckpointError {
    .malformed(
      file: file, field: key, offset: nil, problem: "it holds \(value.kind), where \(wanted) is needed")
  }
}

extension GGUFCursor {
  /// A GGUF key is at most 65,535 bytes long.
  private static let maximumKeyBytes = 65_535
  /// Arrays of arrays of arrays occur in no model; deeper nesting is refused before it fills the stack.
  private static let maximumNesting = 8

  /// The metadata: `count` pairs of key and value.
  mutating func readMetadata(count: Int, file: MappedFile) throws(CheckpointError) -> GGUFMetadata {
    var keys: [String] = []
    var values: [String: GGUFValue] = [:]
    var byteRanges: [String: Range<Int>] = [:]
    for index in 0..<count {
      let start = offset
      let key = try readString(maximumBytes: Self.maximumKeyBytes, "metadata key \(index)")
      let valueStart = offset
      let value = try readValue(key: key, file: file)
      byteRanges[key] = valueStart..<offset
      guard values.updateValue(value, forKey: key) == nil else {
        throw malformed("metadata key \(index)", "the key \(key) stands there twice", at: start)
      }
      keys.append(key)
    }
    return GGUFMetadata(keys: keys, values: values, file: self.file, byteRanges: byteRanges)
  }

  private mutating func readType(_ field: String) throws(CheckpointError) -> GGUFValueType {
    let start = offset
    let number = try read(UInt32.self, field)
    guard let type = GGUFValueType(rawValue: number) else {
      throw malformed(field, "there is no value type \(number)", at: start)
    }
    return type
  }

  private mutating func readValue(key: String, file: MappedFile) throws(CheckpointError) -> GGUFValue {
    switch try readType(key) {
    case .uint8: return .unsigned(UInt64(try read(UInt8.self, key)))
    case .int8: return .signed(Int64(try read(Int8.self, key)))
    case .uint16: return .unsigned(UInt64(try read(UInt16.self, key)))
    case .int16: return .signed(Int64(try read(Int16.self, key)))
    case .uint32: return .unsigned(UInt64(try read(UInt32.self, key)))
    case .int32: return .signed(Int64(try read(Int32.self, key)))
    case .uint64: return .unsigned(try read(UInt64.self, key))
    case .int64: return .signed(try read(Int64.self, key))
    case .float32: return .float(Double(Float(bitPattern: try read(UInt32.self, key))))
    case .float64: return .float(Double(bitPattern: try read(UInt64.self, key)))
    case .bool: return .bool(try readBool(key))
    case .string: return .string(try readString(key))
    case .array:
      let (type, count, range) = try skipArray(key, nesting: 1)
      return .array(GGUFArray(key: key, elementType: type, count: count, file: file, byteRange: range))
    }
  }

  private mutating func readBool(_ key: String) throws(CheckpointError) -> Bool {
    let start = offset
    let byte = try read(UInt8.self, key)
    guard byte <= 1 else { throw malformed(key, "a boolean is 0 or 1, not \(byte)", at: start) }
    return byte == 1
  }

  /// Checks an array's lengths without decoding it, and says where its elements lie.
  private mutating func skipArray(
    _ key: String, nesting: Int
  ) throws(CheckpointError) -> (GGUFValueType, Int, Range<Int>) {
    guard nesting <= Self.maximumNesting else {
      throw malformed(key, "arrays are nested more than \(Self.maximumNesting) deep")
    }
    let type = try readType(key)
    // An empty string takes eight bytes, an empty array twelve.
    let count = try readCount(bytesEach: type.byteCount ?? (type == .string ? 8 : 12), key)
    let start = offset
    switch type {
    case .string:
      for index in 0..<count { _ = try skipString("\(key)[\(index)]") }
    case .array:
      for _ in 0..<count { _ = try skipArray(key, nesting: nesting + 1) }
    default:
      _ = try skip(count * (type.byteCount ?? 1), key)
    }
    return (type, count, start..<offset)
  }
}
