import MartletSeededRandom
import MartletTensors

extension SplitMix64 {
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
