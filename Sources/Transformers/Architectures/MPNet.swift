import MartletTensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// MPNet (Song et al. 2020), as in Hugging Face's `modeling_mpnet.py`: BERT without segments, whose scores have a bias by
/// the distance of two positions, shared by all layers.
struct MPNet: Encoder {
  let shape: ModelShape
  let parameters: ModelParameters
  private let words, positions: EmbeddingTable
  private let embeddingNorm: LayerNorm
  private let blocks: [EncoderBlock]
  /// The bias of each bucket of distances: buckets × heads.
  private let relativeBias: EmbeddingTable
  private let padding = 1

  private static let names = EncoderBlock.Names(
    query: "attention.attn.q", key: "attention.attn.k", value: "attention.attn.v",
    attentionOutput: "attention.attn.o", attentionNorm: "attention.LayerNorm")

  init(_ weights: Weights, _ members: Configuration) throws(ModelError) {
    let configuration = try EncoderConfiguration(members, reservedPositions: padding + 1)
    shape = configuration.shape
    // transformers reads the table with 32 buckets whatever its size.
    let buckets = try members.positive("relative_attention_num_buckets", default: Self.buckets)
    guard buckets >= Self.buckets else {
      throw .unsupportedConfiguration(
        key: "relative_attention_num_buckets", value: "\(buckets) (\(Self.buckets) or more are)")
    }
    let model = Self.scope(weights)
    let embeddings = model.scope("embeddings")
    words = try embeddings.table("word_embeddings.weight", rows: shape.vocabulary, columns: shape.width)
    positions = try embeddings.table(
      "position_embeddings.weight", rows: shape.context + padding + 1, columns: shape.width)
    embeddingNorm = try LayerNorm(
      embeddings, "LayerNorm", width: shape.width, epsilon: configuration.layerNormEpsilon)
    var blocks: [EncoderBlock] = []
    for layer in 0..<shape.layers {
      blocks.append(try EncoderBlock(model.scope("encoder.layer.\(layer)"), configuration, Self.names))
    }
    self.blocks = blocks
    relativeBias = try model.table(
      "encoder.relative_attention_bias.weight", rows: buckets, columns: shape.heads)
    parameters = try weights.parameters("mpnet", members, ignoring: EncoderHead.isPartOfHead)
  }

  /// Models with a head keep the encoder under "mpnet.".
  static func scope(_ weights: Weights) -> Weights {
    weights.scope("mpnet", ifItHas: "embeddings.word_embeddings.weight")
  }

  /// Segments make no difference: the model has none.
  func hiddenStates(
    of batch: PackedBatch, segmentIDs: [Int]?, recorder: ActivationRecorder?
  ) throws(ModelError) -> Tensor {
    try ModelError.check(batch.tokens, rows: shape.vocabulary)
    try ModelError.check(batch, context: shape.context)
    let embedded = try words(batch.tokens.map(Int.init)) + positions(batch.positions(padding: padding))
    let bias = try scoreBias(longest: batch.sequences.map(\.rows.count).max() ?? 1)
    var pass = ForwardPass(batch, recorder)
    return pass.run(blocks, on: embeddingNorm(embedded)) { block, x, pass in block(x, pass, bias: bias) }
  }

  /// What each head adds to the score of two positions, by their distance: heads × (2 · longest − 1).
  private func scoreBias(longest: Int) throws(ModelError) -> Tensor {
    let buckets = (1 - longest...longest - 1).map(Self.bucket)
    return try relativeBias(buckets).transposed()
  }

  private static let buckets = 32

  /// The bucket of a distance, key minus query (`MPNetEncoder.relative_position_bucket`): half of them for keys that come
  /// before, half for those after; near distances have one each, far ones share them by the logarithm.
  private static func bucket(distance: Int) -> Int {
    let (half, largest) = (buckets / 2, 128)
    let exact = half / 2
    let offset = distance > 0 ? half : 0
    let magnitude = abs(distance)
    if magnitude < exact { return offset + magnitude }
    let logarithm = log(Float(magnitude) / Float(exact)) / Float(log(Double(largest) / Double(exact)))
    return offset + min(half - 1, exact + Int(logarithm * Float(half - exact)))
  }
}
