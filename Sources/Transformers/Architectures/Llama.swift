import MartletTensors

/// Llama (Touvron et al. 2023), as in Hugging Face's `modeling_llama.py`; SmolLM2 is one, and so is Mistral 7B but for its
/// sliding window.
///
///     tokens ── embedding ── block × layers ── norm ── head
///
/// A block:
///
///     x ── norm ── attention ── + ── norm ── SwiGLU ── +
///       └───────────────────────┘  └───────────────────┘
struct Llama: CausalTransformer {
  let shape: ModelShape
  let parameters: ModelParameters
  private let embedding: TokenEmbedding
  private let rotary: RotaryEmbedding
  let blocks: [Block]
  private let norm: RMSNorm
  let head: Linear

  init(_ weights: Weights, _ members: Configuration) throws(ModelError) {
    try self.init(weights, members, modelType: "llama", window: nil)
  }

  /// Mistral (Jiang et al. 2023): every layer sees the last `sliding_window` positions.
  static func mistral(_ weights: Weights, _ members: Configuration) throws(ModelError) -> Llama {
    try Llama(weights, members, modelType: "mistral", window: members.slidingWindow(default: 4096))
  }

  private init(_ weights: Weights, _ members: Configuration, modelType: String, window: Int?)
    throws(ModelError)
  {
    let configuration = try DecoderConfiguration(members)
    shape = configuration.shape
    let model = weights.decoderScope("model", ifItHas: "embed_tokens.weight")
    (embedding, head) = try TokenEmbedding.withHead(
      model, weights, shape, isTied: configuration.tiesEmbeddings)
    rotary = try RotaryEmbedding(weights, members, headDimension: shape.headDimension)
    var blocks: [Block] = []
    for layer in 0..<shape.layers {
      blocks.append(try Block(model.scope("layers.\(layer)"), configuration, members, window: window))
    }
    self.blocks = blocks
    norm = try RMSNorm(model, "norm", width: shape.width, epsilon: configuration.rmsNormEpsilon)
    parameters = try weights.parameters(modelType, members, ignoring: RotaryEmbedding.isBuffer)
  }

  func hiddenStates(of batch: PackedBatch, recorder: ActivationRecorder?) throws(ModelError) -> Tensor {
    try check(batch.tokens)
    let angles = rotary.angles(of: batch, device: device)
    var pass = ForwardPass(batch, recorder)
    let x = pass.run(blocks, on: try embedding(batch.tokens)) { block, x, pass in block(x, angles, pass) }
    return normalized(x)
  }

  func normalized(_ states: Tensor) -> Tensor { norm(states) }

  func logits(of hiddenStates: Tensor) -> Tensor { head(hiddenStates) }
}

extension Llama {
  /// One layer of the stack.
  struct Block: Sendable {
    let inputNorm: RMSNorm
    let attention: SelfAttention
    let postAttentionNorm: RMSNorm
    let feedForward: GatedFeedForward

    init(
      _ weights: Weights, _ configuration: DecoderConfiguration, _ members: Configuration, window: Int?
    ) throws(ModelError) {
      let (width, epsilon) = (configuration.shape.width, configuration.rmsNormEpsilon)
      let attentionBias = try members.flag("attention_bias", default: false)
      inputNorm = try RMSNorm(weights, "input_layernorm", width: width, epsilon: epsilon)
      attention = try SelfAttention(
        weights.scope("self_attn"), configuration.shape, inputBias: attentionBias, outputBias: attentionBias,
        window: window)
      postAttentionNorm = try RMSNorm(weights, "post_attention_layernorm", width: width, epsilon: epsilon)
      feedForward = try GatedFeedForward(
        weights.scope("mlp"), configuration, bias: members.flag("mlp_bias", default: false))
    }

    func callAsFunction(_ x: Tensor, _ angles: RotaryAngles, _ pass: ForwardPass) -> Tensor {
      let x = x + attention(inputNorm(x), angles, pass)
      return x + feedForward(postAttentionNorm(x))
    }
  }
}
