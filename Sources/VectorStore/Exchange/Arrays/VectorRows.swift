/// Vectors at numbered rows of a file.
protocol VectorRows: Sendable {
  /// How many rows there are.
  var count: Int { get }
  /// Numbers of each; 0 where there is no row to tell.
  var dimension: Int { get }

  /// Reads rows, one after the other, into a buffer of as many numbers.
  func read(_ rows: Range<Int>, into target: UnsafeMutableBufferPointer<Float>) throws(VectorFileError)
}

/// Numbers as they lie in a file.
struct NumberLayout: Sendable, Equatable {
  enum Kind: Sendable, Equatable { case uint8, int32, float16, float32, float64 }

  var kind: Kind
  var isBigEndian = false

  /// Bytes of one.
  var width: Int {
    switch kind {
    case .uint8: 1
    case .float16: 2
    case .int32, .float32: 4
    case .float64: 8
    }
  }

  /// Makes floats of numbers that lie end to end. What is finer than a float can be is rounded.
  ///
  /// - Parameter step: How far apart the floats are put.
  /// - Returns: The number that a float cannot be near to, where there is one: a whole number that is not kept exactly.
  func convert(
    _ source: UnsafeRawBufferPointer, to target: UnsafeMutablePointer<Float>, step: Int = 1
  ) -> Int? {
    let count = source.count / width
    switch kind {
    case .uint8: for i in 0..<count { target[i * step] = Float(source[i]) }
    case .int32:
      for i in 0..<count {
        let value = Int32(bitPattern: load(UInt32.self, source, i))
        guard let float = Float(exactly: value) else { return i }
        target[i * step] = float
      }
    case .float16: for i in 0..<count { target[i * step] = Self.float(half: load(UInt16.self, source, i)) }
    case .float32:
      for i in 0..<count { target[i * step] = Float(bitPattern: load(UInt32.self, source, i)) }
    case .float64:
      for i in 0..<count { target[i * step] = Float(Double(bitPattern: load(UInt64.self, source, i))) }
    }
    return nil
  }

  @inline(__always)
  private func load<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type, _ source: UnsafeRawBufferPointer, _ index: Int
  ) -> Value {
    let value = source.loadUnaligned(fromByteOffset: index * MemoryLayout<Value>.size, as: type)
    return isBigEndian ? Value(bigEndian: value) : Value(littleEndian: value)
  }

  /// IEEE 754's 16 bits; Swift's own `Float16` is not there on every system.
  private static func float(half bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let (exponent, fraction) = (UInt32(bits >> 10 & 31), UInt32(bits & 1023))
    switch exponent {
    case 0:
      let magnitude = Float(fraction) * 0x1p-24
      return sign == 0 ? magnitude : -magnitude
    case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}

/// Rows of numbers that lie end to end from a place of a file on.
struct PlainRows: VectorRows {
  let input: CheckedInput
  /// Where the first row begins.
  let offset: Int
  let count: Int
  let dimension: Int
  let layout: NumberLayout
  /// What errors call the numbers.
  let field: String

  /// Throws unless the file has all rows.
  init(
    _ input: CheckedInput, at offset: Int, count: Int, dimension: Int, layout: NumberLayout, field: String
  ) throws(VectorFileError) {
    (self.input, self.offset, self.count, self.dimension) = (input, offset, count, dimension)
    (self.layout, self.field) = (layout, field)
    let (numbers, overflow) = count.multipliedReportingOverflow(by: dimension)
    guard !overflow else {
      throw input.damage(
        at: offset, field, "\(count) rows of \(dimension) numbers are more than a file can hold")
    }
    try input.require(numbers, of: layout.width, at: offset, field)
  }

  func read(_ rows: Range<Int>, into target: UnsafeMutableBufferPointer<Float>) throws(VectorFileError) {
    let rowBytes = dimension * layout.width
    let bytes = try input.bytes(rows.count * rowBytes, at: offset + rows.lowerBound * rowBytes, field)
    guard let start = target.baseAddress else { return }
    _ = bytes.withUnsafeBytes { layout.convert($0, to: start) }
  }
}
