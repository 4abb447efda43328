import MartletTensors

/// Qwen3 (Yang et al. 2025), as in Hugging Face's `modeling_qwen3.py`: Llama, whose heads normalize their queries and keys
/// before they are turned.
struct Qwen3: CausalTransformer {
  let shape: ModelShape
  let parameters: ModelParameters
  private let embedding: TokenEmbedding
  private let rotary: RotaryEmbedding
  private let blocks: [Block]
  private let norm: RMSNorm
  let head: Linear

  init(_ weights: Weights, _ members: Configuration) throws(ModelError) {
    try members.require("use_sliding_window", among: [false])
    let configuration = try DecoderConfiguration(members)
    shape = configuration.shape
    let model = weights.decoderScope("model", ifItHas: "embed_tokens.weight")
    (embedding, head) = try TokenEmbedding.withHead(
      model, weights, shape, isTied: configuration.tiesEmbeddings)
    rotary = try RotaryEmbedding(weights, members, headDimension: shape.headDimension)
    var blocks: [Block] = []
    for layer in 0..<shape.layers {
      blocks.append(try Block(model.scope("layers.\(layer)"), configuration, members))
    }
    self.blocks = blocks
    norm = try RMSNorm(model, "norm", width: shape.width, epsilon: configuration.rmsNormEpsilon)
    parameters = try weights.parameters("qwen3", members, ignoring: RotaryEmbedding.isBuffer)
  }

  func hiddenStates(of batch: PackedBatch, recorder: ActivationRecorder?) throws(ModelError) -> Tensor {
    try check(batch.tokens)
    let angles = rotary.angles(of: batch, device: device)
    var pass = ForwardPass(batch, recorder)
    let x = pass.run(blocks, on: try embedding(batch.tokens)) { block, x, pass in block(x, angles, pass) }
    return norm(x)
  }

  func normalized(_ states: Tensor) -> Tensor { norm(states) }

  func logits(of hiddenStates: Tensor) -> Tensor { head(hiddenStates) }
}

extension Qwen3 {
  /// One layer of the stack.
  struct Block: Sendable {
    let inputNorm: RMSNorm
    let attention: SelfAttention
    let postAttentionNorm: RMSNorm
    let feedForward: GatedFeedForward

    init(
      _ weights: Weights, _ configuration: DecoderConfiguration, _ members: Configuration
    ) throws(ModelError) {
      let (shape, epsilon) = (configuration.shape, configuration.rmsNormEpsilon)
      let attentionBias = try members.flag("attention_bias", default: false)
      let attentionWeights = weights.scope("self_attn")
      inputNorm = try RMSNorm(weights, "input_layernorm", width: shape.width, epsilon: epsilon)
      attention = try SelfAttention(
        attentionWeights, shape, inputBias: attentionBias, outputBias: attentionBias,
        headNorms: (
          query: RMSNorm(attentionWeights, "q_norm", width: shape.headDimension, epsilon: epsilon),
          key: RMSNorm(attentionWeights, "k_norm", width: shape.headDimension, epsilon: epsilon)
        ))
      postAttentionNorm = try RMSNorm(
        weights, "post_attention_layernorm", width: shape.width, epsilon: epsilon)
      feedForward = try GatedFeedForward(weights.scope("mlp"), configuration)
    }

    func callAsFunction(_ x: Tensor, _ angles: RotaryAngles, _ pass: ForwardPass) -> Tensor {
      let x = x + attention(inputNorm(x), angles, pass)
      return x + feedForward(postAttentionNorm(x))
    }
  }
}
