/// One text to learn from, as the model will see it.
///
/// ```swift
/// let example = try TrainingExample(tokens: [5, 8, 2], counts: [false, true, true], text: "Q: A.")
/// let learned = example.countedTokens  // 2
/// ```
public struct TrainingExample: Sendable, Equatable {
  /// The token ids, special tokens among them.
  public let tokens: [Int32]
  /// Whether the loss counts each token as a target. The first token is no target, whatever stands here.
  public let counts: [Bool]
  /// The text that the tokens spell.
  public let text: String

  /// Tokens with what counts of them.
  /// - Throws: ``TrainingDataError/misfitMask(tokens:counts:)`` unless `counts` has a value for each token.
  public init(tokens: [Int32], counts: [Bool], text: String) throws(TrainingDataError) {
    guard tokens.count == counts.count else {
      throw .misfitMask(tokens: tokens.count, counts: counts.count)
    }
    (self.tokens, self.counts, self.text) = (tokens, counts, text)
  }

  /// The tokens that the loss counts.
  public var countedTokens: Int { counts.dropFirst().count { $0 } }
}
