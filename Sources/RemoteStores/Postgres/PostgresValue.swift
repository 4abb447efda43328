/// PostgreSQL's numbers for the types of parameters; 0 lets the server find out.
struct PostgresType: RawRepresentable, Sendable, Equatable {
  var rawValue: UInt32
  static let unknown = Self(rawValue: 0)
  static let bool = Self(rawValue: 16)
  static let integer = Self(rawValue: 20)
  static let text = Self(rawValue: 25)
  static let numeric = Self(rawValue: 1700)
  static let json = Self(rawValue: 3802)
  static let integers = Self(rawValue: 1016)
  static let texts = Self(rawValue: 1009)
  static let jsons = Self(rawValue: 3807)
}

/// A parameter of a statement, in the form in which it travels.
struct PostgresValue: Sendable {
  let type: PostgresType
  /// Nil is NULL.
  let bytes: [UInt8]?
  let isBinary: Bool

  private init(_ type: PostgresType, _ bytes: [UInt8]?, isBinary: Bool = true) {
    self.type = type
    self.bytes = bytes
    self.isBinary = isBinary
  }

  /// 64 bits.
  static func integer(_ number: Int) -> Self { Self(.integer, bigEndian(Int64(number))) }
  /// 64 bits, or NULL.
  static func integer(_ number: Int?) -> Self { Self(.integer, number.map { bigEndian(Int64($0)) }) }
  /// A text, or NULL.
  static func text(_ text: String?) -> Self { Self(.text, text.map { Array($0.utf8) }) }
  /// A number written out.
  static func numeric(_ literal: String) -> Self { Self(.numeric, Array(literal.utf8), isBinary: false) }
  /// `jsonb`.
  static func json(_ text: String) -> Self { Self(.json, [1] + Array(text.utf8)) }
  /// `bigint[]`.
  static func integers(_ numbers: [Int64]) -> Self {
    Self(.integers, array(of: .integer, numbers.map { bigEndian($0) }))
  }
  /// `text[]`.
  static func texts(_ texts: [String?]) -> Self {
    Self(.texts, array(of: .text, texts.map { $0.map { Array($0.utf8) } }))
  }
  /// `jsonb[]`.
  static func jsons(_ texts: [String]) -> Self {
    Self(.jsons, array(of: .json, texts.map { [1] + Array($0.utf8) }))
  }
  /// pgvector's `vector`, whose number the server knows.
  static func vector(_ vector: [Float], _ types: VectorTypes) -> Self {
    Self(types.vector, bytes(of: vector))
  }
  /// `vector[]`.
  static func vectors(_ vectors: [[Float]], _ types: VectorTypes) -> Self {
    Self(types.vectors, array(of: types.vector, vectors.map { bytes(of: $0) }))
  }

  private static func bigEndian(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.bigEndian) { Array($0) }
  }

  /// 16 bits of how many numbers, 16 of nothing, and the numbers.
  private static func bytes(of vector: [Float]) -> [UInt8] {
    var bytes = bigEndian(UInt16(clamping: vector.count)) + [0, 0]
    bytes.reserveCapacity(4 + 4 * vector.count)
    for number in vector {
      withUnsafeBytes(of: number.bitPattern.bigEndian) { bytes.append(contentsOf: $0) }
    }
    return bytes
  }

  /// An array of one dimension that begins at 1; a nil element is NULL.
  private static func array(of type: PostgresType, _ elements: [[UInt8]?]) -> [UInt8] {
    let hasNull = elements.contains { $0 == nil }
    var bytes = bigEndian(Int32(elements.isEmpty ? 0 : 1)) + bigEndian(Int32(hasNull ? 1 : 0))
    bytes += bigEndian(type.rawValue)
    guard !elements.isEmpty else { return bytes }
    bytes += bigEndian(Int32(clamping: elements.count)) + bigEndian(Int32(1))
    for element in elements {
      bytes += bigEndian(element.map { Int32(clamping: $0.count) } ?? -1)
      bytes += element ?? []
    }
    return bytes
  }
}

/// The numbers that a server has given pgvector's types, and pgvector's version.
struct VectorTypes: Sendable, Equatable {
  let vector: PostgresType
  let vectors: PostgresType
  /// Such as [0, 8, 5].
  let version: [Int]

  /// Whether scans of an index go on until enough records are found that a filter leaves.
  var hasIterativeScans: Bool { !version.lexicographicallyPrecedes([0, 8]) }
  /// Whether there are vectors of 16 bits a number.
  var hasHalfVectors: Bool { !version.lexicographicallyPrecedes([0, 7]) }
}
