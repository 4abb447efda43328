/// A linear layer: y = W x + b.
///
/// It hides how its weight is stored. An adapter would sit here too, so that no architecture knows of it.
public struct Linear: Sendable {
  /// The matrix W.
  public let weight: WeightMatrix
  /// The vector b, or nil.
  public let bias: Tensor?

  /// A layer without a bias.
  public init(weight: WeightMatrix) {
    self.weight = weight
    bias = nil
  }

  /// A layer with these weights.
  /// - Throws: ``TensorError/shapeMismatch(_:)`` where the bias is not as long as the matrix is high.
  public init(weight: WeightMatrix, bias: Tensor?) throws(TensorError) {
    guard bias == nil || bias?.columns == weight.rows else {
      throw .shapeMismatch("a bias of \(bias?.columns ?? 0) values for a matrix of \(weight.rows) rows")
    }
    self.weight = weight
    self.bias = bias
  }

  /// The layer's result for each row of `x`: tokens × `weight.rows`.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    MatrixProduct(x).apply(self)
  }
}

/// Two layers that read the same activations, done together.
public func project(_ x: Tensor, _ a: Linear, _ b: Linear) -> (Tensor, Tensor) {
  MatrixProduct(x).apply(a, b)
}

/// Three layers that read the same activations, done together.
public func project(_ x: Tensor, _ a: Linear, _ b: Linear, _ c: Linear) -> (Tensor, Tensor, Tensor) {
  MatrixProduct(x).apply(a, b, c)
}
