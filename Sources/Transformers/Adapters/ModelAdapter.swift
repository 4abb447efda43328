import MartletTensors

/// A LoRA adapter: its settings, a pair of matrices for each layer that it sits on, and the weights that it replaces whole.
///
/// ```swift
/// let adapter = try ModelAdapter(directory: "my-adapter", device: model.device)
/// let tuned = try model.adapted(by: [ScaledAdapter(adapter)])
/// ```
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
  /// Weights that take the place of the base's (`modules_to_save`, `bias`), by name as in ``ModelParameters``.
  public var savedWeights: [String: Tensor]
  /// What is odd about the adapter's files and does not keep it from being used: a sentence each.
  public internal(set) var warnings: [String] = []
  /// Twelve hexadecimal digits that tell the files that it was read from from others; nil where it was not read.
  public internal(set) var fingerprint: String?

  /// Whether one has been added to the norms of ``savedWeights``, as ``Parameter/values()`` has it where a model
  /// multiplies by 1 + weight. Files have them without.
  var normsIncludeOne = false

  /// An adapter of these matrices and weights.
  public init(
    _ configuration: AdapterConfiguration, factors: [String: Factors],
    savedWeights: [String: Tensor] = [:]
  ) {
    (self.configuration, self.factors, self.savedWeights) = (configuration, factors, savedWeights)
  }

  /// How many numbers it has.
  public var parameterCount: Int {
    factors.values.reduce(0) { $0 + $1.a.rows * $1.a.columns + $1.b.rows * $1.b.columns }
      + savedWeights.values.reduce(0) { $0 + $1.rows * $1.columns }
  }
}
