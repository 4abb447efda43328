/// The sizes of a model, whatever its architecture.
public struct ModelShape: Sendable, Equatable {
  /// Tokens in the vocabulary.
  public let vocabulary: Int
  /// The width of a hidden state.
  public let width: Int
  /// Layers.
  public let layers: Int
  /// Query heads of a layer.
  public let heads: Int
  /// Key/value heads of a layer; fewer than ``heads`` where these share them.
  public let keyValueHeads: Int
  /// The width of a head.
  public let headDimension: Int
  /// The longest sequence that the model was made for, in tokens.
  public let context: Int
}
