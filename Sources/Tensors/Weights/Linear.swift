/// A linear layer: y = W x + b, and what an adapter adds.
///
/// It hides how its weight is stored and whether an adapter sits on it, so that no architecture knows of either.
public struct Linear: Sendable {
  /// The matrix W.
  public let weight: WeightMatrix
  /// The vector b, or nil.
  public let bias: Tensor?
  /// What is added to the layer's result, or nil.
  public let adapter: LowRankAdapter?
  /// Whether the matrix or the bias is recorded: asked for every product.
  let isRecorded: Bool

  /// What of the layer is float32 tensors, and so can be trained.
  var floats: [Tensor] { (weight.values.map { [$0] } ?? []) + (bias.map { [$0] } ?? []) }

  /// A layer without a bias.
  public init(weight: WeightMatrix) {
    self.weight = weight
    (bias, adapter) = (nil, nil)
    isRecorded = weight.values?.isRecorded ?? false
  }

  /// A layer with these weights.
  /// - Throws: ``TensorError/shapeMismatch(_:)`` where the bias is not as long as the matrix is high, or the adapter was
  ///   made for a matrix of another shape.
  public init(weight: WeightMatrix, bias: Tensor?, adapter: LowRankAdapter? = nil) throws(TensorError) {
    guard bias == nil || bias?.columns == weight.rows else {
      throw .shapeMismatch("a bias of \(bias?.columns ?? 0) values for a matrix of \(weight.rows) rows")
    }
    if let adapter, adapter.inputs != weight.columns || adapter.outputs != weight.rows {
      throw .shapeMismatch(
        """
        an adapter from \(adapter.inputs) to \(adapter.outputs) values for a matrix of \(weight.rows) rows and \
        \(weight.columns) columns
        """)
    }
    (self.weight, self.bias, self.adapter) = (weight, bias, adapter)
    isRecorded = (weight.values?.isRecorded ?? false) || (bias?.isRecorded ?? false)
  }

  /// The layer's result for each row of `x`: tokens × `weight.rows`.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    adapted(x.device.perform(MatrixProduct(x, self)).a, x)
  }

  /// `product`, which is W x + b, with what the adapter adds.
  fileprivate func adapted(_ product: Tensor, _ x: Tensor) -> Tensor {
    guard let adapter else { return product }
    return product + adapter(x)
  }
}

/// Two layers that read the same activations, done together.
public func project(_ x: Tensor, _ a: Linear, _ b: Linear) -> (Tensor, Tensor) {
  let products = x.device.perform(MatrixProduct(x, a, b))
  // A product has a result for each layer that it was made with, whatever the input.
  guard let second = products.b else { preconditionFailure("a product without its second result") }
  return (a.adapted(products.a, x), b.adapted(second, x))
}

/// Three layers that read the same activations, done together.
public func project(_ x: Tensor, _ a: Linear, _ b: Linear, _ c: Linear) -> (Tensor, Tensor, Tensor) {
  let products = x.device.perform(MatrixProduct(x, a, b, c))
  guard let second = products.b, let third = products.c else {
    preconditionFailure("a product without its second or third result")
  }
  return (a.adapted(products.a, x), b.adapted(second, x), c.adapted(third, x))
}
