import MartletJSON

/// What Llama and its kin read of a `config.json` besides their shape.
struct DecoderConfiguration: Sendable {
  let shape: ModelShape
  /// The width inside the feed-forward network (`intermediate_size`).
  let intermediateSize: Int
  /// What RMS norms add under the root (`rms_norm_eps`).
  let rmsNormEpsilon: Float
  /// Whether the output head is the token embedding (`tie_word_embeddings`).
  let tiesEmbeddings: Bool

  init(_ configuration: Configuration) throws(ModelError) {
    let width = try configuration.positive("hidden_size")
    let heads = try configuration.positive("num_attention_heads")
    let keyValueHeads = try configuration.positive("num_key_value_heads", default: heads)
    let headDimension = try configuration.positive("head_dim", default: width / heads)
    shape = ModelShape(
      vocabulary: try configuration.positive("vocab_size"), width: width,
      layers: try configuration.positive("num_hidden_layers"), heads: heads, keyValueHeads: keyValueHeads,
      headDimension: headDimension, context: try configuration.positive("max_position_embeddings"))
    intermediateSize = try configuration.positive("intermediate_size")
    rmsNormEpsilon = try configuration.float("rms_norm_eps", default: 1e-6)
    tiesEmbeddings = try configuration.flag("tie_word_embeddings", default: false)
    try configuration.require("hidden_act", among: ["silu"])
    guard heads % keyValueHeads == 0 else {
      throw .invalidConfiguration(
        key: "num_key_value_heads", problem: "is \(keyValueHeads), which does not divide \(heads) query heads"
      )
    }
    guard headDimension % 16 == 0, headDimension <= 256 else {
      throw .unsupportedConfiguration(key: "head_dim", value: "\(headDimension) (16, 32, … 256 are)")
    }
  }
}
