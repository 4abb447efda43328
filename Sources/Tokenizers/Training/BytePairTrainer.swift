/// Learns a vocabulary of byte pairs (Sennrich et al. 2016), as GPT-2's is: of each pair of neighbours the most frequent
/// becomes a token, again and again.
///
/// ```swift
/// var words = WordCounts()
/// words.add("a swift, a swallow and a martlet")
/// let vocabulary = try BytePairTrainer(vocabularySize: 270).train(on: words)
/// let tokenizer = try vocabulary.makeTokenizer()
/// ```
///
/// Tokens and merges are those that Hugging Face `tokenizers` learns with its `BpeTrainer`, the byte-level pre-tokenizer
/// and its alphabet, in the same order.
public struct BytePairTrainer: Sendable {
  /// How many tokens the vocabulary is to have: the special ones, 256 for the bytes, and what is learned. A text with too
  /// few different pairs gives fewer.
  public var vocabularySize: Int
  /// How often a pair has to occur to become a token.
  public var minimumFrequency = 0
  /// Tokens that stand for no text, which get the first ids.
  public var specialTokens: [String]

  /// A trainer.
  public init(vocabularySize: Int, minimumFrequency: Int = 0, specialTokens: [String] = ["<|endoftext|>"]) {
    self.vocabularySize = vocabularySize
    self.minimumFrequency = minimumFrequency
    self.specialTokens = specialTokens
  }

  /// Whether this can be learned from any text.
  /// - Throws: ``BytePairTrainingError`` for a vocabulary that is too small, or special tokens that cannot be.
  public func check() throws(BytePairTrainingError) {
    var seen: Set<String> = []
    for token in specialTokens where token.isEmpty || !seen.insert(token).inserted {
      throw .unusableSpecialToken(token)
    }
    let first = LearnedTokens(specialTokens: specialTokens).spellings.count
    guard vocabularySize >= first else {
      throw .vocabularyTooSmall(asked: vocabularySize, smallest: first)
    }
  }

  /// Learns a vocabulary.
  /// - Parameters:
  ///   - words: The words of the texts.
  ///   - progress: Told how many tokens there are, from time to time.
  /// - Throws: ``BytePairTrainingError``; ``BytePairTrainingError/cancelled`` where the task is cancelled.
  public func train(
    on words: WordCounts, progress: (_ tokens: Int) -> Void = { _ in }
  ) throws(BytePairTrainingError) -> BytePairVocabulary {
    try check()
    guard words.count > 0 else { throw .noText }
    var tokens = LearnedTokens(specialTokens: specialTokens)
    var counts = PairCounts(words, tokenOfByte: tokens.ofByte)
    var merges: [BytePairVocabulary.Merge] = []
    while tokens.spellings.count < vocabularySize, let next = counts.popMostFrequent() {
      guard next.count >= max(1, minimumFrequency) else { break }
      if merges.count % 64 == 0 {
        if Task.isCancelled { throw .cancelled }
        progress(tokens.spellings.count)
      }
      let merged = tokens.merging(next.left, next.right)
      merges.append(.init(left: next.left, right: next.right))
      counts.merge(next, into: merged)
    }
    progress(tokens.spellings.count)
    return BytePairVocabulary(
      tokens: tokens.spellings, merges: Self.lastOfEach(merges), specialTokens: specialTokens)
  }

  /// A pair can be merged again, where its tokens have come to stand side by side by other merges of the same texts: its
  /// last place counts.
  private static func lastOfEach(_ merges: [BytePairVocabulary.Merge]) -> [BytePairVocabulary.Merge] {
    var last: [BytePairVocabulary.Merge: Int] = [:]
    for (place, merge) in merges.enumerated() { last[merge] = place }
    return merges.enumerated().filter { last[$1] == $0 }.map(\.element)
  }
}

/// The tokens that there are while a vocabulary is learned.
struct LearnedTokens {
  /// How each is spelled, by id: special tokens, bytes in the order of their visible characters, and what was learned.
  private(set) var spellings = PackedStrings()
  /// The token of each byte.
  private(set) var ofByte = [TokenID](repeating: -1, count: 256)
  private var ids: [[UInt8]: TokenID] = [:]

  init(specialTokens: [String]) {
    for token in specialTokens { _ = id(of: Array(token.utf8)) }
    for byte in (0..<256).sorted(by: { ByteAlphabet.scalars[$0] < ByteAlphabet.scalars[$1] }) {
      ofByte[byte] = id(of: ByteAlphabet.spellings[byte])
    }
  }

  /// The token of a spelling, which is new where there is none.
  private mutating func id(of spelling: [UInt8]) -> TokenID {
    if let id = ids[spelling] { return id }
    let id = TokenID(spellings.count)
    spellings.append(spelling)
    ids[spelling] = id
    return id
  }

  /// The token that two tokens become. Two ways of cutting a word lead to the same one.
  mutating func merging(_ left: TokenID, _ right: TokenID) -> TokenID {
    id(of: Array(spellings.bytes(at: Int(left)) + spellings.bytes(at: Int(right))))
  }
}
