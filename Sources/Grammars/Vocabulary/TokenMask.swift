/// Which tokens of a vocabulary may come next, a bit for each.
public struct TokenMask: Sendable, Equatable {
  /// The number of tokens.
  public let count: Int
  /// The bits: token `i` is bit `i % 64` of word `i / 64`. Bits behind the last token are 0.
  public let words: [UInt64]
  /// How many tokens are allowed.
  public let allowedCount: Int

  init(count: Int, words: [UInt64]) {
    self.count = count
    self.words = words
    allowedCount = words.reduce(0) { $0 + $1.nonzeroBitCount }
  }

  /// Whether a token is allowed; false for one that the vocabulary does not have.
  public subscript(token: Int) -> Bool {
    token >= 0 && token < count && words[token / 64] >> UInt64(token % 64) & 1 == 1
  }
}
