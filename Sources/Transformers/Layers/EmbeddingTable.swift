import MartletCheckpoints
import MartletTensors

/// A table with one row a token, position or segment, read from the file's map a row at a time: only the rows that are
/// looked up ever enter memory. A table that trains is in memory as a whole.
struct EmbeddingTable: Sendable {
  private let storage: Storage

  private enum Storage {
    case file(any TensorSource, TensorDescription, Device)
    case memory(Tensor)
    /// A matrix that was the output head's, too.
    case matrix(WeightMatrix)
  }

  var rows: Int {
    switch storage {
    case .file(_, let description, _): description.shape[0]
    case .memory(let values): values.rows
    case .matrix(let matrix): matrix.rows
    }
  }

  init(source: any TensorSource, description: TensorDescription, device: Device) {
    storage = .file(source, description, device)
  }

  /// A table of these rows.
  init(_ values: Tensor) { storage = .memory(values) }

  /// The rows of a packed matrix.
  init(_ matrix: WeightMatrix) { storage = .matrix(matrix) }

  /// The rows with these numbers.
  /// - Throws: ``ModelError/unreadableTensor(_:problem:)`` where the file has changed under us.
  func callAsFunction(_ indices: some Collection<Int>) throws(ModelError) -> Tensor {
    let (source, description, device): (any TensorSource, TensorDescription, Device)
    switch storage {
    case .memory(let values): return values.gatherRows(Array(indices))
    case .matrix(let matrix): return matrix.gatherRows(Array(indices))
    case .file(let file, let table, let place): (source, description, device) = (file, table, place)
    }
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
