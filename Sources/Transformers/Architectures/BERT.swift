import Checkpoints
import JSON
import Tensors

/// The sizes of a BERT encoder, from the keys of its `config.json`.
public struct BERTConfiguration: Sendable, Equatable {
  /// Tokens in the vocabulary (`vocab_size`).
  public let vocabularySize: Int
  /// The width of a hidden state (`hidden_size`).
  public let hiddenSize: Int
  /// Layers (`num_hidden_layers`).
  public let layers: Int
  /// Heads (`num_attention_heads`).
  public let heads: Int
  /// The width inside the feed-forward network (`intermediate_size`).
  public let intermediateSize: Int
  /// What layer norms add to the variance (`layer_norm_eps`).
  public let layerNormEpsilon: Float
  /// Positions that have an embedding (`max_position_embeddings`): the longest text.
  public let maximumPositions: Int
  /// Segments that have an embedding (`type_vocab_size`).
  public let segments: Int

  init(_ members: Configuration) throws(ModelError) {
    vocabularySize = try members.positive("vocab_size")
    hiddenSize = try members.positive("hidden_size")
    layers = try members.positive("num_hidden_layers")
    heads = try members.positive("num_attention_heads")
    intermediateSize = try members.positive("intermediate_size")
    layerNormEpsilon = try members.float("layer_norm_eps", default: 1e-12)
    maximumPositions = try members.positive("max_position_embeddings")
    segments = try members.positive("type_vocab_size", default: 2)
    try members.require("hidden_act", among: ["gelu"])
    try members.require("position_embedding_type", among: ["absolute"])
    guard hiddenSize % heads == 0, hiddenSize / heads % 16 == 0, hiddenSize / heads <= 256 else {
      throw .unsupportedConfiguration(
        key: "num_attention_heads",
        value: "\(heads) for a width of \(hiddenSize) (heads of 16, 32, … 256 are)")
    }
  }
}

/// The encoder BERT (Devlin et al. 2019), as in Hugging Face's `modeling_bert.py`; MiniLM, bge and e5 are such.
///
///     word + position + segment ── norm ── [ attention ── + norm ── gelu network ── + norm ] × layers
public struct BERT: Sendable {
  /// The model's sizes.
  public let configuration: BERTConfiguration
  /// The device that the weights live on.
  public let device: Device
  private let words, positions, segments: EmbeddingTable
  private let embeddingNorm: LayerNorm
  private let blocks: [Block]

  init(_ weights: Weights, _ members: Configuration) throws(ModelError) {
    configuration = try BERTConfiguration(members)
    device = weights.device
    let (width, epsilon) = (configuration.hiddenSize, configuration.layerNormEpsilon)
    // Models with a head keep the encoder under "bert."
    let model = weights.contains("bert.embeddings.word_embeddings.weight") ? weights.scope("bert") : weights
    let embeddings = model.scope("embeddings")
    words = try embeddings.table("word_embeddings.weight", rows: configuration.vocabularySize, columns: width)
    positions = try embeddings.table(
      "position_embeddings.weight", rows: configuration.maximumPositions, columns: width)
    segments = try embeddings.table(
      "token_type_embeddings.weight", rows: configuration.segments, columns: width)
    embeddingNorm = try LayerNorm(embeddings, "LayerNorm", width: width, epsilon: epsilon)
    var blocks: [Block] = []
    for layer in 0..<configuration.layers {
      blocks.append(try Block(model.scope("encoder.layer.\(layer)"), configuration))
    }
    self.blocks = blocks
    // The pooler and the pretraining heads are no part of a sentence embedding.
    try weights.checkAllTaken(except: {
      $0.contains("pooler.") || $0.hasPrefix("cls.") || $0.hasSuffix("position_ids")
    })
  }

  /// The last hidden states of every token of the batch: tokens × hiddenSize.
  /// - Parameter segmentIDs: Each token's segment (`token_type_ids`), for pairs of texts; nil is all the first.
  /// - Throws: ``ModelError`` where an id, position or segment has no row in its table, or the file has changed.
  public func hiddenStates(
    of batch: PackedBatch, segmentIDs: [Int]? = nil, recorder: ActivationRecorder? = nil
  ) throws(ModelError) -> Tensor {
    let segmentIDs = segmentIDs ?? [Int](repeating: 0, count: batch.tokens.count)
    try ModelError.check(batch.tokens, rows: configuration.vocabularySize)
    let embedded = try words(batch.tokens.map(Int.init)) + positions(batch.positions) + segments(segmentIDs)
    var x = embeddingNorm(embedded)
    recorder?.hiddenStates.append(x)
    for block in blocks {
      x = block(x, batch)
      recorder?.hiddenStates.append(x)
    }
    return x
  }
}

extension BERT {
  /// One layer of the encoder.
  struct Block: Sendable {
    let query, key, value, attentionOutput: Linear
    let attentionNorm: LayerNorm
    let intermediate, output: Linear
    let outputNorm: LayerNorm
    let shape: AttentionShape

    init(_ weights: Weights, _ configuration: BERTConfiguration) throws(ModelError) {
      let (width, inner) = (configuration.hiddenSize, configuration.intermediateSize)
      let epsilon = configuration.layerNormEpsilon
      let attention = weights.scope("attention")
      query = try attention.linear("self.query", outputs: width, inputs: width, bias: true)
      key = try attention.linear("self.key", outputs: width, inputs: width, bias: true)
      value = try attention.linear("self.value", outputs: width, inputs: width, bias: true)
      attentionOutput = try attention.linear("output.dense", outputs: width, inputs: width, bias: true)
      attentionNorm = try LayerNorm(attention, "output.LayerNorm", width: width, epsilon: epsilon)
      intermediate = try weights.linear("intermediate.dense", outputs: inner, inputs: width, bias: true)
      output = try weights.linear("output.dense", outputs: width, inputs: inner, bias: true)
      outputNorm = try LayerNorm(weights, "output.LayerNorm", width: width, epsilon: epsilon)
      shape = AttentionShape(
        heads: configuration.heads, keyValueHeads: configuration.heads,
        headDimension: width / configuration.heads, isCausal: false)
    }

    func callAsFunction(_ x: Tensor, _ batch: PackedBatch) -> Tensor {
      let (q, k, v) = project(x, query, key, value)
      let attended = attention(queries: q, keys: k, values: v, shape: shape, batch: batch, layer: 0)
      let x = attentionNorm(attentionOutput(attended) + x)
      return outputNorm(output(intermediate(x).gelu()) + x)
    }
  }
}
