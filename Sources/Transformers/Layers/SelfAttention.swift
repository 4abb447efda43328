import MartletTensors

/// Grouped-query self-attention with rotary positions (Ainslie et al. 2023; Su et al. 2021), as decoders have it.
struct SelfAttention: Sendable {
  let query, key, value, output: Linear
  /// Norms over each head's queries and keys before they are turned, as Qwen 3 and Gemma 3 have them.
  let queryNorm, keyNorm: RMSNorm?
  let shape: AttentionShape

  /// - Parameters:
  ///   - inputBias: Whether the query, key and value projections have biases.
  ///   - outputBias: Whether the output projection has one.
  ///   - headNorms: The norms of queries and keys, of `headDimension` values each; nil for none.
  ///   - window: How many of the last positions a token sees in this layer; nil is all.
  ///   - scale: The factor of the scores; nil is 1 / √headDimension.
  init(
    _ weights: Weights, _ model: ModelShape, inputBias: Bool = false, outputBias: Bool = false,
    headNorms: (query: RMSNorm, key: RMSNorm)? = nil, window: Int? = nil, scale: Float? = nil
  ) throws(ModelError) {
    let (width, head) = (model.width, model.headDimension)
    let (all, shared) = (model.heads * head, model.keyValueHeads * head)
    query = try weights.linear("q_proj", outputs: all, inputs: width, bias: inputBias)
    key = try weights.linear("k_proj", outputs: shared, inputs: width, bias: inputBias)
    value = try weights.linear("v_proj", outputs: shared, inputs: width, bias: inputBias)
    output = try weights.linear("o_proj", outputs: width, inputs: all, bias: outputBias)
    (queryNorm, keyNorm) = (headNorms?.query, headNorms?.key)
    shape = AttentionShape(
      heads: model.heads, keyValueHeads: model.keyValueHeads, headDimension: head, isCausal: true,
      window: window, scale: scale)
  }

  /// - Parameter angles: Those that this layer turns its queries and keys by.
  func callAsFunction(_ x: Tensor, _ angles: RotaryAngles, _ pass: ForwardPass) -> Tensor {
    var (q, k, v) = project(x, query, key, value)
    if let queryNorm, let keyNorm { (q, k) = (normed(q, by: queryNorm), normed(k, by: keyNorm)) }
    let attended = pass.attention(
      queries: angles.rotate(q, headDimension: shape.headDimension),
      keys: angles.rotate(k, headDimension: shape.headDimension), values: v, shape: shape)
    return output(attended)
  }

  /// Each head of each token normalized by itself.
  private func normed(_ x: Tensor, by norm: RMSNorm) -> Tensor {
    let heads = x.reshaped(rows: x.rows * x.columns / shape.headDimension, columns: shape.headDimension)
    return norm(heads).reshaped(rows: x.rows, columns: x.columns)
  }
}
