import Tensors

/// One layer of Llama (Touvron et al. 2023), as in Hugging Face's `modeling_llama.py`; SmolLM2 is one.
///
///     x ── norm ── attention ── + ── norm ── SwiGLU ── +
///       └───────────────────────┘  └───────────────────┘
struct LlamaBlock: DecoderBlock {
  let inputNorm: RMSNorm
  let attention: SelfAttention
  let postAttentionNorm: RMSNorm
  let feedForward: GatedFeedForward

  init(_ weights: Weights, _ configuration: DecoderConfiguration, _ members: Configuration) throws(ModelError)
  {
    let (width, epsilon) = (configuration.hiddenSize, configuration.rmsNormEpsilon)
    let attentionBias = try members.flag("attention_bias", default: false)
    inputNorm = try RMSNorm(weights, "input_layernorm", width: width, epsilon: epsilon)
    attention = try SelfAttention(
      weights.scope("self_attn"), configuration, inputBias: attentionBias, outputBias: attentionBias)
    postAttentionNorm = try RMSNorm(weights, "post_attention_layernorm", width: width, epsilon: epsilon)
    feedForward = try GatedFeedForward(
      weights.scope("mlp"), width: width, inner: configuration.intermediateSize,
      bias: members.flag("mlp_bias", default: false))
  }

  func callAsFunction(_ x: Tensor, _ pass: ForwardPass) -> Tensor {
    let x = x + attention(inputNorm(x), pass)
    return x + feedForward(postAttentionNorm(x))
  }
}
