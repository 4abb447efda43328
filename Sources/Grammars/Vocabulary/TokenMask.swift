/// Which tokens of a vocabulary may come next, a bit for each.
public struct TokenMask: Sendable, Equatable {
  /// The number of tokens.
  public let count: Int
  /// The bits: token `i` is bit `i % 64` of word `i / 64`. Bits behind the last token are 0.
  public private(set) var words: [UInt64]

  /// A mask of `count` tokens, none of which is allowed.
  public init(count: Int) {
    self.init(count: count, words: [UInt64](repeating: 0, count: (max(0, count) + 63) / 64))
  }

  init(count: Int, words: [UInt64]) { (self.count, self.words) = (count, words) }

  /// How many tokens are allowed.
  public var allowedCount: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

  /// Whether a token is allowed; false for one that the vocabulary does not have.
  /// - Precondition: A token that is set is in `0..<count`.
  public subscript(token: Int) -> Bool {
    get { token >= 0 && token < count && words[token / 64] >> UInt64(token % 64) & 1 == 1 }
    set {
      precondition(token >= 0 && token < count, "token \(token) of a vocabulary of \(count)")
      let bit: UInt64 = 1 << UInt64(token % 64)
      if newValue { words[token / 64] |= bit } else { words[token / 64] &= ~bit }
    }
  }
}
