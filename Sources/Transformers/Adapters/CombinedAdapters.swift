import MartletTensors

/// What several adapters together change of a model.
struct CombinedAdapters {
  private(set) var layers: [String: LowRankAdapter] = [:]
  private(set) var values: [String: Tensor] = [:]
  private(set) var matrices: [String: WeightMatrix] = [:]

  /// - Parameters:
  ///   - adapters: Of each layer, the ranks are put side by side: the sum of the products is one product.
  ///   - parameters: The base's.
  init(_ adapters: [ScaledAdapter], on parameters: ModelParameters) throws(AdapterError) {
    let paths = ModelPaths(parameters)
    var parts: [String: [LayerUpdate]] = [:]
    var unties = false
    for scaled in adapters {
      guard scaled.scale.isFinite else {
        throw .invalidSetting(key: "scale", problem: "is \(scaled.scale), which is not finite")
      }
      let adapter = try scaled.adapter.fitted(to: parameters)
      for (path, factors) in adapter.factors {
        let scaling = Float(try adapter.configuration.scaling(of: path) * scaled.scale)
        parts[path, default: []].append(LayerUpdate(factors: factors, scaling: scaling))
      }
      for (name, saved) in adapter.savedWeights {
        guard values[name] == nil else { throw .conflictingWeights(name) }
        values[name] = try Self.value(saved, name, scale: scaled.scale, paths)
      }
      if adapter.unties(paths.tokenEmbedding) { unties = true }
    }
    for (path, updates) in parts {
      if let embedding = paths.embedding(path) {
        let saved = values[embedding.name]
        let base = saved == nil ? try Self.values(of: embedding) : saved
        guard let base else { continue }
        values[embedding.name] = updates.reduce(base) { $0 + $1.delta.transposed() }
        unties = true
      } else {
        layers[path] = try LayerUpdate.combined(updates)
      }
    }
    // As in peft, an embedding that is replaced is no longer the head.
    if paths.isTied, unties, let embedding = paths.tokenEmbedding, values[embedding.name] != nil,
      values[paths.headName] == nil, case .matrix(let matrix) = embedding.storage
    {
      matrices[paths.headName] = matrix
    }
  }

  /// A weight that takes the place of the base's, as far as the scale says.
  private static func value(
    _ saved: Tensor, _ name: String, scale: Double, _ paths: ModelPaths
  ) throws(AdapterError) -> Tensor {
    guard scale != 1, let parameter = paths.parameter(name) ?? paths.tokenEmbedding else {
      return saved
    }
    let base = try values(of: parameter)
    return saved.scaled(by: Float(scale)) + base.scaled(by: Float(1 - scale))
  }

  static func values(of parameter: Parameter) throws(AdapterError) -> Tensor {
    do throws(ModelError) { return try parameter.values() } catch { throw .model(error) }
  }
}

/// What one adapter adds to one layer: scaling · B · A.
struct LayerUpdate {
  let factors: ModelAdapter.Factors
  let scaling: Float

  private static func checked<T>(_ make: () throws(TensorError) -> T) throws(AdapterError) -> T {
    do throws(TensorError) { return try make() } catch {
      throw .invalidSetting(key: "r", problem: "gives matrices that do not fit: \(error)")
    }
  }

  /// The sum of updates as one, its matrices packed for the kernels.
  static func combined(_ updates: [LayerUpdate]) throws(AdapterError) -> LowRankAdapter {
    guard let first = updates.first else {
      throw .invalidSetting(key: "adapters", problem: "are none for a layer")
    }
    if updates.count == 1 {
      return try checked { () throws(TensorError) in
        try LowRankAdapter(
          a: packed(first.factors.a), b: packed(first.factors.b), scaling: first.scaling)
      }
    }
    let rank = updates.reduce(0) { $0 + $1.factors.a.rows }
    let (inputs, outputs) = (first.factors.a.columns, first.factors.b.rows)
    var b = [Float](repeating: 0, count: outputs * rank)
    var offset = 0
    for update in updates {
      let (values, columns) = (update.factors.b.values, update.factors.b.columns)
      for row in 0..<outputs {
        for column in 0..<columns {
          b[row * rank + offset + column] = values[row * columns + column] * update.scaling
        }
      }
      offset += columns
    }
    let device = first.factors.a.device
    return try checked { () throws(TensorError) in
      try LowRankAdapter(
        a: packed(updates.flatMap(\.factors.a.values), rows: rank, columns: inputs, device),
        b: packed(b, rows: outputs, columns: rank, device), scaling: 1)
    }
  }

  private static func packed(_ tensor: Tensor) throws(TensorError) -> WeightMatrix {
    try packed(tensor.values, rows: tensor.rows, columns: tensor.columns, tensor.device)
  }

  private static func packed(
    _ values: [Float], rows: Int, columns: Int, _ device: Device
  ) throws(TensorError) -> WeightMatrix {
    var result: Result<WeightMatrix, TensorError> = .failure(.malformedWeight("it has no values"))
    values.withUnsafeBytes { bytes in
      do throws(TensorError) {
        result = .success(
          try WeightMatrix(
            rows: rows, columns: columns, format: .float32, precision: .float32, device: device,
            bytes: bytes)
        )
      } catch {
        result = .failure(error)
      }
    }
    return try result.get()
  }

  /// What is added to the layer's matrix: scaling · B · A, outputs × inputs. Of an embedding, which has a row a token, it
  /// is the transpose.
  var delta: Tensor {
    Linear(weight: WeightMatrix(values: factors.a.transposed()))(factors.b).scaled(by: scaling)
  }
}

extension ModelAdapter {
  /// Whether the adapter gives an embedding values of its own that a tied head does not share: as in peft, a module to
  /// save is a copy, and the head stays what it was. An embedding that is saved since its size changed stays tied.
  fileprivate func unties(_ embedding: Parameter?) -> Bool {
    guard let embedding, savedWeights[embedding.name] != nil, !configuration.keepsHeadTied else {
      return false
    }
    return configuration.modulesToSave.contains { Self.isIn(embedding.name, $0) }
  }
}
