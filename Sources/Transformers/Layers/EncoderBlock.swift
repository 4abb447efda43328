import MartletTensors

/// What an encoder's blocks read of a `config.json`.
struct EncoderConfiguration: Sendable {
  let shape: ModelShape
  /// The width inside the feed-forward network (`intermediate_size`).
  let intermediateSize: Int
  /// What layer norms add to the variance (`layer_norm_eps`).
  let layerNormEpsilon: Float
  /// The function inside the feed-forward network (`hidden_act`).
  let activation: Activation

  /// - Parameter reservedPositions: Rows at the start of the position table that stand for no position: RoBERTa's padding.
  init(_ members: Configuration, layerNormEpsilon: Float = 1e-12, reservedPositions: Int = 0)
    throws(ModelError)
  {
    let width = try members.positive("hidden_size")
    let heads = try members.positive("num_attention_heads")
    let positions = try members.positive("max_position_embeddings", default: 512)
    guard positions > reservedPositions else {
      throw .invalidConfiguration(
        key: "max_position_embeddings", problem: "is \(positions), of which \(reservedPositions) are reserved"
      )
    }
    shape = ModelShape(
      vocabulary: try members.positive("vocab_size"), width: width,
      layers: try members.positive("num_hidden_layers"), heads: heads, keyValueHeads: heads,
      headDimension: try members.headDimension(width: width, heads: heads),
      context: positions - reservedPositions)
    intermediateSize = try members.positive("intermediate_size", default: 4 * width)
    self.layerNormEpsilon = try members.float("layer_norm_eps", default: layerNormEpsilon)
    activation = try members.activation("hidden_act", default: .gelu)
  }
}

/// One layer of BERT (Devlin et al. 2019) and of the encoders made after it, which differ in the names of their weights.
///
///     x ── attention ── + norm ── network ── + norm
///       └───────────────┘  └─────────────────┘
struct EncoderBlock: Sendable {
  let query, key, value, attentionOutput: Linear
  let attentionNorm: LayerNorm
  let up, down: Linear
  let outputNorm: LayerNorm
  let activation: Activation
  let shape: AttentionShape

  /// What the parts are called in a checkpoint.
  struct Names: Sendable {
    var query = "attention.self.query"
    var key = "attention.self.key"
    var value = "attention.self.value"
    var attentionOutput = "attention.output.dense"
    var attentionNorm = "attention.output.LayerNorm"
    var up = "intermediate.dense"
    var down = "output.dense"
    var outputNorm = "output.LayerNorm"
  }

  init(_ weights: Weights, _ configuration: EncoderConfiguration, _ names: Names = Names())
    throws(ModelError)
  {
    let (width, inner) = (configuration.shape.width, configuration.intermediateSize)
    let all = configuration.shape.heads * configuration.shape.headDimension
    let epsilon = configuration.layerNormEpsilon
    query = try weights.linear(names.query, outputs: all, inputs: width, bias: true)
    key = try weights.linear(names.key, outputs: all, inputs: width, bias: true)
    value = try weights.linear(names.value, outputs: all, inputs: width, bias: true)
    attentionOutput = try weights.linear(names.attentionOutput, outputs: width, inputs: all, bias: true)
    attentionNorm = try LayerNorm(weights, names.attentionNorm, width: width, epsilon: epsilon)
    up = try weights.linear(names.up, outputs: inner, inputs: width, bias: true)
    down = try weights.linear(names.down, outputs: width, inputs: inner, bias: true)
    outputNorm = try LayerNorm(weights, names.outputNorm, width: width, epsilon: epsilon)
    activation = configuration.activation
    shape = AttentionShape(
      heads: configuration.shape.heads, keyValueHeads: configuration.shape.heads,
      headDimension: configuration.shape.headDimension, isCausal: false)
  }

  /// - Parameter bias: What is added to the scores by the distance of two positions, as MPNet does; nil for nothing.
  func callAsFunction(_ x: Tensor, _ pass: ForwardPass, bias: Tensor? = nil) -> Tensor {
    let (q, k, v) = project(x, query, key, value)
    let attended = pass.attention(queries: q, keys: k, values: v, shape: shape, bias: bias)
    let x = attentionNorm(attentionOutput(attended) + x)
    return outputNorm(down(up(x).activated(by: activation)) + x)
  }
}
