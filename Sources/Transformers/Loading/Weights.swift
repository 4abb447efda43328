import MartletCheckpoints
import MartletTensors

/// The tensors of a checkpoint under one prefix, taken one by one while a model is built.
///
/// A model's initializers read like its state dictionary: `weights.scope("self_attn").linear("q_proj", …)`.
/// What is missing or has another shape is an error that names it, and so is what nobody took
/// (``parameters(_:_:ignoring:)``). Linear layers come with the adapter that is meant for them.
///
/// A model can be built of the weights of another one, too, which it then shares; only the adapters differ.
struct Weights {
  let device: Device
  private let source: Source
  private let prefix: String
  /// What the paths of layers begin with, where that is not ``prefix``.
  private let pathPrefix: String
  private let ledger: Ledger
  private let adapters: [String: LowRankAdapter]
  /// What takes the place of a model's weights of these names.
  private let values: [String: Tensor]
  /// Matrices that a model gets in addition: a head of its own where it was tied.
  private let matrices: [String: WeightMatrix]
  /// Whether a decoder is built for its hidden states alone, so that its output head may be missing.
  let isForHiddenStates: Bool

  private enum Source {
    case checkpoint(any TensorSource, Precision)
    case model(ModelParameters)
  }

  /// What was taken so far.
  private final class Ledger {
    var parameters: [Parameter] = []
    var names: Set<String> = []
    var adapters: Set<String> = []
    var values: Set<String> = []
    var linearLayers: [LinearLayer] = []

    func add(_ parameter: Parameter) {
      if names.insert(parameter.name).inserted { parameters.append(parameter) }
    }
  }

  /// The tensors of a checkpoint.
  /// - Parameter isForHiddenStates: Whether a decoder's output head may be missing.
  init(
    _ source: any TensorSource, precision: Precision, device: Device,
    adapters: [String: LowRankAdapter] = [:], isForHiddenStates: Bool = false
  ) {
    self.init(
      device, .checkpoint(source, precision), prefix: "", pathPrefix: "", Ledger(), adapters, [:], [:],
      isForHiddenStates: isForHiddenStates)
  }

  /// The weights of a model that was built already.
  /// - Parameters:
  ///   - values: What takes the place of those with these names. `lm_head.weight` unties the head of a tied model.
  ///   - matrices: The same for weights that a model has already.
  init(
    _ parameters: ModelParameters, adapters: [String: LowRankAdapter], values: [String: Tensor],
    matrices: [String: WeightMatrix] = [:]
  ) {
    // What the model was built without stays away.
    self.init(
      parameters.device, .model(parameters), prefix: "", pathPrefix: "", Ledger(), adapters, values,
      matrices, isForHiddenStates: true)
  }

  private init(
    _ device: Device, _ source: Source, prefix: String, pathPrefix: String, _ ledger: Ledger,
    _ adapters: [String: LowRankAdapter], _ values: [String: Tensor], _ matrices: [String: WeightMatrix],
    isForHiddenStates: Bool
  ) {
    self.isForHiddenStates = isForHiddenStates
    (self.device, self.source, self.prefix, self.pathPrefix) = (device, source, prefix, pathPrefix)
    (self.ledger, self.adapters, self.values, self.matrices) = (ledger, adapters, values, matrices)
  }

  /// The tensors whose names go on after `name` and a dot.
  func scope(_ name: String) -> Weights {
    scope(prefix: prefix + name + ".", pathPrefix: pathPrefix + name + ".")
  }

  private func scope(prefix: String, pathPrefix: String) -> Weights {
    Weights(
      device, source, prefix: prefix, pathPrefix: pathPrefix, ledger, adapters, values, matrices,
      isForHiddenStates: isForHiddenStates)
  }

  /// The tensors under a prefix where `tensor` is among them, else all: files of a model without its head leave the
  /// prefix out.
  func scope(_ name: String, ifItHas tensor: String) -> Weights {
    contains("\(name).\(tensor)") ? scope(name) : self
  }

  /// As ``scope(_:ifItHas:)`` for the decoder below a head: the paths of its layers have the prefix in any case, as in
  /// transformers' model with a head.
  func decoderScope(_ name: String, ifItHas tensor: String) -> Weights {
    contains("\(name).\(tensor)")
      ? scope(name) : scope(prefix: prefix, pathPrefix: pathPrefix + name + ".")
  }

  func contains(_ name: String) -> Bool {
    let name = prefix + name
    return switch source {
    case .checkpoint(let tensors, _): tensors.description(of: name) != nil
    case .model(let parameters):
      parameters[name] != nil || values[name] != nil || matrices[name] != nil
    }
  }

