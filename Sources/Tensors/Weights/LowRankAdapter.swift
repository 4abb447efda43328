/// What LoRA adds to a linear layer: scaling · B (A x) (Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language
/// Models").
public struct LowRankAdapter: Sendable {
  /// The matrix A: rank × inputs.
  public let a: WeightMatrix
  /// The matrix B: outputs × rank.
  public let b: WeightMatrix
  /// The factor of the product; in the paper alpha / rank.
  public let scaling: Float

  /// The width of the activations that the adapter reads.
  public var inputs: Int { a.columns }
  /// The width of what it adds.
  public var outputs: Int { b.rows }
  /// The rank r of the product of the two matrices.
  public var rank: Int { a.rows }

  /// An adapter of these matrices.
  /// - Throws: ``TensorError/shapeMismatch(_:)`` where B does not read what A gives.
  public init(a: WeightMatrix, b: WeightMatrix, scaling: Float) throws(TensorError) {
    guard a.rows == b.columns else {
      throw .shapeMismatch(
        "an adapter whose A has \(a.rows) rows and whose B has \(b.columns) columns; both are its rank")
    }
    (self.a, self.b, self.scaling) = (a, b, scaling)
  }

  /// What is added to the layer's result for each row of `x`: tokens × ``outputs``.
  func callAsFunction(_ x: Tensor) -> Tensor {
    let narrow = x.device.perform(MatrixProduct(x, Linear(weight: a))).a
    return x.device.perform(MatrixProduct(narrow, Linear(weight: b))).a.scaled(by: scaling)
  }
}
