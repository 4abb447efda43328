import MartletCheckpoints
import MartletJSON
import MartletTensors

/// What BERT reads of a `config.json` besides its shape.
struct BERTConfiguration: Sendable {
  let shape: ModelShape
  /// The width inside the feed-forward network (`intermediate_size`).
  let intermediateSize: Int
  /// What layer norms add to the variance (`layer_norm_eps`).
  let layerNormEpsilon: Float
  /// Segments that have an embedding (`type_vocab_size`).
  let segments: Int

  init(_ members: Configuration) throws(ModelError) {
    let width = try members.positive("hidden_size")
    let heads = try members.positive("num_attention_heads")
    guard width % heads == 0, width / heads % 16 == 0, width / heads <= 256 else {
      throw .unsupportedConfiguration(
        key: "num_attention_heads", value: "\(heads) for a width of \(width) (heads of 16, 32, … 256 are)")
    }
    shape = ModelShape(
      vocabulary: try members.positive("vocab_size"), width: width,
      layers: try members.positive("num_hidden_layers"), heads: heads, keyValueHeads: heads,
      headDimension: width / heads, context: try members.positive("max_position_embeddings"))
    intermediateSize = try members.positive("intermediate_size")
    layerNormEpsilon = try members.float("layer_norm_eps", default: 1e-12)
    segments = try members.positive("type_vocab_size", default: 2)
    try members.require("hidden_act", among: ["gelu"])
    try members.require("position_embedding_type", among: ["absolute"])
  }
}

/// The encoder BERT (Devlin et al. 2019), as in Hugging Face's `modeling_bert.py`; MiniLM, bge and e5 are such.
///
///     word + position + segment ── norm ── [ attention ── + norm ── gelu network ── + norm ] × layers
struct BERT: Encoder {
  let shape: ModelShape
  let parameters: ModelParameters
  private let words, positions, segments: EmbeddingTable
  private let embeddingNorm: LayerNorm
  private let blocks: [Block]

  init(_ weights: Weights, _ members: Configuration) throws(ModelError) {
    let configuration = try BERTConfiguration(members)
    shape = configuration.shape
    let (width, epsilon) = (shape.width, configuration.layerNormEpsilon)
    // Models with a head keep the encoder under "bert."
    let model = weights.contains("bert.embeddings.word_embeddings.weight") ? weights.scope("bert") : weights
    let embeddings = model.scope("embeddings")
    words = try embeddings.table("word_embeddings.weight", rows: shape.vocabulary, columns: width)
    positions = try embeddings.table("position_embeddings.weight", rows: shape.context, columns: width)
    segments = try embeddings.table(
      "token_type_embeddings.weight", rows: configuration.segments, columns: width)
    embeddingNorm = try LayerNorm(embeddings, "LayerNorm", width: width, epsilon: epsilon)
    var blocks: [Block] = []
    for layer in 0..<shape.layers {
      blocks.append(try Block(model.scope("encoder.layer.\(layer)"), configuration))
    }
    self.blocks = blocks
    // The pooler and the pretraining heads are no part of a sentence embedding.
    parameters = try weights.parameters("bert", members) {
      $0.contains("pooler.") || $0.hasPrefix("cls.") || $0.hasSuffix("position_ids")
    }
  }

  func hiddenStates(
    of batch: PackedBatch, segmentIDs: [Int]?, recorder: ActivationRecorder?
  ) throws(ModelError) -> Tensor {
    let segmentIDs = segmentIDs ?? [Int](repeating: 0, count: batch.tokens.count)
    try ModelError.check(batch.tokens, rows: shape.vocabulary)
    let embedded = try words(batch.tokens.map(Int.init)) + positions(batch.positions) + segments(segmentIDs)
    var pass = ForwardPass(batch, recorder)
    return pass.run(blocks, on: embeddingNorm(embedded)) { block, x, pass in block(x, pass) }
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
      let (width, inner) = (configuration.shape.width, configuration.intermediateSize)
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
        heads: configuration.shape.heads, keyValueHeads: configuration.shape.heads,
        headDimension: configuration.shape.headDimension, isCausal: false)
    }

    func callAsFunction(_ x: Tensor, _ pass: ForwardPass) -> Tensor {
      let (q, k, v) = project(x, query, key, value)
      let attended = pass.attention(queries: q, keys: k, values: v, shape: shape)
      let x = attentionNorm(attentionOutput(attended) + x)
      return outputNorm(output(intermediate(x).gelu()) + x)
    }
  }
}
