/// A text as tokens, with where each one came from.
public struct TokenizedText: Sendable, Equatable {
  /// The numbers of the tokens.
  public var ids: [TokenID]
  /// The tokens as the vocabulary spells them.
  public var tokens: [String]
  /// The Unicode scalars of the text that each token stands for, counted from 0; empty ranges for
  /// tokens that the tokenizer added.
  public var scalarRanges: [Range<Int>]
}

/// Two texts as one input of an encoder.
public struct PairEncoding: Sendable, Equatable {
  /// The numbers of the tokens.
  public var ids: [TokenID]
  /// 0 for the first text and its special tokens, 1 for the second.
  public var typeIDs: [Int32]
  /// How many tokens of the two texts were cut to fit.
  public internal(set) var cutTokens = 0

  mutating func append(_ more: [TokenID], _ type: Int32) {
    ids += more
    typeIDs += repeatElement(type, count: more.count)
  }
}
