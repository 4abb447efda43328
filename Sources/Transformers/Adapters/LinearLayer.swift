/// A linear layer of a model, which an adapter can sit on.
public struct LinearLayer: Sendable, Equatable {
  /// Where it is in transformers' model, as in `model.layers.0.self_attn.q_proj`; the output head is `lm_head`, tied or
  /// not. A decoder's checkpoint may leave the first part out, the path does not; an encoder's is as in its checkpoint.
  public let path: String
  /// The width of what it reads.
  public let inputs: Int
  /// The width of its result.
  public let outputs: Int
  /// Whether Hugging Face's checkpoints hold its matrix as inputs × outputs, as GPT-2's `Conv1D` does.
  public let isTransposed: Bool

  /// The path of an output head.
  static let headPath = "lm_head"
}
