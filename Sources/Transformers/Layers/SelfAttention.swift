import Tensors

/// Grouped-query self-attention with rotary positions (Ainslie et al. 2023; Su et al. 2021), as decoders have it.
struct SelfAttention: Sendable {
  let query, key, value, output: Linear
  let shape: AttentionShape

  /// - Parameters:
  ///   - inputBias: Whether the query, key and value projections have biases.
  ///   - outputBias: Whether the output projection has one.
  init(
    _ weights: Weights, _ configuration: DecoderConfiguration, inputBias: Bool = false,
    outputBias: Bool = false
  ) throws(ModelError) {
    let (width, head) = (configuration.hiddenSize, configuration.headDimension)
    let (all, shared) = (configuration.heads * head, configuration.keyValueHeads * head)
    query = try weights.linear("q_proj", outputs: all, inputs: width, bias: inputBias)
    key = try weights.linear("k_proj", outputs: shared, inputs: width, bias: inputBias)
    value = try weights.linear("v_proj", outputs: shared, inputs: width, bias: inputBias)
    output = try weights.linear("o_proj", outputs: width, inputs: all, bias: outputBias)
    shape = AttentionShape(
      heads: configuration.heads, keyValueHeads: configuration.keyValueHeads, headDimension: head,
      isCausal: true,
      window: configuration.slidingWindow)
  }

  func callAsFunction(_ x: Tensor, _ pass: ForwardPass) -> Tensor {
    let (q, k, v) = project(x, query, key, value)
    let rotated = (
      queries: pass.angles.rotate(q, headDimension: shape.headDimension),
      keys: pass.angles.rotate(k, headDimension: shape.headDimension)
    )
    return output(
      attention(
        queries: rotated.queries, keys: rotated.keys, values: v, shape: shape, batch: pass.batch,
        layer: pass.layer))
  }
}
