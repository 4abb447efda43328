/// What LoRA adds to a linear layer: scaling · B (A x) (Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language
/// Models").
public struct LowRankAdapter: Sendable {
  /// The matrix A: rank × inputs.
  public let a: WeightMatrix
  /// The matrix B: outputs × rank.
  public let b: WeightMatrix
  /// The factor of the product; in the paper alpha / rank.
  public let scaling: Float
  /// Which of the activations that the adapter reads are dropped while it trains; nil for none.
  public let dropout: Dropout?

  /// The width of the activations that the adapter reads.
  public var inputs: Int { a.columns }
  /// The width of what it adds.
  public var outputs: Int { b.rows }
  /// The rank r of the product of the two matrices.
  public var rank: Int { a.rows }

  /// An adapter of these matrices.
  /// - Throws: ``TensorError/shapeMismatch(_:)`` where B does not read what A gives.
  public init(
    a: WeightMatrix, b: WeightMatrix, scaling: Float, dropout: Dropout? = nil
  ) throws(TensorError) {
    guard a.rows == b.columns else {
      throw .shapeMismatch(
        "an adapter whose A has \(a.rows) rows and whose B has \(b.columns) columns; both are its rank")
    }
    (self.a, self.b, self.scaling, self.dropout) = (a, b, scaling, dropout)
  }

  /// An adapter of matrices that are not packed, which train where they are recorded.
  /// - Parameters:
  ///   - a: rank × inputs.
  ///   - b: outputs × rank.
  ///   - scaling: The factor of the product.
  ///   - dropout: Which of the activations are dropped; nil for none.
  /// - Throws: ``TensorError/shapeMismatch(_:)`` where B does not read what A gives.
  public init(a: Tensor, b: Tensor, scaling: Float, dropout: Dropout? = nil) throws(TensorError) {
    try self.init(
      a: WeightMatrix(values: a), b: WeightMatrix(values: b), scaling: scaling, dropout: dropout)
  }

  /// What is added to the layer's result for each row of `x`: tokens × ``outputs``.
  func callAsFunction(_ x: Tensor) -> Tensor {
    x.device.perform(MatrixProduct(narrowed(x), Linear(weight: b))).a
  }

  /// What the matrix B reads: scaling · A x for each row of `x`.
  func narrowed(_ x: Tensor) -> Tensor {
    let read = dropout.map { x.dropped(by: $0) } ?? x
    return x.device.perform(MatrixProduct(read, Linear(weight: a))).a.scaled(by: scaling)
  }
}
