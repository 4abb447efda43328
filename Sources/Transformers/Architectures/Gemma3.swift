import MartletJSON
import MartletTensors

/// Gemma 3 (Gemma Team 2025), the text model, as in Hugging Face's `modeling_gemma3.py`.
///
/// Most layers see a window of the last positions and turn their heads by a small base; every sixth sees all positions
/// and turns them by a large one. A block has four norms, each multiplying by 1 + weight:
///
///     x ── norm ── attention ── norm ── + ── norm ── GeGLU ── norm ── +
///       └───────────────────────────────┘  └──────────────────────────┘
struct Gemma3: CausalTransformer {
  let shape: ModelShape
  let parameters: ModelParameters
  private let embedding: TokenEmbedding
  private let fullRotary, slidingRotary: RotaryEmbedding
  private let blocks: [Block]
  private let norm: RMSNorm
  let head: Linear

  init(_ weights: Weights, _ members: Configuration) throws(ModelError) {
    let configuration = try DecoderConfiguration(
      members, activationKey: "hidden_activation", activation: .geluTanh, tiesEmbeddings: true)
    shape = configuration.shape
    let model = weights.decoderScope("model", ifItHas: "embed_tokens.weight")
    (embedding, head) = try TokenEmbedding.withHead(
      model, weights, shape, isTied: configuration.tiesEmbeddings)
    (fullRotary, slidingRotary) = try Self.rotaryEmbeddings(weights, members, shape)
    let slides = try Self.slidingLayers(members, layers: shape.layers)
    var blocks: [Block] = []
    for layer in 0..<shape.layers {
      blocks.append(
        try Block(model.scope("layers.\(layer)"), configuration, members, slides: slides[layer]))
    }
    self.blocks = blocks
    norm = try RMSNorm(
      model, "norm", width: shape.width, epsilon: configuration.rmsNormEpsilon, addsOne: true)
    parameters = try weights.parameters("gemma3_text", members, ignoring: RotaryEmbedding.isBuffer)
  }

  func hiddenStates(of batch: PackedBatch, recorder: ActivationRecorder?) throws(ModelError) -> Tensor {
    try check(batch.tokens)
    let full = fullRotary.angles(of: batch, device: device)
    let sliding = slidingRotary.angles(of: batch, device: device)
    var pass = ForwardPass(batch, recorder)
    let embedded = try embedding(batch.tokens).scaled(by: Float(shape.width).squareRoot())
    let x = pass.run(blocks, on: embedded) { block, x, pass in
      block(x, block.slides ? sliding : full, pass)
    }
    return norm(x)
  }

  func normalized(_ states: Tensor) -> Tensor { norm(states) }

  func logits(of hiddenStates: Tensor) -> Tensor { head(hiddenStates) }
}

extension Gemma3 {
  /// Which layers see a window alone: `layer_types`, or all but every sixth.
  private static func slidingLayers(_ members: Configuration, layers: Int) throws(ModelError) -> [Bool] {
    guard let types = members.present("layer_types")?.arrayValue else {
      let pattern = try members.positive("sliding_window_pattern", default: 6)
      return (0..<layers).map { ($0 + 1) % pattern != 0 }
    }
    guard types.count == layers else {
      throw .invalidConfiguration(
        key: "layer_types", problem: "has \(types.count) entries for \(layers) layers")
    }
    return types.map { $0.stringValue == "sliding_attention" }
  }

  /// The two embeddings: since version 5 transformers writes one object with both, before it two bases and the scaling
  /// of the full one.
  private static func rotaryEmbeddings(
    _ weights: Weights, _ members: Configuration, _ shape: ModelShape
  ) throws(ModelError) -> (full: RotaryEmbedding, sliding: RotaryEmbedding) {
    let both = try members.object("rope_parameters") ?? Configuration(members: [:])
    func make(_ type: String, baseKey: String, base: Float, scaling: String?) throws(ModelError)
      -> RotaryEmbedding
    {
      var settings = try both.object(type)?.members ?? [:]
      var member = "rope_parameters.\(type)"
      if let scaling, let own = try members.object(scaling) {
        for (key, value) in own.members { settings[key] = value }
        member = scaling
      }
      let own = Configuration(members: settings)
      return try RotaryEmbedding(
        weights, members, headDimension: shape.headDimension, own, member: member,
        base: own.float("rope_theta", default: members.float(baseKey, default: base)))
    }
    return (
      try make("full_attention", baseKey: "rope_theta", base: 1_000_000, scaling: "rope_scaling"),
      try make("sliding_attention", baseKey: "rope_local_base_freq", base: 10_000, scaling: nil)
    )
  }

  /// One layer of the stack.
  struct Block: Sendable {
    /// Whether the layer sees a window of the last positions alone.
    let slides: Bool
    let inputNorm: RMSNorm
    let attention: SelfAttention
    let postAttentionNorm, preFeedForwardNorm: RMSNorm
    let feedForward: GatedFeedForward
    let postFeedForwardNorm: RMSNorm

    init(
      _ weights: Weights, _ configuration: DecoderConfiguration, _ members: Configuration, slides: Bool
    ) throws(ModelError) {
      let (shape, epsilon) = (configuration.shape, configuration.rmsNormEpsilon)
      func norm(_ weights: Weights, _ name: String, _ width: Int) throws(ModelError) -> RMSNorm {
        try RMSNorm(weights, name, width: width, epsilon: epsilon, addsOne: true)
      }
      let bias = try members.flag("attention_bias", default: false)
      let scalar = try members.float("query_pre_attn_scalar", default: 256)
      guard scalar > 0 else {
        throw .invalidConfiguration(key: "query_pre_attn_scalar", problem: "is \(scalar)")
      }
      let attentionWeights = weights.scope("self_attn")
      self.slides = slides
      inputNorm = try norm(weights, "input_layernorm", shape.width)
      attention = try SelfAttention(
        attentionWeights, shape, inputBias: bias, outputBias: bias,
        headNorms: (
          query: norm(attentionWeights, "q_norm", shape.headDimension),
          key: norm(attentionWeights, "k_norm", shape.headDimension)
        ),
        window: slides ? members.slidingWindow(default: 4096) : nil, scale: 1 / scalar.squareRoot())
      postAttentionNorm = try norm(weights, "post_attention_layernorm", shape.width)
      preFeedForwardNorm = try norm(weights, "pre_feedforward_layernorm", shape.width)
      feedForward = try GatedFeedForward(weights.scope("mlp"), configuration)
      postFeedForwardNorm = try norm(weights, "post_feedforward_layernorm", shape.width)
    }

    func callAsFunction(_ x: Tensor, _ angles: RotaryAngles, _ pass: ForwardPass) -> Tensor {
      let x = x + postAttentionNorm(attention(inputNorm(x), angles, pass))
      return x + postFeedForwardNorm(feedForward(preFeedForwardNorm(x)))
    }
  }
}
