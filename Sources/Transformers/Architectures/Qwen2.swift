import Tensors

/// One layer of Qwen2 and Qwen2.5 (Yang et al. 2024), as in Hugging Face's `modeling_qwen2.py`: a Llama layer whose
/// query, key and value projections have biases.
struct Qwen2Block: DecoderBlock {
  let inputNorm: RMSNorm
  let attention: SelfAttention
  let postAttentionNorm: RMSNorm
  let feedForward: GatedFeedForward

  init(_ weights: Weights, _ configuration: DecoderConfiguration, _ members: Configuration) throws(ModelError)
  {
    let (width, epsilon) = (configuration.hiddenSize, configuration.rmsNormEpsilon)
    try members.require("use_sliding_window", among: [false])
    inputNorm = try RMSNorm(weights, "input_layernorm", width: width, epsilon: epsilon)
    attention = try SelfAttention(weights.scope("self_attn"), configuration, inputBias: true)
    postAttentionNorm = try RMSNorm(weights, "post_attention_layernorm", width: width, epsilon: epsilon)
    feedForward = try GatedFeedForward(
      weights.scope("mlp"), width: width, inner: configuration.intermediateSize)
  }

  func callAsFunction(_ x: Tensor, _ pass: ForwardPass) -> Tensor {
    let x = x + attention(inputNorm(x), pass)
    return x + feedForward(postAttentionNorm(x))
  }
}
