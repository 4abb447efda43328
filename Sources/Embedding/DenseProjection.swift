import MartletCheckpoints
import MartletTensors

/// A dense layer behind the pooling, loaded.
struct DenseProjection: Sendable {
  private let linear: Linear
  private let activation: Activation?

  /// - Throws: `CheckpointError` where the file cannot be read, ``EmbeddingError/damagedDenseLayer(file:problem:)`` where it
  ///   holds something else.
  init(_ layer: DenseLayer, precision: Precision, device: Device) throws {
    let file = try SafetensorsFile(path: layer.weights)
    func description(_ name: String, shape: [Int]) throws(EmbeddingError) -> TensorDescription {
      guard let found = file.description(of: name), found.shape == shape else {
        throw .damagedDenseLayer(
          file: layer.weights,
          problem: "there is no \(name) of \(shape.map(String.init).joined(separator: " × "))")
      }
      return found
    }
    let weight = try description("linear.weight", shape: [layer.outputs, layer.inputs])
    let matrix = try file.withBytes(of: weight.name) { bytes in
      try WeightMatrix(
        rows: layer.outputs, columns: layer.inputs, format: weight.format, precision: precision,
        device: device,
        bytes: bytes)
    }
    var bias: Tensor?
    if layer.hasBias {
      let vector = try description("linear.bias", shape: [layer.outputs])
      bias = try file.withBytes(of: vector.name) { bytes in
        try Tensor(vectorOf: layer.outputs, format: vector.format, bytes: bytes, device: device)
      }
    }
    linear = try Linear(weight: matrix, bias: bias)
    activation = layer.activation
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    let projected = linear(x)
    return activation.map { projected.activated(by: $0) } ?? projected
  }
}
