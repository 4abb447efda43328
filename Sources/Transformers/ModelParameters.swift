import MartletTensors

/// One weight of a model.
public struct Parameter: Sendable {
  /// The weight's name in the checkpoint, as in `model.layers.0.self_attn.q_proj.weight`.
  public let name: String
  /// Its shape, as Hugging Face states it: rows × columns of a matrix, the length of a vector.
  public let shape: [Int]
  /// Where the model keeps it.
  let storage: Storage
  /// Whether the model keeps a matrix the other way round than ``shape`` says.
  let isTransposed: Bool

  init(name: String, shape: [Int], storage: Storage, isTransposed: Bool = false) {
    (self.name, self.shape, self.storage, self.isTransposed) = (name, shape, storage, isTransposed)
  }

  /// How many numbers it holds.
  public var count: Int { shape.reduce(1, *) }

  /// The bytes of memory that it takes; a table that stays in its file takes none.
  public var byteCount: Int {
    switch storage {
    case .matrix(let matrix): matrix.byteCount
    case .vector(let vector): 4 * vector.columns
    case .table: 0
    }
  }

  /// Its values as float32, in its ``shape`` (a vector as one row): what training starts from. They are what the model
  /// computes with: rounded as the file's format has it, in Hugging Face's order of rows, and for norms that multiply by
  /// 1 + weight with the one.
  /// - Throws: ``ModelError/unreadableTensor(_:problem:)`` where a table cannot be read from its file any more.
  public func values() throws(ModelError) -> Tensor {
    switch storage {
    case .matrix(let matrix): isTransposed ? matrix.floatValues.transposed() : matrix.floatValues
    case .vector(let vector): vector.unrecorded()
    case .table(let table): try table(0..<table.rows).unrecorded()
    }
  }

  enum Storage: Sendable {
    /// A matrix, packed for the kernels.
    case matrix(WeightMatrix)
    /// A norm's weight or a bias.
    case vector(Tensor)
    /// A table that stays in its file.
    case table(EmbeddingTable)
  }
}

extension Parameter {
  /// The same weight with other values, in its shape.
  func replaced(by values: Tensor) throws(ModelError) -> Parameter {
    let (rows, columns) = (shape.count > 1 ? shape[0] : 1, shape.last ?? 0)
    guard values.rows == rows, values.columns == columns else {
      throw .unusableValues(
        name, problem: "they are \(values.rows) × \(values.columns), and the weight is \(rows) × \(columns)")
    }
    let storage: Storage =
      switch storage {
      case .matrix: .matrix(WeightMatrix(values: isTransposed ? values.transposed() : values))
      case .vector: .vector(values)
      case .table: .table(EmbeddingTable(values))
      }
    return Parameter(name: name, shape: shape, storage: storage, isTransposed: isTransposed)
  }
}

/// The weights of a model by name, in the order in which the architecture takes them. A matrix that serves twice, as a
/// tied embedding does, is there once.
public struct ModelParameters: Sendable, RandomAccessCollection {
  private let parameters: [Parameter]
  private let indices: [String: Int]
  /// The linear layers, in the order in which the architecture takes them: what adapters can sit on.
  public let linearLayers: [LinearLayer]
  /// The `model_type` of the architecture that the weights were loaded for.
  public let architecture: String
  let configuration: Configuration
  let device: Device

  init(
    _ parameters: [Parameter], linearLayers: [LinearLayer], architecture: String,
    configuration: Configuration, device: Device
  ) {
    (self.parameters, self.linearLayers) = (parameters, linearLayers)
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
