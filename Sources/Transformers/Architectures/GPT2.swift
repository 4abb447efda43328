import MartletTensors

/// GPT-2 (Radford et al. 2019), as in Hugging Face's `modeling_gpt2.py`; DistilGPT-2 is one.
///
///     tokens ── token + position embedding ── block × layers ── norm ── head
///
/// A block:
///
///     x ── norm ── attention ── + ── norm ── gelu network ── +
///       └───────────────────────┘  └───────────────────────┘
///
/// The head is the token embedding. Hugging Face's checkpoints hold the matrices the other way round, inputs × outputs.
struct GPT2: CausalTransformer {
  let shape: ModelShape
  let parameters: ModelParameters
  private let embedding: TokenEmbedding
  private let positions: EmbeddingTable
  private let blocks: [Block]
  private let norm: LayerNorm
  let head: Linear

  init(_ weights: Weights, _ members: Configuration) throws(ModelError) {
    let width = try members.positive("hidden_size")
    let heads = try members.positive("num_attention_heads")
    shape = ModelShape(
      vocabulary: try members.positive("vocab_size"), width: width,
      layers: try members.positive("num_hidden_layers"), heads: heads, keyValueHeads: heads,
      headDimension: try members.headDimension(width: width, heads: heads),
      context: try members.positive("max_position_embeddings", default: 1024))
    let model = weights.decoderScope("transformer", ifItHas: "wte.weight")
    (embedding, head) = try TokenEmbedding.withHead(
      model, weights, shape, isTied: members.flag("tie_word_embeddings", default: true), name: "wte")
    positions = try model.table("wpe.weight", rows: shape.context, columns: width)
    var blocks: [Block] = []
    for layer in 0..<shape.layers {
      blocks.append(try Block(model.scope("h.\(layer)"), members, shape, layer: layer))
    }
    self.blocks = blocks
    norm = try LayerNorm(
      model, "ln_f", width: width, epsilon: members.float("layer_norm_eps", default: 1e-5))
    parameters = try weights.parameters("gpt2", members) { name in
      // Old checkpoints stored the causal mask.
      name.hasSuffix(".attn.bias") || name.hasSuffix(".attn.masked_bias")
    }
  }

  func hiddenStates(of batch: PackedBatch, recorder: ActivationRecorder?) throws(ModelError) -> Tensor {
    try check(batch.tokens)
    try ModelError.check(batch, context: shape.context)
    var pass = ForwardPass(batch, recorder)
    let embedded = try embedding(batch.tokens) + positions(batch.positions)
    return norm(pass.run(blocks, on: embedded) { block, x, pass in block(x, pass) })
  }

  func normalized(_ states: Tensor) -> Tensor { norm(states) }

  func logits(of hiddenStates: Tensor) -> Tensor { head(hiddenStates) }
}

extension GPT2 {
  /// One layer of the stack.
  struct Block: Sendable {
    let attentionNorm: LayerNorm
    /// Queries, keys and values, end to end.
    let queryKeyValue: Linear
    let attentionOutput: Linear
    let shape: AttentionShape
    let feedForwardNorm: LayerNorm
    let up, down: Linear
    let activation: Activation

    init(
      _ weights: Weights, _ members: Configuration, _ model: ModelShape, layer: Int
    ) throws(ModelError) {
      let width = model.width
      let inner = try members.positive("intermediate_size", default: 4 * width)
      let epsilon = try members.float("layer_norm_eps", default: 1e-5)
      let isTransposed = !members.isFromGGUF
      var scale: Float = 1
      if try members.flag("scale_attn_weights", default: true) {
        scale /= Float(model.headDimension).squareRoot()
      }
      if try members.flag("scale_attn_by_inverse_layer_idx", default: false) { scale /= Float(layer + 1) }
      shape = AttentionShape(
        heads: model.heads, keyValueHeads: model.heads, headDimension: model.headDimension, isCausal: true,
        scale: scale)
      attentionNorm = try LayerNorm(weights, "ln_1", width: width, epsilon: epsilon)
      queryKeyValue = try weights.conv1D(
        "attn.c_attn", outputs: 3 * width, inputs: width, isTransposed: isTransposed)
      attentionOutput = try weights.conv1D(
        "attn.c_proj", outputs: width, inputs: width, isTransposed: isTransposed)
      feedForwardNorm = try LayerNorm(weights, "ln_2", width: width, epsilon: epsilon)
      up = try weights.conv1D("mlp.c_fc", outputs: inner, inputs: width, isTransposed: isTransposed)
      down = try weights.conv1D("mlp.c_proj", outputs: width, inputs: inner, isTransposed: isTransposed)
      activation = try members.activation("hidden_act", default: .geluTanh)
    }

    func callAsFunction(_ x: Tensor, _ pass: ForwardPass) -> Tensor {
      let width = x.columns
      let projected = queryKeyValue(attentionNorm(x))
      let attended = pass.attention(
        queries: projected.columns(0..<width), keys: projected.columns(width..<2 * width),
        values: projected.columns(2 * width..<3 * width), shape: shape)
      let x = x + attentionOutput(attended)
      return x + down(up(feedForwardNorm(x)).activated(by: activation))
    }
  }
}