  /// `name.weight` and, where `bias` says so, `name.bias` as a linear layer.
  func linear(_ name: String, outputs: Int, inputs: Int, bias: Bool = false) throws(ModelError) -> Linear {
    let weight = try matrix(name + ".weight", rows: outputs, columns: inputs)
    return try linear(name, weight, bias: bias ? try vector(name + ".bias", count: outputs) : nil)
  }

  /// A linear layer of a matrix that was taken before: a head that shares the embedding's.
  /// - Parameter bias: The layer's own bias, or nil.
  func linear(_ name: String, sharing weight: WeightMatrix, bias: Tensor? = nil) throws(ModelError) -> Linear
  {
    try linear(name, weight, bias: bias)
  }

  /// `name.weight` and `name.bias` of a linear layer that Hugging Face's checkpoints store the other way round, inputs ×
  /// outputs: the `Conv1D` of GPT-2. GGUF files store it as any other.
  func conv1D(_ name: String, outputs: Int, inputs: Int, isTransposed: Bool) throws(ModelError) -> Linear {
    let weight =
      isTransposed
      ? try matrix(name + ".weight", rows: outputs, columns: inputs, isTransposed: true)
      : try matrix(name + ".weight", rows: outputs, columns: inputs)
    return try linear(
      name, weight, bias: vector(name + ".bias", count: outputs), isTransposed: true)
  }

  private func linear(
    _ name: String, _ weight: WeightMatrix, bias: Tensor?, isTransposed: Bool = false
  ) throws(ModelError) -> Linear {
    ledger.linearLayers.append(
      LinearLayer(
        path: pathPrefix + name, inputs: weight.columns, outputs: weight.rows, isTransposed: isTransposed))
    let adapter = adapters[pathPrefix + name]
    if adapter != nil { ledger.adapters.insert(pathPrefix + name) }
    do {
      return try Linear(weight: weight, bias: bias, adapter: adapter)
    } catch {
      throw adapter == nil
        ? .unreadableTensor(prefix + name, problem: error.description)
        : .unusableAdapter(pathPrefix + name, problem: error.description)
    }
  }

  /// A matrix of weights, repacked for the kernels; its pages leave the map again.
  /// - Parameter isTransposed: Whether the file holds it as `columns` rows of `rows` values.
  func matrix(
    _ name: String, rows: Int, columns: Int, isTransposed: Bool = false
  ) throws(ModelError) -> WeightMatrix {
    switch source {
    case .model(let parameters):
      guard case .matrix(let matrix) = try taken(name, from: parameters, rows: rows, columns: columns) else {
        throw .missingTensor(prefix + name)
      }
      return matrix
    case .checkpoint(let tensors, let precision):
      let description = try description(
        name, shape: isTransposed ? [columns, rows] : [rows, columns], in: tensors)
      let order = description.rowPermutation?.order(rows: rows)
      defer { tensors.discardPages(of: description.name) }
      let matrix = try bytes(of: description, in: tensors) { bytes throws(TensorError) in
        if isTransposed {
          return try WeightMatrix(
            transposing: rows, columns: columns, format: description.format, precision: precision,
            device: device, bytes: bytes)
        }
        return try WeightMatrix(
          rows: rows, columns: columns, format: description.format, precision: precision, device: device,
          bytes: bytes, rowOrder: order)
      }
      return add(matrix, description, isTransposed: isTransposed, Parameter.Storage.matrix)
    }
  }

  /// A vector of weights: a norm or a bias.
  /// - Parameter addingOne: Whether one is added to every value, where the file has not done so already.
  func vector(_ name: String, count: Int, addingOne: Bool = false) throws(ModelError) -> Tensor {
    switch source {
    case .model(let parameters):
      guard case .vector(let vector) = try taken(name, from: parameters) else {
        throw .missingTensor(prefix + name)
      }
      return vector
    case .checkpoint(let tensors, _):
      let description = try description(name, shape: [count], in: tensors)
      let vector = try bytes(of: description, in: tensors) { bytes throws(TensorError) in
        try Tensor(vectorOf: count, format: description.format, bytes: bytes, device: device)
      }
      guard addingOne || !description.includesOne else {
        throw .unsupportedConfiguration(key: description.name, value: "stored with one added")
      }
      if addingOne && !description.includesOne {
        return add(vector.shifted(by: 1), description, Parameter.Storage.vector)
      }
      let order = description.rowPermutation?.order(rows: count)
      let ordered = order.map { vector.gatheringColumns((0..<count).map($0)) } ?? vector
      return add(ordered, description, Parameter.Storage.vector)
    }
  }

