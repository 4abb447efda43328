import MartletTensors

/// The encoder BERT (Devlin et al. 2019), as in Hugging Face's `modeling_bert.py`; MiniLM, bge and e5 are such.
///
///     word + position + segment ── norm ── block × layers
struct BERT: Encoder {
  let shape: ModelShape
  let parameters: ModelParameters
  private let words, positions: EmbeddingTable
  /// GGUF files of DistilBERT and XLM-RoBERTa, which llama.cpp takes for BERT, may have none.
  private let segments: EmbeddingTable?
  private let embeddingNorm: LayerNorm
  private let blocks: [EncoderBlock]

  init(_ weights: Weights, _ members: Configuration) throws(ModelError) {
    try members.require("position_embedding_type", among: ["absolute"])
    let configuration = try EncoderConfiguration(members)
    shape = configuration.shape
    let model = Self.scope(weights)
    let embeddings = model.scope("embeddings")
    words = try embeddings.table("word_embeddings.weight", rows: shape.vocabulary, columns: shape.width)
    positions = try embeddings.table(
      "position_embeddings.weight", rows: shape.context, columns: shape.width)
    if members.isFromGGUF && !embeddings.contains("token_type_embeddings.weight") {
      segments = nil
    } else {
      segments = try embeddings.table(
        "token_type_embeddings.weight", rows: members.positive("type_vocab_size", default: 2),
        columns: shape.width)
    }
    embeddingNorm = try LayerNorm(
      embeddings, "LayerNorm", width: shape.width, epsilon: configuration.layerNormEpsilon)
    var blocks: [EncoderBlock] = []
    for layer in 0..<shape.layers {
      blocks.append(try EncoderBlock(model.scope("encoder.layer.\(layer)"), configuration))
    }
    self.blocks = blocks
    parameters = try weights.parameters("bert", members, ignoring: EncoderHead.isPartOfHead)
  }

  /// Models with a head keep the encoder under "bert.".
  static func scope(_ weights: Weights) -> Weights {
    weights.scope("bert", ifItHas: "embeddings.word_embeddings.weight")
  }

  func hiddenStates(
    of batch: PackedBatch, segmentIDs: [Int]?, recorder: ActivationRecorder?
  ) throws(ModelError) -> Tensor {
    let segmentIDs = segmentIDs ?? [Int](repeating: 0, count: batch.tokens.count)
    try ModelError.check(batch.tokens, rows: shape.vocabulary)
    try ModelError.check(batch, context: shape.context)
    var embedded = try words(batch.tokens.map(Int.init)) + positions(batch.positions)
    if let segments { embedded = try embedded + segments(segmentIDs) }
    var pass = ForwardPass(batch, recorder)
    return pass.run(blocks, on: embeddingNorm(embedded)) { block, x, pass in block(x, pass) }
  }
}
