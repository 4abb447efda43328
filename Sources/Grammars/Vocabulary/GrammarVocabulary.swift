/// A tokenizer's vocabulary as the bytes of its tokens, prepared for grammars. One serves any number of grammars.
///
/// ```swift
/// let vocabulary = GrammarVocabulary(tokens: ["a", "b", "ab"].map { Array($0.utf8) } + [nil])
/// ```
public final class GrammarVocabulary: Sendable {
  /// The number of tokens, special ones included.
  public let count: Int
  /// Bytes of each token; empty for one that is never part of a text.
  let tokens: [[UInt8]]
  let trie: ByteTrie
  /// The bytes of the longest token.
  let longest: Int

  /// - Parameter tokens: The bytes that each token adds to a text, in the order of the tokens' ids; nil for a token that
  ///   is never part of a text, such as the one that ends it. Tokens without bytes are never allowed either: a text
  ///   could go on for ever with them.
  public init(tokens: [[UInt8]?]) {
    count = tokens.count
    self.tokens = tokens.map { $0 ?? [] }
    trie = ByteTrie(
      self.tokens.enumerated().filter { !$0.element.isEmpty }.map { ($0.element[...], Int32($0.offset)) })
    longest = self.tokens.map(\.count).max() ?? 0
  }
}
