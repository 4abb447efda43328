import Checkpoints
import Tensors

/// The tensors of a checkpoint under one prefix, taken one by one while a model is built.
///
/// A model's initializers read like its state dictionary: `weights.scope("self_attn").linear("q_proj", …)`.
/// What is missing or has another shape is an error that names it, and so is what nobody took
/// (``checkAllTaken(except:)``).
struct Weights {
  let device: Device
  let precision: Precision
  private let source: any TensorSource
  private let prefix: String
  private let taken: TakenNames

  private final class TakenNames {
    var names: Set<String> = []
  }

  init(_ source: any TensorSource, precision: Precision, device: Device) {
    self.init(source, precision, device, prefix: "", taken: TakenNames())
  }

  private init(
    _ source: any TensorSource, _ precision: Precision, _ device: Device, prefix: String, taken: TakenNames
  ) {
    self.source = source
    self.precision = precision
    self.device = device
    self.prefix = prefix
    self.taken = taken
  }

  /// The tensors whose names go on after `name` and a dot.
  func scope(_ name: String) -> Weights {
    Weights(source, precision, device, prefix: prefix + name + ".", taken: taken)
  }

  func contains(_ name: String) -> Bool { source.description(of: prefix + name) != nil }

  /// `name.weight` and, where `bias` says so, `name.bias` as a linear layer.
  func linear(_ name: String, outputs: Int, inputs: Int, bias: Bool = false) throws(ModelError) -> Linear {
    let weight = try matrix(name + ".weight", rows: outputs, columns: inputs)
    let bias = bias ? try vector(name + ".bias", count: outputs) : nil
    return try explained(name) { () throws(TensorError) in try Linear(weight: weight, bias: bias) }
  }

  /// A matrix of weights, repacked for the kernels; its pages leave the map again.
  func matrix(_ name: String, rows: Int, columns: Int) throws(ModelError) -> WeightMatrix {
    let description = try take(name, shape: [rows, columns])
    let order = description.rowPermutation?.order(rows: rows)
    defer { source.discardPages(of: description.name) }
    return try bytes(of: description) { bytes throws(TensorError) in
      try WeightMatrix(
        rows: rows, columns: columns, format: description.format, precision: precision, device: device,
        bytes: bytes, rowOrder: order)
    }
  }

  /// A vector of weights: a norm or a bias.
  func vector(_ name: String, count: Int) throws(ModelError) -> Tensor {
    let description = try take(name, shape: [count])
    let vector = try bytes(of: description) { bytes throws(TensorError) in
      try Tensor(vectorOf: count, format: description.format, bytes: bytes, device: device)
    }
    guard !description.includesOne else {
      throw .unsupportedConfiguration(key: description.name, value: "stored with one added")
    }
    guard let order = description.rowPermutation?.order(rows: count) else { return vector }
    return vector.gatheringColumns((0..<count).map(order))
  }

  /// A table of embeddings, which stays in the file's map and is read a row at a time.
  func table(_ name: String, rows: Int, columns: Int) throws(ModelError) -> EmbeddingTable {
    let description = try take(name, shape: [rows, columns])
    return EmbeddingTable(source: source, description: description, device: device)
  }

  /// Refuses a checkpoint with tensors that the model did not take, but for those that `except` accepts.
  func checkAllTaken(except ignorable: (String) -> Bool = { _ in false }) throws(ModelError) {
    let left = source.tensors.map(\.name).filter { !taken.names.contains($0) && !ignorable($0) }
    guard left.isEmpty else { throw .unusedTensors(left) }
  }

  private func take(_ name: String, shape: [Int]) throws(ModelError) -> TensorDescription {
    let full = prefix + name
    guard let description = source.description(of: full) else { throw .missingTensor(full) }
    guard description.shape == shape else {
      throw .unexpectedShape(tensor: full, expected: shape, found: description.shape)
    }
    taken.names.insert(description.name)
    return description
  }

  private func bytes<R>(
    of description: TensorDescription, _ body: (UnsafeRawBufferPointer) throws(TensorError) -> R
  ) throws(ModelError) -> R {
    do {
      return try source.withBytes(of: description.name) { try body($0) }
    } catch {
      throw .unreadableTensor(description.name, problem: "\(error)")
    }
  }

  private func explained<R>(_ name: String, _ body: () throws(TensorError) -> R) throws(ModelError) -> R {
    do { return try body() } catch { throw .unreadableTensor(prefix + name, problem: error.description) }
  }
}
