import MartletTensors

/// Root-mean-square normalization (Zhang and Sennrich 2019).
struct RMSNorm: Sendable {
  let weight: Tensor
  let epsilon: Float

  /// - Parameter addsOne: Whether the norm multiplies by 1 + weight, as Gemma's does.
  init(
    _ weights: Weights, _ name: String, width: Int, epsilon: Float, addsOne: Bool = false
  ) throws(ModelError) {
    weight = try weights.vector(name + ".weight", count: width, addingOne: addsOne)
    self.epsilon = epsilon
  }

  func callAsFunction(_ x: Tensor) -> Tensor { x.rmsNormalized(weight: weight, epsilon: epsilon) }
}

/// Layer normalization (Ba et al. 2016).
struct LayerNorm: Sendable {
  let weight: Tensor
  let bias: Tensor
  let epsilon: Float

  /// Old checkpoints (TensorFlow's) call the weight `gamma` and the bias `beta`.
  init(_ weights: Weights, _ name: String, width: Int, epsilon: Float) throws(ModelError) {
    let isOld = weights.contains(name + ".gamma")
    weight = try weights.vector(name + (isOld ? ".gamma" : ".weight"), count: width)
    bias = try weights.vector(name + (isOld ? ".beta" : ".bias"), count: width)
    self.epsilon = epsilon
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    x.layerNormalized(weight: weight, bias: bias, epsilon: epsilon)
  }
}
