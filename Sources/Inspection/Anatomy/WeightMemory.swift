import MartletCheckpoints
import MartletTensors

/// What a model's weights take in memory when every matrix is stored in one type.
public struct WeightMemory: Sendable, Equatable {
  /// The type.
  public let format: StorageFormat
  /// The bytes of all weights; vectors, such as norms and biases, stay in float32.
  public let bytes: Int
  /// Matrices whose rows are no whole blocks of the type, and which take the next larger type in place of it.
  public let otherwise: Int

  /// The bytes that a weight takes in a type.
  public static func bytesPerWeight(_ format: StorageFormat) -> Double {
    Double(format.bytesPerBlock) / Double(format.elementsPerBlock)
  }

  /// Counts the weights of tensors.
  init(_ format: StorageFormat, _ tensors: [TensorDescription]) {
    var (bytes, otherwise) = (0, 0)
    for tensor in tensors {
      let columns = tensor.shape.last ?? 1
      guard tensor.shape.count > 1 else {
        bytes += tensor.elementCount * StorageFormat.float32.bytesPerBlock
        continue
      }
      let used = Self.format(format, columns: columns)
      if used != format { otherwise += 1 }
      bytes += tensor.elementCount / used.elementsPerBlock * used.bytesPerBlock
    }
    (self.format, self.bytes, self.otherwise) = (format, bytes, otherwise)
  }

  /// The type itself where rows are whole blocks of it; else the one of blocks of 32 with the next more bits, as
  /// llama-quantize chooses, or float16.
  private static func format(_ format: StorageFormat, columns: Int) -> StorageFormat {
    if columns % format.elementsPerBlock == 0 { return format }
    let bits = bytesPerWeight(format)
    let larger = [StorageFormat.q4_0, .q5_0, .q5_1, .q8_0].first {
      columns % $0.elementsPerBlock == 0 && bytesPerWeight($0) > bits
    }
    return larger ?? .float16
  }
}
