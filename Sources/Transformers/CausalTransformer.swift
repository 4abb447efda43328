import MartletTensors

/// A causal language model: embeddings, a stack of blocks, a norm and a head.
public protocol CausalTransformer: Sendable {
  /// The model's sizes.
  var shape: ModelShape { get }
  /// The model's weights, by name.
  var parameters: ModelParameters { get }

  /// The normalized hidden states of every token of the batch: tokens × width. Each sequence's cache then holds the
  /// batch's tokens too.
  /// - Parameters:
  ///   - batch: The tokens; each sequence's continue what its cache holds.
  ///   - recorder: Keeps what it was made for of the pass; nil keeps nothing and costs nothing.
  /// - Throws: ``ModelError`` where a token has no embedding, or it cannot be read from the file any more.
  func hiddenStates(of batch: PackedBatch, recorder: ActivationRecorder?) throws(ModelError) -> Tensor

  /// States from between the layers as the head would take them, through the model's final norm: rows × width. It is what
  /// reads a layer before the last (the "logit lens", nostalgebraist 2020); ``hiddenStates(of:recorder:)`` has applied it.
  func normalized(_ states: Tensor) -> Tensor

  /// The output head: what turns a hidden state after the final norm into logits.
  var head: Linear { get }

  /// The logits for what follows each row of `hiddenStates`: rows × vocabulary.
  func logits(of hiddenStates: Tensor) -> Tensor
}

extension CausalTransformer {
  /// The device that the weights live on.
  public var device: Device { parameters.device }

  /// A pool of pages for the sequences of this model.
  /// - Parameters:
  ///   - type: How keys and values are held.
  ///   - budget: The most bytes that the sequences may hold together; nil is no limit.
  public func makePagePool(_ type: CacheType = .float16, budget: Int? = nil) -> PagePool {
    PagePool(
      shape: CacheShape(
        layers: shape.layers, heads: shape.keyValueHeads, headDimension: shape.headDimension, type: type),
      budget: budget)
  }

  /// An empty cache for one sequence, with a pool of its own.
  public func makeCache(_ type: CacheType = .float16) -> KeyValueCache { makePagePool(type).makeCache() }

  /// Refuses tokens that the weights have no row for. ``hiddenStates(of:recorder:)`` does so too, for the whole batch.
  public func check(_ tokens: [Int32]) throws(ModelError) {
    try ModelError.check(tokens, rows: shape.vocabulary)
  }

  /// The normalized hidden states of every token of the batch: tokens × width.
  public func hiddenStates(of batch: PackedBatch) throws(ModelError) -> Tensor {
    try hiddenStates(of: batch, recorder: nil)
  }

  /// The same model with adapters on its linear layers, in place of those that it had, and with other values of some
  /// weights. The two share all other weights, so that this takes no time and no memory but for what is new.
  ///
  /// Adapters and values that are recorded (`Tensor.recorded()`) are those that train: ``loss(of:divisor:checkpoints:)``
  /// has gradients by them.
  /// - Parameters:
  ///   - adapters: By the path of the layer, as in `model.layers.0.self_attn.q_proj`; the head's is `lm_head`, tied or not.
  ///   - values: By the name of the weight, as in `model.layers.0.self_attn.q_proj.weight`, in the shape of
  ///     ``Parameter/values()``; their products are computed in float32.
  /// - Throws: ``ModelError`` where a path names no linear layer, a name no weight, or an adapter or values have another
  ///   shape than what they are for.
  public func adapted(
    by adapters: [String: LowRankAdapter], replacing values: [String: Tensor] = [:]
  ) throws(ModelError) -> any CausalTransformer {
    try PretrainedModels.decoder(
      parameters.architecture, Weights(parameters, adapters: adapters, values: values),
      parameters.configuration)
  }
}
