import MartletTensors

/// DistilBERT (Sanh et al. 2019), as in Hugging Face's `modeling_distilbert.py`: BERT with half the layers, and without
/// segments.
struct DistilBERT: Encoder {
  let shape: ModelShape
  let parameters: ModelParameters
  private let words, positions: EmbeddingTable
  private let embeddingNorm: LayerNorm
  private let blocks: [EncoderBlock]

  private static let names = EncoderBlock.Names(
    query: "attention.q_lin", key: "attention.k_lin", value: "attention.v_lin",
    attentionOutput: "attention.out_lin", attentionNorm: "sa_layer_norm", up: "ffn.lin1", down: "ffn.lin2",
    outputNorm: "output_layer_norm")

  init(_ weights: Weights, _ members: Configuration) throws(ModelError) {
    let configuration = try EncoderConfiguration(members)
    shape = configuration.shape
    let model = Self.scope(weights)
    let embeddings = model.scope("embeddings")
    words = try embeddings.table("word_embeddings.weight", rows: shape.vocabulary, columns: shape.width)
    positions = try embeddings.table(
      "position_embeddings.weight", rows: shape.context, columns: shape.width)
    embeddingNorm = try LayerNorm(
      embeddings, "LayerNorm", width: shape.width, epsilon: configuration.layerNormEpsilon)
    var blocks: [EncoderBlock] = []
    for layer in 0..<shape.layers {
      blocks.append(try EncoderBlock(model.scope("transformer.layer.\(layer)"), configuration, Self.names))
    }
    self.blocks = blocks
    parameters = try weights.parameters("distilbert", members, ignoring: EncoderHead.isPartOfHead)
  }

  /// Models with a head keep the encoder under "distilbert.".
  static func scope(_ weights: Weights) -> Weights {
    weights.scope("distilbert", ifItHas: "embeddings.word_embeddings.weight")
  }

  /// Segments make no difference: the model has none.
  func hiddenStates(
    of batch: PackedBatch, segmentIDs: [Int]?, recorder: ActivationRecorder?
  ) throws(ModelError) -> Tensor {
    try ModelError.check(batch.tokens, rows: shape.vocabulary)
    try ModelError.check(batch, context: shape.context)
    let embedded = try words(batch.tokens.map(Int.init)) + positions(batch.positions)
    var pass = ForwardPass(batch, recorder)
    return pass.run(blocks, on: embeddingNorm(embedded)) { block, x, pass in block(x, pass) }
  }
}