  /// A table of embeddings, which stays in the file's map and is read a row at a time.
  func table(_ name: String, rows: Int, columns: Int) throws(ModelError) -> EmbeddingTable {
    switch source {
    case .model(let parameters):
      switch try taken(name, from: parameters) {
      case .table(let table): return table
      // The model was tied until now.
      case .matrix(let matrix): return EmbeddingTable(matrix)
      case .vector: throw .missingTensor(prefix + name)
      }
    case .checkpoint(let tensors, _):
      let description = try description(name, shape: [rows, columns], in: tensors)
      return add(
        EmbeddingTable(source: tensors, description: description, device: device), description,
        Parameter.Storage.table)
    }
  }

  /// All that was taken, when the model is complete.
  /// - Parameter ignorable: Tells the tensors that no part of the model needs.
  /// - Throws: ``ModelError`` where tensors or adapters are left that nobody took.
  func parameters(
    _ architecture: String, _ configuration: Configuration,
    ignoring ignorable: (String) -> Bool = { _ in false }
  ) throws(ModelError) -> ModelParameters {
    if case .checkpoint(let tensors, _) = source {
      let left = tensors.tensors.map(\.name).filter { !ledger.names.contains($0) && !ignorable($0) }
      guard left.isEmpty else { throw .unusedTensors(left) }
    }
    let unusedValues = values.keys.filter { !ledger.values.contains($0) }.sorted()
    guard unusedValues.isEmpty else { throw .unusedValues(unusedValues) }
    let unusedAdapters = adapters.keys.filter { !ledger.adapters.contains($0) }.sorted()
    guard unusedAdapters.isEmpty else { throw .unusedAdapters(unusedAdapters) }
    return ModelParameters(
      ledger.parameters, linearLayers: ledger.linearLayers, architecture: architecture,
      configuration: configuration, device: device)
  }

  private func add<Weight>(
    _ weight: Weight, _ description: TensorDescription, isTransposed: Bool = false,
    _ storage: (Weight) -> Parameter.Storage
  ) -> Weight {
    ledger.add(
      Parameter(
        name: description.name, shape: description.shape, storage: storage(weight), isTransposed: isTransposed
      ))
    return weight
  }

  /// A weight of the model that this one is built of, or what takes its place.
  /// - Parameters:
  ///   - rows: The height of a matrix that the model may not have yet.
  ///   - columns: Its width.
  private func taken(
    _ name: String, from parameters: ModelParameters, rows: Int = 0, columns: Int = 0
  ) throws(ModelError) -> Parameter.Storage {
    let present = parameters[prefix + name]
    let found = present == nil ? try added(prefix + name, rows: rows, columns: columns) : present
    guard var parameter = found else { throw .missingTensor(prefix + name) }
    if let values = values[parameter.name] {
      ledger.values.insert(parameter.name)
      parameter = try parameter.replaced(by: values)
    }
    ledger.add(parameter)
    return parameter.storage
  }

  /// A matrix that the model did not have.
  private func added(_ name: String, rows: Int, columns: Int) throws(ModelError) -> Parameter? {
    if let matrix = matrices[name] {
      return Parameter(name: name, shape: [matrix.rows, matrix.columns], storage: .matrix(matrix))
    }
    guard let values = values[name] else { return nil }
    guard values.rows == rows, values.columns == columns else {
      throw .unusableValues(
        name, problem: "they are \(values.rows) × \(values.columns), and the weight is \(rows) × \(columns)")
    }
    return Parameter(name: name, shape: [rows, columns], storage: .matrix(WeightMatrix(values: values)))
  }

  private func description(
    _ name: String, shape: [Int], in tensors: any TensorSource
  ) throws(ModelError) -> TensorDescription {
    let full = prefix + name
    guard let description = tensors.description(of: full) else { throw .missingTensor(full) }
    guard description.shape == shape else {
      throw .unexpectedShape(tensor: full, expected: shape, found: description.shape)
    }
    return description
  }

  private func bytes<R>(
    of description: TensorDescription, in tensors: any TensorSource,
    _ body: (UnsafeRawBufferPointer) throws(TensorError) -> R
  ) throws(ModelError) -> R {
    do {
      return try tensors.withBytes(of: description.name) { try body($0) }
    } catch {
      throw .unreadableTensor(description.name, problem: "\(error)")
    }
  }
}
