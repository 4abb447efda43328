/// The number of a token in its vocabulary.
public typealias TokenID = Int32

/// The tokens that stand for no text, and which of them a model wants around its input.
public struct SpecialTokens: Sendable, Equatable {
  /// Begins a text.
  public var bos: TokenID?
  /// Ends a text.
  public var eos: TokenID?
  /// Stands for what the vocabulary cannot write.
  public var unknown: TokenID?
  /// Fills a batch.
  public var padding: TokenID?
  /// `[CLS]`: begins an input of an encoder.
  public var classification: TokenID?
  /// `[SEP]`: ends a part of an encoder's input.
  public var separator: TokenID?
  /// `[MASK]`: to be guessed.
  public var mask: TokenID?
  /// After any of these a model has said what it had to say.
  public var endOfGeneration: Set<TokenID> = []
  /// Whether `addSpecialTokens` puts `bos` in front.
  public var addsBOS = false
  /// Whether `addSpecialTokens` puts `eos` at the end.
  public var addsEOS = false

  /// No special tokens.
  public init() {}
}
