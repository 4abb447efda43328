import MartletTensors

/// Phi-3 and Phi-4-mini (Abdin et al. 2024), as in Hugging Face's `modeling_phi3.py`: Llama, whose query, key and value
/// projections are one matrix, and so are the gate and the projection up. Long contexts turn by LongRoPE.
struct Phi3: CausalTransformer {
  let shape: ModelShape
  let parameters: ModelParameters
  private let embedding: TokenEmbedding
  private let rotary: RotaryEmbedding
  private let blocks: [Block]
  private let norm: RMSNorm
  let head: Linear

  init(_ weights: Weights, _ members: Configuration) throws(ModelError) {
    let configuration = try DecoderConfiguration(members)
    shape = configuration.shape
    let model = weights.decoderScope("model", ifItHas: "embed_tokens.weight")
    (embedding, head) = try TokenEmbedding.withHead(
      model, weights, shape, isTied: configuration.tiesEmbeddings)
    rotary = try RotaryEmbedding(weights, members, headDimension: shape.headDimension)
    let window = try members.slidingWindow()
    var blocks: [Block] = []
    for layer in 0..<shape.layers {
      blocks.append(try Block(model.scope("layers.\(layer)"), configuration, window: window))
    }
    self.blocks = blocks
    norm = try RMSNorm(model, "norm", width: shape.width, epsilon: configuration.rmsNormEpsilon)
    parameters = try weights.parameters("phi3", members, ignoring: RotaryEmbedding.isBuffer)
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

extension Phi3 {
  /// One layer of the stack.
  struct Block: Sendable {
    let inputNorm: RMSNorm
    /// Queries, keys and values, end to end.
    let queryKeyValue: Linear
    let attentionOutput: Linear
    let shape: AttentionShape
    let postAttentionNorm: RMSNorm
    /// The gate and the projection up, end to end.
    let gateUp: Linear
    let down: Linear
    let activation: Activation

    init(_ weights: Weights, _ configuration: DecoderConfiguration, window: Int?) throws(ModelError) {
      let (model, inner) = (configuration.shape, configuration.intermediateSize)
      let (width, epsilon) = (model.width, configuration.rmsNormEpsilon)
      shape = AttentionShape(
        heads: model.heads, keyValueHeads: model.keyValueHeads, headDimension: model.headDimension,
        isCausal: true, window: window)
      let (all, shared) = (model.heads * model.headDimension, model.keyValueHeads * model.headDimension)
      inputNorm = try RMSNorm(weights, "input_layernorm", width: width, epsilon: epsilon)
      queryKeyValue = try weights.linear("self_attn.qkv_proj", outputs: all + 2 * shared, inputs: width)
      attentionOutput = try weights.linear("self_attn.o_proj", outputs: width, inputs: all)
      postAttentionNorm = try RMSNorm(weights, "post_attention_layernorm", width: width, epsilon: epsilon)
      gateUp = try weights.linear("mlp.gate_up_proj", outputs: 2 * inner, inputs: width)
      down = try weights.linear("mlp.down_proj", outputs: width, inputs: inner)
      activation = configuration.activation
    }

    func callAsFunction(_ x: Tensor, _ angles: RotaryAngles, _ pass: ForwardPass) -> Tensor {
      let x = x + attention(inputNorm(x), angles, pass)
      return x + feedForward(postAttentionNorm(x))
    }

    private func attention(_ x: Tensor, _ angles: RotaryAngles, _ pass: ForwardPass) -> Tensor {
      let head = shape.headDimension
      let (all, shared) = (shape.heads * head, shape.keyValueHeads * head)
      let projected = queryKeyValue(x)
      let attended = pass.attention(
        queries: angles.rotate(projected.columns(0..<all), headDimension: head),
        keys: angles.rotate(projected.columns(all..<all + shared), headDimension: head),
        values: projected.columns(all + shared..<all + 2 * shared), shape: shape)
      return attentionOutput(attended)
    }

    private func feedForward(_ x: Tensor) -> Tensor {
      let projected = gateUp(x)
      let inner = projected.columns / 2
      return down(
        projected.columns(0..<inner).gate(projected.columns(inner..<2 * inner), by: activation))
    }
  }
}
