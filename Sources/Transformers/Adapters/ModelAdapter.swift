import MartletTensors

/// A LoRA adapter: its settings, a pair of matrices for each layer that it sits on, and the weights that it replaces whole.
public struct ModelAdapter: Sendable {
  /// The matrices of one layer.
  public struct Factors: Sendable {
    /// A: rank × inputs.
    public var a: Tensor
    /// B: outputs × rank.
    public var b: Tensor

    /// A pair of matrices.
    public init(a: Tensor, b: Tensor) { (self.a, self.b) = (a, b) }
  }

  /// How the adapter was made.
  public let configuration: AdapterConfiguration
  /// The matrices, by the path of their layer (``LinearLayer/path``).
  public var factors: [String: Factors]
  /// Weights that take the place of the base's (`modules_to_save`), by name as in ``ModelParameters``.
  public var savedWeights: [String: Tensor]

  /// An adapter of these matrices and weights.
  public init(
    _ configuration: AdapterConfiguration, factors: [String: Factors], savedWeights: [String: Tensor] = [:]
  ) {
    (self.configuration, self.factors, self.savedWeights) = (configuration, factors, savedWeights)
  }
}
