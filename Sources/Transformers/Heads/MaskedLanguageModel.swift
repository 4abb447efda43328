import MartletCheckpoints
import MartletTensors

/// An encoder with a head that says which word each masked token hides (Devlin et al. 2019, section 3.1).
///
///     hidden state ── dense ── activation ── norm ── decoder, which is the word embedding
public struct MaskedLanguageModel: Sendable {
  /// The encoder under the head.
  public let encoder: any Encoder
  /// The weights of both, by name.
  public let parameters: ModelParameters
  private let dense: Linear
  private let norm: LayerNorm
  private let decoder: Linear
  private let activation: Activation

  /// Loads a checkpoint with such a head.
  /// - Throws: ``ModelError``, ``ModelError/missingHead(_:found:)`` where the checkpoint has no such head.
  public init(_ checkpoint: Checkpoint, precision: Precision, device: Device) throws(ModelError) {
    let base = try EncoderBase(checkpoint, head: .maskedLanguage, precision: precision, device: device)
    let (weights, width) = (base.weights, base.encoder.shape.width)
    let epsilon = try base.members.float("layer_norm_eps", default: 1e-12)
    let head: Weights
    switch base.modelType {
    case "bert":
      head = weights.scope("cls.predictions")
      dense = try head.linear("transform.dense", outputs: width, inputs: width, bias: true)
      norm = try LayerNorm(head, "transform.LayerNorm", width: width, epsilon: epsilon)
      activation = try base.members.activation("hidden_act", default: .gelu)
    case "distilbert":
      head = weights
      dense = try weights.linear("vocab_transform", outputs: width, inputs: width, bias: true)
      norm = try LayerNorm(weights, "vocab_layer_norm", width: width, epsilon: 1e-12)
      activation = try base.members.activation("hidden_act", default: .gelu)
    default:
      head = weights.scope("lm_head")
      dense = try head.linear("dense", outputs: width, inputs: width, bias: true)
      norm = try LayerNorm(head, "layer_norm", width: width, epsilon: epsilon)
      activation = .gelu
    }
    decoder = try Self.decoder(head, base)
    encoder = base.encoder
    parameters = try base.parameters()
  }

  /// The decoder: a matrix of its own, or the word embedding where the checkpoint has none.
  private static func decoder(_ head: Weights, _ base: EncoderBase) throws(ModelError) -> Linear {
    let name = base.modelType == "distilbert" ? "vocab_projector" : "decoder"
    let (vocabulary, width) = (base.encoder.shape.vocabulary, base.encoder.shape.width)
    // Old checkpoints have the bias beside the matrix, not in it; new ones have it once or twice.
    let biasName = head.contains(name + ".bias") ? name + ".bias" : "bias"
    let bias = try head.vector(biasName, count: vocabulary)
    if head.contains(name + ".weight") {
      let matrix = try head.matrix(name + ".weight", rows: vocabulary, columns: width)
      return try head.linear(name, sharing: matrix, bias: bias)
    }
    let words = try base.model.scope("embeddings").matrix(
      "word_embeddings.weight", rows: vocabulary, columns: width)
    return try head.linear(name, sharing: words, bias: bias)
  }

  /// The logits of each word in the place of each row of `hiddenStates`: rows × vocabulary.
  public func logits(of hiddenStates: Tensor) -> Tensor {
    decoder(norm(dense(hiddenStates).activated(by: activation)))
  }
}
