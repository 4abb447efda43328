import MartletTensors

/// RoBERTa (Liu et al. 2019) and XLM-RoBERTa (Conneau et al. 2020), as in Hugging Face's `modeling_roberta.py`: BERT, whose
/// positions begin after the padding token's number, and whose padding tokens have no position.
struct RoBERTa: Encoder {
  let shape: ModelShape
  let parameters: ModelParameters
  private let words, positions, segments: EmbeddingTable
  private let embeddingNorm: LayerNorm
  private let blocks: [EncoderBlock]
  private let padding: Int

  /// - Parameter modelType: `roberta` or `xlm-roberta`, which differ in their tokenizers alone.
  init(_ weights: Weights, _ members: Configuration, modelType: String) throws(ModelError) {
    try members.require("position_embedding_type", among: ["absolute"])
    padding = try members.integer("pad_token_id", default: 1)
    let configuration = try EncoderConfiguration(members, reservedPositions: padding + 1)
    shape = configuration.shape
    let model = Self.scope(weights)
    let embeddings = model.scope("embeddings")
    words = try embeddings.table("word_embeddings.weight", rows: shape.vocabulary, columns: shape.width)
    positions = try embeddings.table(
      "position_embeddings.weight", rows: shape.context + padding + 1, columns: shape.width)
    segments = try embeddings.table(
      "token_type_embeddings.weight", rows: members.positive("type_vocab_size", default: 2),
      columns: shape.width)
    embeddingNorm = try LayerNorm(
      embeddings, "LayerNorm", width: shape.width, epsilon: configuration.layerNormEpsilon)
    var blocks: [EncoderBlock] = []
    for layer in 0..<shape.layers {
      blocks.append(try EncoderBlock(model.scope("encoder.layer.\(layer)"), configuration))
    }
    self.blocks = blocks
    parameters = try weights.parameters(modelType, members, ignoring: EncoderHead.isPartOfHead)
  }

  /// Models with a head keep the encoder under "roberta.".
  static func scope(_ weights: Weights) -> Weights {
    weights.scope("roberta", ifItHas: "embeddings.word_embeddings.weight")
  }

  func hiddenStates(
    of batch: PackedBatch, segmentIDs: [Int]?, recorder: ActivationRecorder?
  ) throws(ModelError) -> Tensor {
    let segmentIDs = segmentIDs ?? [Int](repeating: 0, count: batch.tokens.count)
    try ModelError.check(batch.tokens, rows: shape.vocabulary)
    try ModelError.check(batch, context: shape.context)
    let embedded =
      try words(batch.tokens.map(Int.init)) + positions(batch.positions(padding: padding))
      + segments(segmentIDs)
    var pass = ForwardPass(batch, recorder)
    return pass.run(blocks, on: embeddingNorm(embedded)) { block, x, pass in block(x, pass) }
  }
}

extension PackedBatch {
  /// Each row's position as RoBERTa and MPNet count: the first token has `padding` + 1, and padding tokens, which take
  /// none, have `padding`.
  func positions(padding: Int) -> [Int] {
    sequences.flatMap { sequence in
      var next = padding
      return tokens[sequence.rows].map { token in
        guard Int(token) != padding else { return padding }
        next += 1
        return next
      }
    }
  }
}
