/// How metrics are computed where they leave a choice.
public struct MetricOptions: Sendable, Equatable {
  /// BLEU's tokenizer.
  public var tokenizer: BLEU.Tokenizer
  /// BLEU's smoothing.
  public var smoothing: BLEU.Smoothing
  /// Whether BLEU and chrF put texts in lower case.
  public var lowercase: Bool
  /// Whether ROUGE stems words.
  public var stem: Bool
  /// How intervals are made.
  public var bootstrap: Bootstrap

  /// The defaults are those of sacrebleu and rouge-score.
  public init(
    tokenizer: BLEU.Tokenizer = .v13a, smoothing: BLEU.Smoothing = .exponential, lowercase: Bool = false,
    stem: Bool = false, bootstrap: Bootstrap = .standard
  ) {
    self.tokenizer = tokenizer
    self.smoothing = smoothing
    self.lowercase = lowercase
    self.stem = stem
    self.bootstrap = bootstrap
  }

  var bleu: BLEU { BLEU(tokenizer: tokenizer, smoothing: smoothing, lowercase: lowercase) }

  func chrF(wordOrder: Int) -> CHRF { CHRF(wordOrder: wordOrder, lowercase: lowercase) }
}
