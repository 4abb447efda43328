import MartletCheckpoints
import MartletTensors

/// A table with one row a token, position or segment, read from the file's map a row at a time.
///
/// Only the rows that are looked up ever enter memory.
struct EmbeddingTable: Sendable {
  private let source: any TensorSource
  private let description: TensorDescription
  private let device: Device

  var rows: Int { description.shape[0] }

  init(source: any TensorSource, description: TensorDescription, device: Device) {
    self.source = source
    self.description = description
    self.device = device
  }

  /// The rows with these numbers.
  /// - Throws: ``ModelError/unreadableTensor(_:problem:)`` where the file has changed under us.
  func callAsFunction(_ indices: some Collection<Int>) throws(ModelError) -> Tensor {
    do {
      return try source.withBytes(of: description.name) { bytes in
        try Tensor(
          rows: indices, ofMatrixWithColumns: description.shape[1], format: description.format, bytes: bytes,
          device: device)
      }
    } catch {
      throw .unreadableTensor(description.name, problem: "\(error)")
    }
  }
}
