import Checkpoints
import Tensors

/// A causal language model: embeddings, a stack of blocks, a norm and a head.
public protocol CausalTransformer: Sendable {
  /// The model's sizes.
  var configuration: DecoderConfiguration { get }
  /// The device that the weights live on.
  var device: Device { get }

  /// The normalized hidden states of every token of the batch: tokens × hiddenSize. Each sequence's cache then
  /// holds the batch's tokens too.
  /// - Throws: ``ModelError`` where a token has no embedding, or it cannot be read from the file any more.
  func hiddenStates(of batch: PackedBatch, recorder: ActivationRecorder?) throws(ModelError) -> Tensor

  /// The logits for what follows each row of `hiddenStates`: rows × vocabularySize.
  func logits(of hiddenStates: Tensor) -> Tensor
}

extension CausalTransformer {
  /// An empty cache for one sequence.
  public func makeCache(_ type: CacheType = .float16) -> KeyValueCache {
    KeyValueCache(
      layers: configuration.layers, heads: configuration.keyValueHeads,
      headDimension: configuration.headDimension, type: type)
  }

  /// Refuses tokens that the weights have no row for. ``hiddenStates(of:recorder:)`` does so too, for the whole batch.
  public func check(_ tokens: [Int32]) throws(ModelError) {
    try ModelError.check(tokens, rows: configuration.vocabularySize)
  }

  /// The normalized hidden states of every token of the batch: tokens × hiddenSize.
  public func hiddenStates(of batch: PackedBatch) throws(ModelError) -> Tensor {
    try hiddenStates(of: batch, recorder: nil)
  }
}

/// One layer of a decoder: what differs from architecture to architecture.
protocol DecoderBlock: Sendable {
  init(_ weights: Weights, _ configuration: DecoderConfiguration, _ members: Configuration) throws(ModelError)
  func callAsFunction(_ x: Tensor, _ pass: ForwardPass) -> Tensor
}

/// A decoder-only transformer of `Block`s, under the names of Hugging Face's `…ForCausalLM` classes.
struct Decoder<Block: DecoderBlock>: CausalTransformer {
  let configuration: DecoderConfiguration
  let device: Device
  private let embedding: TokenEmbedding
  private let blocks: [Block]
  private let norm: RMSNorm
  private let head: Linear
  private let rotary: RotaryEmbedding

  init(_ weights: Weights, _ members: Configuration, slidingWindow: Int? = nil) throws(ModelError) {
    let configuration = try DecoderConfiguration(members, slidingWindow: slidingWindow)
    let (vocabulary, width) = (configuration.vocabularySize, configuration.hiddenSize)
    let model = weights.scope("model")
    if configuration.tiesEmbeddings && !weights.contains("lm_head.weight") {
      let shared = try model.matrix("embed_tokens.weight", rows: vocabulary, columns: width)
      embedding = .sharedWithHead(shared)
      head = Linear(weight: shared)
    } else {
      embedding = .separate(try model.table("embed_tokens.weight", rows: vocabulary, columns: width))
      head = try weights.linear("lm_head", outputs: vocabulary, inputs: width)
    }
    var blocks: [Block] = []
    for layer in 0..<configuration.layers {
      blocks.append(try Block(model.scope("layers.\(layer)"), configuration, members))
    }
    self.blocks = blocks
    norm = try RMSNorm(model, "norm", width: width, epsilon: configuration.rmsNormEpsilon)
    rotary = try RotaryEmbedding(weights, members, headDimension: configuration.headDimension)
    self.configuration = configuration
    device = weights.device
    try weights.checkAllTaken(except: { $0.hasSuffix("rotary_emb.inv_freq") })
  }

  func hiddenStates(of batch: PackedBatch, recorder: ActivationRecorder?) throws(ModelError) -> Tensor {
    try check(batch.tokens)
    var pass = ForwardPass(batch: batch, angles: rotary.angles(of: batch, device: device))
    var x = try embedding(batch.tokens)
    recorder?.hiddenStates.append(x)
    for (layer, block) in blocks.enumerated() {
      pass.layer = layer
      x = block(x, pass)
      recorder?.hiddenStates.append(x)
    }
    batch.commit()
    return norm(x)
  }

  func logits(of hiddenStates: Tensor) -> Tensor { head(hiddenStates) }
}

/// The table that turns token ids into the first hidden states.
enum TokenEmbedding: Sendable {
  /// The head's own matrix: it is in memory anyway.
  case sharedWithHead(WeightMatrix)
  /// A table of its own, which stays in the file's map.
  case separate(EmbeddingTable)

  func callAsFunction(_ tokens: [Int32]) throws(ModelError) -> Tensor {
    switch self {
    case .sharedWithHead(let matrix): matrix.gatherRows(tokens.map(Int.init))
    case .separate(let table): try table(tokens.map(Int.init))
    }
  }
}
