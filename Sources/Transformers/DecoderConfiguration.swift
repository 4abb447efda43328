import JSON

/// The sizes of a decoder-only transformer, from the keys of its `config.json`.
public struct DecoderConfiguration: Sendable, Equatable {
  /// Tokens in the vocabulary (`vocab_size`).
  public let vocabularySize: Int
  /// The width of a hidden state (`hidden_size`).
  public let hiddenSize: Int
  /// Layers (`num_hidden_layers`).
  public let layers: Int
  /// Query heads (`num_attention_heads`).
  public let heads: Int
  /// Key/value heads (`num_key_value_heads`).
  public let keyValueHeads: Int
  /// The width of a head (`head_dim`).
  public let headDimension: Int
  /// The width inside the feed-forward network (`intermediate_size`).
  public let intermediateSize: Int
  /// What RMS norms add under the root (`rms_norm_eps`).
  public let rmsNormEpsilon: Float
  /// The longest sequence that the model was made for (`max_position_embeddings`).
  public let maximumPositions: Int
  /// Whether the output head is the token embedding (`tie_word_embeddings`).
  public let tiesEmbeddings: Bool
  /// How many of the last positions a token sees, where that is limited (`sliding_window`).
  public let slidingWindow: Int?

  init(_ configuration: Configuration, slidingWindow: Int? = nil) throws(ModelError) {
    vocabularySize = try configuration.positive("vocab_size")
    hiddenSize = try configuration.positive("hidden_size")
    layers = try configuration.positive("num_hidden_layers")
    heads = try configuration.positive("num_attention_heads")
    keyValueHeads = try configuration.positive("num_key_value_heads", default: heads)
    headDimension = try configuration.positive("head_dim", default: hiddenSize / heads)
    intermediateSize = try configuration.positive("intermediate_size")
    rmsNormEpsilon = try configuration.float("rms_norm_eps", default: 1e-6)
    maximumPositions = try configuration.positive("max_position_embeddings")
    tiesEmbeddings = try configuration.flag("tie_word_embeddings", default: false)
    self.slidingWindow = slidingWindow
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
