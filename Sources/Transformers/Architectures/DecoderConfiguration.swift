import MartletJSON
import MartletTensors

/// What Llama and its kin read of a `config.json` besides their shape.
struct DecoderConfiguration: Sendable {
  let shape: ModelShape
  /// The width inside the feed-forward network (`intermediate_size`).
  let intermediateSize: Int
  /// What norms add under the root (`rms_norm_eps`).
  let rmsNormEpsilon: Float
  /// The function inside the feed-forward network (`hidden_act`).
  let activation: Activation
  /// Whether the output head is the token embedding (`tie_word_embeddings`).
  let tiesEmbeddings: Bool

  /// - Parameters:
  ///   - activationKey: The member that names the activation function.
  ///   - activation: The one where no member names it.
  ///   - tiesEmbeddings: What holds where the configuration does not say whether the head is the embedding; transformers
  ///     leaves out what is an architecture's default.
  init(
    _ configuration: Configuration, activationKey: String = "hidden_act", activation: Activation = .silu,
    tiesEmbeddings: Bool = false
  ) throws(ModelError) {
    let width = try configuration.positive("hidden_size")
    let heads = try configuration.positive("num_attention_heads")
    let keyValueHeads = try configuration.positive("num_key_value_heads", default: heads)
    shape = ModelShape(
      vocabulary: try configuration.positive("vocab_size"), width: width,
      layers: try configuration.positive("num_hidden_layers"), heads: heads, keyValueHeads: keyValueHeads,
      headDimension: try configuration.headDimension(width: width, heads: heads),
      context: try configuration.positive("max_position_embeddings"))
    intermediateSize = try configuration.positive("intermediate_size")
    rmsNormEpsilon = try configuration.float("rms_norm_eps", default: 1e-6)
    self.activation = try configuration.activation(activationKey, default: activation)
    self.tiesEmbeddings = try configuration.flag("tie_word_embeddings", default: tiesEmbeddings)
    guard heads % keyValueHeads == 0 else {
      throw .invalidConfiguration(
        key: "num_key_value_heads", problem: "is \(keyValueHeads), which does not divide \(heads) query heads"
      )
    }
  }
}
