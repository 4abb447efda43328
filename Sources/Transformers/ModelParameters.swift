import MartletTensors

/// One weight of a model.
public struct Parameter: Sendable {
  /// The weight's name in the checkpoint, as in `model.layers.0.self_attn.q_proj.weight`.
  public let name: String
  /// Its shape, as Hugging Face states it: rows × columns of a matrix, the length of a vector.
  public let shape: [Int]
  /// Where the model keeps it.
  let storage: Storage

  /// How many numbers it holds.
  public var count: Int { shape.reduce(1, *) }

  enum Storage: Sendable {
    /// A matrix, packed for the kernels.
    case matrix(WeightMatrix)
    /// A norm's weight or a bias.
    case vector(Tensor)
    /// A table that stays in its file.
    case table(EmbeddingTable)
  }
}

/// The weights of a model by name, in the order in which the architecture takes them. A matrix that serves twice, as a
/// tied embedding does, is there once.
public struct ModelParameters: Sendable, RandomAccessCollection {
  private let parameters: [Parameter]
  private let indices: [String: Int]
  /// The `model_type` of the architecture that the weights were loaded for.
  let architecture: String
  let configuration: Configuration
  let device: Device

  init(_ parameters: [Parameter], architecture: String, configuration: Configuration, device: Device) {
    self.parameters = parameters
    indices = Dictionary(uniqueKeysWithValues: parameters.enumerated().map { ($1.name, $0) })
    (self.architecture, self.configuration, self.device) = (architecture, configuration, device)
  }

  /// The position of the first weight: 0.
  public var startIndex: Int { 0 }
  /// The number of weights.
  public var endIndex: Int { parameters.count }
  /// The weight at a position.
  public subscript(position: Int) -> Parameter { parameters[position] }
  /// The weight with this name, or nil.
  public subscript(name: String) -> Parameter? { indices[name].map { parameters[$0] } }
}
