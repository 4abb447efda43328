extension StorageFormat {
  /// Decodes `count` values of a plain format (F32, F16, BF16); block formats are the kernels' business.
  func decodePlain(_ source: UnsafeRawPointer, count: Int, into out: UnsafeMutablePointer<Float>) {
    switch self {
    case .float16:
      for index in 0..<count {
        let bits = source.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)
        out[index] = Self.float(halfBits: UInt16(littleEndian: bits))
      }
    case .bfloat16:
      for index in 0..<count {
        let bits = source.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)
        out[index] = Float(bitPattern: UInt32(UInt16(littleEndian: bits)) << 16)
      }
    default:
      for index in 0..<count {
        let bits = source.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
        out[index] = Float(bitPattern: UInt32(littleEndian: bits))
      }
    }
  }

  /// The value of an IEEE 754 half, without the processor's help: Swift's `Float16` is not on every platform.
  private static func float(halfBits bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10) & 0x1f
    let fraction = UInt32(bits & 0x3ff)
    switch exponent {
    case 0: return Float(bitPattern: sign) + (sign == 0 ? 1 : -1) * Float(fraction) * 0x1p-24
    case 31: return Float(bitPattern: sign | 0x7f80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}

extension Tensor {
  /// A vector of weights in a plain format: a norm's weight or a bias.
  /// - Throws: ``TensorError/malformedWeight(_:)`` where the bytes are not `count` values of a plain format.
  public init(
    vectorOf count: Int, format: StorageFormat, bytes: UnsafeRawBufferPointer, device: Device
  ) throws(TensorError) {
    guard format.elementsPerBlock == 1, count > 0, bytes.count == count * format.bytesPerBlock,
      let base = bytes.baseAddress
    else {
      throw .malformedWeight(
        "a vector of \(count) values in \(format.rawValue) cannot be read from \(bytes.count) bytes")
    }
    self.init(uninitializedRows: 1, columns: count, device: device)
    format.decodePlain(base, count: count, into: pointer)
  }
}
