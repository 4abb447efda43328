import MartletCheckpoints
import MartletTensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Adapters on their way into their base's weights: a model of its own, as a safetensors folder or a GGUF file.
///
/// Sums are computed in float32 and rounded to the type of the file that is written. What that costs is measured: on a
/// base of 4 bits an update that is smaller than the steps between its values is mostly lost.
public struct AdapterMerge: Sendable {
  /// What becomes of each tensor.
  public let conversion: ModelConversion

  /// Plans a merge.
  /// - Parameters:
  ///   - adapters: What is merged.
  ///   - checkpoint: The base.
  ///   - parameters: The base's weights.
  ///   - path: Where the result is to be: a GGUF file where the name ends in `.gguf`, else a folder.
  ///   - options: In which type; nil keeps the base's types where the new files can hold them.
  /// - Throws: ``AdapterError`` where an adapter was made for another model; `ConversionError` and `CheckpointError` where
  ///   the result cannot be had.
  public init(
    of adapters: [ScaledAdapter], into checkpoint: Checkpoint, parameters: ModelParameters,
    to path: String,
    options: ModelConversion.Options = .init()
  ) throws {
    var options = options
    options.updates = try Self.updates(adapters, checkpoint, parameters)
    conversion = try ModelConversion(of: checkpoint, to: path, options: options)
  }

  /// Writes the result, which appears once it is whole.
  /// - Returns: What rounding did to each weight that changed.
  /// - Throws: `CheckpointError` where reading or writing fails, and `CancellationError` where the task is cancelled.
  @discardableResult
  public func run(
    device: Device, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws -> [RoundingCost] {
    try conversion.run(device: device, progress: progress)
  }

  private static func updates(
    _ adapters: [ScaledAdapter], _ checkpoint: Checkpoint, _ parameters: ModelParameters
  ) throws -> ModelConversion.Options.Updates {
    let paths = ModelPaths(parameters)
    let combined = try CombinedAdapters(adapters, on: parameters)
    let transposes = checkpoint.kind == .huggingFace
    var updates = ModelConversion.Options.Updates()
    var head: WeightUpdate?
    for (path, layer) in combined.layers {
      let update = try Self.update(
        layer, isTransposed: transposes && paths.layer(path)?.isTransposed == true)
      if let parameter = paths.parameter(path + ".weight") {
        updates.changes[parameter.name] = update
      } else {
        // A tied head gets a matrix of its own.
        head = update
      }
    }
    for (name, values) in combined.values {
      // GGUF's norms of Gemma include the one, as the values here do; Hugging Face's do not.
      let shift: Float =
        parameters.architecture == "gemma3_text" && name.hasSuffix("norm.weight") && transposes
        ? -1 : 0
      let replaced = Self.replacement(shift == 0 ? values : values.shifted(by: shift))
      if name == paths.headName, paths.isTied {
        head = head.map { Self.both(replaced, $0) } ?? replaced
      } else if let adding = updates.changes[name] {
        updates.changes[name] = Self.both(replaced, adding)
      } else {
        updates.changes[name] = replaced
      }
    }
    if head == nil, !combined.matrices.isEmpty { head = WeightUpdate { _, _ in } }
    updates.head = head
    return updates
  }

  private static func both(_ first: WeightUpdate, _ second: WeightUpdate) -> WeightUpdate {
    WeightUpdate { rows, values in
      first(rows, &values)
      second(rows, &values)
    }
  }

  /// Adds scaling · B · A, or its transpose, to the rows.
  private static func update(_ layer: LowRankAdapter, isTransposed: Bool) throws -> WeightUpdate {
    let (a, b) = (layer.a.floatValues, layer.b.floatValues)
    // The rows of the product of `left` and the transpose of `right`.
    let (left, right) = isTransposed ? (a.transposed(), b) : (b, a.transposed())
    let scaling = layer.scaling
    return WeightUpdate { rows, values in
      let added = Linear(weight: WeightMatrix(values: right))(left.gatherRows(rows)).values
      for index in values.indices { values[index] += added[index] * scaling }
    }
  }

  /// Puts these values in the place of the rows'.
  private static func replacement(_ saved: Tensor) -> WeightUpdate {
    WeightUpdate { rows, values in
      if saved.rows == 1 {
        let all = saved.values
        for (index, row) in rows.enumerated() { values[index] = all[row] }
      } else {
        values = saved.gatherRows(rows).values
      }
    }
  }
}

extension CausalTransformer {
  /// How far this model's next tokens are from another's on a text.
  /// - Parameters:
  ///   - other: The model that is compared with, as the truth.
  ///   - tokens: The text, at most a context.
  /// - Returns: The mean Kullback-Leibler divergence of this model's distributions from the other's, in nats, and the share
  ///   of positions at which both find the same token most probable.
  /// - Throws: ``ModelError`` where a token has no embedding.
  public func divergence(
    from other: any CausalTransformer, on tokens: [Int32]
  ) throws(ModelError) -> (meanDivergence: Double, agreement: Double) {
    let found = logits(of: try hiddenStates(of: PackedBatch(tokens)))
    let expected = other.logits(of: try other.hiddenStates(of: PackedBatch(tokens)))
    var (divergence, agreeing) = (0.0, 0)
    for row in 0..<found.rows {
      let (p, q) = (
        Self.logProbabilities(expected[row: row]), Self.logProbabilities(found[row: row])
      )
      for index in p.indices { divergence += exp(Double(p[index])) * Double(p[index] - q[index]) }
      if p.firstIndex(of: p.max() ?? 0) == q.firstIndex(of: q.max() ?? 0) { agreeing += 1 }
    }
    let count = Double(max(1, found.rows))
    return (max(0, divergence / count), Double(agreeing) / count)
  }

  private static func logProbabilities(_ logits: [Float]) -> [Float] {
    let largest = logits.max() ?? 0
    let sum = logits.reduce(0.0) { $0 + exp(Double($1 - largest)) }
    let logSum = largest + Float(log(sum))
    return logits.map { $0 - logSum }
  }
}
