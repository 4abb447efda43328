import Tensors

/// Random numbers that are the same in each run (Steele, Lea and Flood 2014).
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Values from -1 to 1.
  mutating func values(_ count: Int) -> [Float] { (0..<count).map { _ in .random(in: -1...1, using: &self) } }
}

/// A weight in a plain format, with the values that its bytes hold.
struct PlainWeight {
  let values: [Float]
  let bytes: [UInt8]

  init(_ values: [Float], _ format: StorageFormat) {
    switch format {
    case .bfloat16:
      let bits = values.map { UInt16($0.bitPattern >> 16) }
      self.values = bits.map { Float(bitPattern: UInt32($0) << 16) }
      bytes = bits.withUnsafeBytes { Array($0) }
    default:
      self.values = values
      bytes = values.withUnsafeBytes { Array($0) }
    }
  }
}
