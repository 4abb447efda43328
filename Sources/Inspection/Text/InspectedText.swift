import MartletTokenizers

/// A text as a model sees it: its tokens, and which of the text's words each of them stands for.
public struct InspectedText: Sendable, Equatable {
  /// The text.
  public let text: String
  /// The tokens, with those that the tokenizer adds around a text where they were asked for.
  public let tokens: [Token]
  /// The words that tokens stand for, in the text's order.
  public let words: [Word]

  /// One token.
  public struct Token: Sendable, Equatable {
    /// Its number in the vocabulary.
    public let id: TokenID
    /// The token as the vocabulary spells it: `##ing`, `Ġcat`, `▁cat`.
    public let piece: String
    /// Where it stands in the text, in Unicode scalars, as Python counts characters; nil for a token that was added.
    public let scalarRange: Range<Int>?
    /// Where it stands in the text's UTF-8; nil for a token that was added.
    public let utf8Range: Range<Int>?
    /// The first of the words that it stands for, as an index of ``InspectedText/words``; nil for a token that was added
    /// and for white space.
    public let word: Int?
  }

  /// One word: letters and digits, an ideograph, or signs that stand together.
  public struct Word: Sendable, Equatable {
    /// The word as the text has it.
    public let text: String
    /// Where it stands in the text, in Unicode scalars.
    public let scalarRange: Range<Int>
    /// Where it stands in the text's UTF-8.
    public let utf8Range: Range<Int>
    /// The tokens that stand for it or for a part of it, as indices of ``InspectedText/tokens``.
    public let tokens: [Int]
  }

  /// The numbers of the tokens.
  public var ids: [TokenID] { tokens.map(\.id) }
  /// The tokens as the vocabulary spells them.
  public var pieces: [String] { tokens.map(\.piece) }

  /// The tokens of a text.
  /// - Parameters:
  ///   - text: Any text.
  ///   - tokenizer: The model's tokenizer.
  ///   - addsSpecialTokens: Whether the tokens that the model wants around a text are added.
  ///   - parsesSpecialTokens: Whether special tokens that are written in the text are recognised, as transformers does.
  public init(
    _ text: String, _ tokenizer: Tokenizer, addsSpecialTokens: Bool = true, parsesSpecialTokens: Bool = true
  ) {
    let added = addsSpecialTokens ? tokenizer.prefix.count : 0
    let encoded = tokenizer.encodeWithOffsets(
      text, addSpecialTokens: addsSpecialTokens, parseSpecialTokens: parsesSpecialTokens)
    let inner = tokenizer.encode(text, parseSpecialTokens: parsesSpecialTokens).count
    let own = added..<min(encoded.ids.count, added + inner)
    let ranges = encoded.scalarRanges.enumerated().map { own.contains($0) ? $1 : nil }
    self.init(text, ids: encoded.ids, pieces: encoded.tokens, ranges: ranges)
  }

  init(_ text: String, ids: [TokenID], pieces: [String], ranges: [Range<Int>?]) {
    let scalars = Array(text.unicodeScalars)
    var offsets = [0]
    offsets.reserveCapacity(scalars.count + 1)
    for scalar in scalars { offsets.append((offsets.last ?? 0) + UTF8.width(scalar)) }
    func bytes(_ range: Range<Int>) -> Range<Int> { offsets[range.lowerBound]..<offsets[range.upperBound] }
    let ranges = ranges.map { $0?.clamped(to: 0..<scalars.count) }
    let found = Self.words(scalars, ranges, pieces)

    var tokensOfWord = [[Int]](repeating: [], count: found.count)
    var wordOfToken = [Int?](repeating: nil, count: ids.count)
    for (token, range) in ranges.enumerated() {
      guard let range, !range.isEmpty else { continue }
      // The first word that ends behind the token's beginning.
      var (low, high) = (0, found.count)
      while low < high {
        let middle = (low + high) / 2
        if found[middle].upperBound <= range.lowerBound { low = middle + 1 } else { high = middle }
      }
      for word in low..<found.count {
        guard found[word].lowerBound < range.upperBound else { break }
        if wordOfToken[token] == nil { wordOfToken[token] = word }
        tokensOfWord[word].append(token)
      }
    }
    // A word whose characters the tokenizer drops has no token, so the model never sees it.
    var numbers: [Int: Int] = [:]
    var words: [Word] = []
    for (word, tokens) in tokensOfWord.enumerated() where !tokens.isEmpty {
      numbers[word] = words.count
      var characters = String.UnicodeScalarView()
      characters.append(contentsOf: scalars[found[word]])
      words.append(
        Word(
          text: String(characters), scalarRange: found[word], utf8Range: bytes(found[word]), tokens: tokens))
    }
    self.text = text
    self.words = words
    tokens = ids.indices.map { index in
      Token(
        id: ids[index], piece: pieces[index], scalarRange: ranges[index], utf8Range: ranges[index].map(bytes),
        word: wordOfToken[index].flatMap { numbers[$0] })
    }
  }

  /// The words of the text. What one token spells whole is one: `[MASK]`, `<|im_end|>`.
  private static func words(
    _ scalars: [Unicode.Scalar], _ tokens: [Range<Int>?], _ pieces: [String]
  ) -> [Range<Int>] {
    let words = Words.ranges(in: scalars)
    var wordOfScalar = [Int](repeating: -1, count: scalars.count)
    for (index, word) in words.enumerated() { for scalar in word { wordOfScalar[scalar] = index } }
    var whole: [Range<Int>] = []
    for case (let range?, let piece) in zip(tokens, pieces)
    where range.count > 1 && range.lowerBound >= whole.last?.upperBound ?? 0
      && wordOfScalar[range.lowerBound] != wordOfScalar[range.upperBound - 1]
      && piece.unicodeScalars.elementsEqual(scalars[range])
    {
      whole.append(range)
    }
    guard !whole.isEmpty else { return words }
    var found: [Range<Int>] = []
    var start = 0
    for range in whole + [scalars.count..<scalars.count] {
      found += Words.ranges(in: Array(scalars[start..<range.lowerBound])).map {
        $0.lowerBound + start..<$0.upperBound + start
      }
      if !range.isEmpty { found.append(range) }
      start = range.upperBound
    }
    return found
  }
}
