import MartletTensors

/// Grouped-query self-attention with rotary positions (Ainslie et al. 2023; Su et al. 2021), as decoders have it.
struct SelfAttention: Sendable {
  let query, key, value, output: Linear
  let shape: AttentionShape

  /// - Parameters:
  ///   - inputBias: Whether the query, key and value projections have biases.
  ///   - outputBias: Whether the output projection has one.
  ///   - window: How many of the last positions a token sees in this layer; nil is all.
  init(
    _ weights: Weights, _ model: ModelShape, inputBias: Bool = false, outputBias: Bool = false,
    window: Int? = nil
  ) throws(ModelError) {
    let (width, head) = (model.width, model.headDimension)
    let (all, shared) = (model.heads * head, model.keyValueHeads * head)
    query = try weights.linear("q_proj", outputs: all, inputs: width, bias: inputBias)
    key = try weights.linear("k_proj", outputs: shared, inputs: width, bias: inputBias)
    value = try weights.linear("v_proj", outputs: shared, inputs: width, bias: inputBias)
    output = try weights.linear("o_proj", outputs: width, inputs: all, bias: outputBias)
    shape = AttentionShape(
      heads: model.heads, keyValueHeads: model.keyValueHeads, headDimension: head, isCausal: true,
      window: window)
  }

  /// - Parameter angles: Those that this layer turns its queries and keys by.
  func callAsFunction(_ x: Tensor, _ angles: RotaryAngles, _ pass: ForwardPass) -> Tensor {
    let (q, k, v) = project(x, query, key, value)
    let attended = pass.attention(
      queries: angles.rotate(q, headDimension: shape.headDimension),
      keys: angles.rotate(k, headDimension: shape.headDimension), values: v, shape: shape)
    return output(attended)
  }
}
