import MartletTensors

/// The table that turns token ids into the first hidden states.
enum TokenEmbedding: Sendable {
  /// The head's own matrix: it is in memory anyway.
  case sharedWithHead(WeightMatrix)
  /// A table of its own, which stays in the file's map.
  case separate(EmbeddingTable)

  /// A decoder's embedding and its head, which are one matrix where the configuration ties them and the checkpoint has
  /// no second one.
  /// - Parameters:
  ///   - model: The scope of the embedding.
  ///   - weights: The scope of the head, `lm_head`.
  ///   - shape: The model's sizes.
  ///   - isTied: Whether the configuration ties the two.
  ///   - name: What the embedding is called in its scope.
  static func withHead(
    _ model: Weights, _ weights: Weights, _ shape: ModelShape, isTied: Bool, name: String = "embed_tokens"
  ) throws(ModelError) -> (embedding: TokenEmbedding, head: Linear) {
    let (vocabulary, width) = (shape.vocabulary, shape.width)
    // Without a head the embedding stands in its place, and nobody asks for logits.
    if (isTied || weights.isForHiddenStates) && !weights.contains("lm_head.weight") {
      let shared = try model.matrix(name + ".weight", rows: vocabulary, columns: width)
      return (.sharedWithHead(shared), try weights.linear("lm_head", sharing: shared))
    }
    let table = try model.table(name + ".weight", rows: vocabulary, columns: width)
    return (.separate(table), try weights.linear("lm_head", outputs: vocabulary, inputs: width))
  }

  func callAsFunction(_ tokens: [Int32]) throws(ModelError) -> Tensor {
    switch self {
    case .sharedWithHead(let matrix): matrix.gatherRows(tokens.map(Int.init))
    case .separate(let table): try table(tokens.map(Int.init))
    }
  }
}
