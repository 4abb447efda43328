import MartletTensors
import MartletTokenizers

/// A metadata value that is to be written.
enum GGUFWrittenValue: Sendable {
  /// A whole number of four bytes without a sign: sizes, counts, token ids.
  case uint32(UInt32)
  /// A whole number of four bytes with a sign.
  case int32(Int32)
  /// A float of four bytes.
  case float32(Float)
  /// True or false.
  case bool(Bool)
  /// A text.
  case string(String)
  /// Texts.
  case strings([String])
  /// Texts that lie end to end: a vocabulary.
  case packedStrings(PackedStrings)
  /// Whole numbers of four bytes with a sign.
  case int32s([Int32])
  /// Floats of four bytes.
  case float32s([Float])
  /// Bytes, as integers without a sign.
  case uint8s([UInt8])
  /// What another file holds: the number of the type and the value, as they stand there.
  case encoded([UInt8])
}

/// The beginning of a GGUF file: its metadata, and what tensors follow (ggml-org/ggml, `docs/gguf.md`, version 3).
///
/// Every size is known before the first byte is written, so a file is written from its beginning to its end: ``bytes``,
/// then each tensor's bytes with ``padding(after:)`` zeros behind them.
struct GGUFHeader: Sendable {
  /// A tensor that is to be written.
  struct Tensor: Sendable, Equatable {
    /// Its name in the file.
    var name: String
    /// Its sizes in PyTorch's order: the last one contiguous.
    var shape: [Int]
    /// How its values are stored.
    var format: StorageFormat

    /// A tensor.
    init(name: String, shape: [Int], format: StorageFormat) {
      (self.name, self.shape, self.format) = (name, shape, format)
    }

    /// The bytes that it takes.
    var byteCount: Int {
      shape.reduce(1, *) / format.elementsPerBlock * format.bytesPerBlock
    }
  }

  /// Keys and values, in their order.
  private(set) var metadata: [(key: String, value: GGUFWrittenValue)] = []
  /// The tensors, in the order of their data.
  var tensors: [Tensor] = []
  /// To how many bytes a tensor's place is rounded up: ggml's default.
  static let alignment = 32

  /// A header that says nothing yet.
  init() {}

  /// Sets a value, in the place of one of that key; nil removes it.
  mutating func set(_ key: String, _ value: GGUFWrittenValue?) {
    let index = metadata.firstIndex { $0.key == key }
    switch (index, value) {
    case (let index?, let value?): metadata[index].value = value
    case (let index?, nil): metadata.remove(at: index)
    case (nil, let value?): metadata.append((key, value))
    case (nil, nil): break
    }
  }

  /// The zeros that follow a tensor.
  func padding(after tensor: Tensor) -> Int { Self.padding(tensor.byteCount) }

  private static func padding(_ count: Int) -> Int { (alignment - count % alignment) % alignment }

  /// The bytes before the first tensor's.
  var bytes: [UInt8] {
    var encoder = GGUFEncoder()
    encoder.bytes += Array("GGUF".utf8)
    encoder.put(UInt32(3))
    encoder.put(UInt64(tensors.count))
    encoder.put(UInt64(metadata.count))
    for (key, value) in metadata {
      encoder.put(key)
      encoder.put(value)
    }
    var offset = 0
    for tensor in tensors {
      encoder.put(tensor.name)
      encoder.put(UInt32(tensor.shape.count))
      for size in tensor.shape.reversed() { encoder.put(UInt64(size)) }
      encoder.put(tensor.format.ggufTypeID)
      encoder.put(UInt64(offset))
      offset += tensor.byteCount + padding(after: tensor)
    }
    encoder.bytes += [UInt8](repeating: 0, count: Self.padding(encoder.bytes.count))
    return encoder.bytes
  }
}

/// Puts values end to end as GGUF has them.
private struct GGUFEncoder {
  var bytes: [UInt8] = []

  mutating func put(_ number: some FixedWidthInteger) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func put(_ text: String) {
    put(UInt64(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  private mutating func begin(_ type: GGUFValueType) { put(type.rawValue) }

  private mutating func begin(arrayOf type: GGUFValueType, count: Int) {
    begin(.array)
    put(type.rawValue)
    put(UInt64(count))
  }

  mutating func put(_ value: GGUFWrittenValue) {
    switch value {
    case .uint32(let number):
      begin(.uint32)
      put(number)
    case .int32(let number):
      begin(.int32)
      put(number)
    case .float32(let number):
      begin(.float32)
      put(number.bitPattern)
    case .bool(let flag):
      begin(.bool)
      put(UInt8(flag ? 1 : 0))
    case .string(let text):
      begin(.string)
      put(text)
    case .strings(let texts):
      begin(arrayOf: .string, count: texts.count)
      for text in texts { put(text) }
    case .packedStrings(let texts):
      begin(arrayOf: .string, count: texts.count)
      for index in texts.indices {
        let text = texts.bytes(at: index)
        put(UInt64(text.count))
        bytes.append(contentsOf: text)
      }
    case .int32s(let numbers):
      begin(arrayOf: .int32, count: numbers.count)
      for number in numbers { put(number) }
    case .float32s(let numbers):
      begin(arrayOf: .float32, count: numbers.count)
      for number in numbers { put(number.bitPattern) }
    case .uint8s(let numbers):
      begin(arrayOf: .uint8, count: numbers.count)
      bytes += numbers
    case .encoded(let encoded): bytes += encoded
    }
  }
}

extension GGUFFile {
  /// A value as it stands in the file, its type before it.
  func encodedValue(_ key: String) throws(CheckpointError) -> GGUFWrittenValue? {
    guard let range = metadata.byteRanges[key] else { return nil }
    return .encoded(try file.reading(range) { (bytes) throws(CheckpointError) in Array(bytes) })
  }
}
