import MartletJSON

/// Turns text into the numbers a model reads, and back, exactly as the model's own tokenizer does.
///
/// A value may be shared by threads; each call works in buffers of its own.
public struct Tokenizer: Sendable {
  let core: TokenizerCore
  private var tokens: SpecialTokens

  /// Reads a Hugging Face `tokenizer.json`: WordPiece, BPE (byte-level and byte-fallback), Unigram.
  ///
  /// - Throws: ``TokenizerError`` naming the member that is damaged or unknown.
  public init(tokenizerJSON bytes: [UInt8]) throws(TokenizerError) {
    let json: JSON
    do { json = try JSON(parsing: bytes) } catch { throw .notJSON(error) }
    try self.init(tokenizerJSON: json)
  }

  /// Reads the contents of a Hugging Face `tokenizer.json` that have been parsed.
  ///
  /// - Throws: ``TokenizerError`` naming the member that is damaged or unknown.
  public init(tokenizerJSON json: JSON) throws(TokenizerError) {
    (core, tokens) = try TokenizerJSON(root: json).makeCore()
  }

  /// Reads the vocabulary of a GGUF file.
  ///
  /// - Throws: ``TokenizerError`` naming the key that is damaged or unknown.
  public init(gguf vocabulary: GGUFVocabulary) throws(TokenizerError) {
    (core, tokens) = try TokenizerCore.make(vocabulary)
  }

  /// Reads GPT-2's own files: `encoder.json` (or `vocab.json`) and `vocab.bpe` (or `merges.txt`).
  ///
  /// - Throws: ``TokenizerError`` naming what is damaged.
  public init(vocabularyJSON: [UInt8], merges: [UInt8]) throws(TokenizerError) {
    (core, tokens) = try TokenizerCore.make(vocabularyJSON: vocabularyJSON, merges: merges)
  }

  /// The number of ids, the largest plus one.
  public var vocabularySize: Int { core.vocabularySize }

  /// The tokens that stand for no text. May be changed where a file has them wrong.
  public var special: SpecialTokens {
    get { tokens }
    set { tokens = newValue }
  }

  /// The ids of a text.
  ///
  /// - Parameters:
  ///   - text: Any text; it may be empty.
  ///   - addSpecialTokens: Adds the model's own, as BOS or `[CLS]` and `[SEP]`.
  ///   - parseSpecialTokens: Recognises special tokens that are written in the text. Leave it off for
  ///     text that comes from a user, who could otherwise end a turn.
  public func encode(
    _ text: String, addSpecialTokens: Bool = false, parseSpecialTokens: Bool = false
  ) -> [TokenID] {
    let ids = core.encode(text, parseSpecial: parseSpecialTokens, isMapped: false).ids
    return addSpecialTokens ? prefix + ids + suffix : ids
  }

  /// What ``encode(_:addSpecialTokens:parseSpecialTokens:)`` puts before a text where special tokens are wanted.
  public var prefix: [TokenID] {
    let prefix = core.template.prefix
    return tokens.addsBOS && prefix.isEmpty ? tokens.bos.map { [$0] } ?? [] : prefix
  }

  private var suffix: [TokenID] {
    let suffix = core.template.suffix
    return tokens.addsEOS && suffix.isEmpty ? tokens.eos.map { [$0] } ?? [] : suffix
  }

  /// The ids of two texts as one input, as encoders that compare texts are fed.
  /// - Parameters:
  ///   - first: The first text.
  ///   - second: The second text.
  ///   - addSpecialTokens: Adds the model's own, as `[CLS]` and `[SEP]`.
  ///   - maximumTokens: The most ids of all; of longer input the longer text is cut at its end, as transformers does with
  ///     `truncation="longest_first"`. Nil cuts nothing.
  public func encode(
    pair first: String, _ second: String, addSpecialTokens: Bool = true, maximumTokens: Int? = nil
  ) -> PairEncoding {
    let template = addSpecialTokens ? pairTemplate : [.first(type: 0), .second(type: 1)]
    var texts = (
      core.encode(first, parseSpecial: true, isMapped: false).ids,
      core.encode(second, parseSpecial: true, isMapped: false).ids
    )
    let all = texts.0.count + texts.1.count
    if let maximumTokens {
      let (kept, keptSecond) = Self.longestFirst(
        texts.0.count, texts.1.count, room: max(0, maximumTokens - EncodingTemplate.tokenCount(template)))
      texts = (Array(texts.0.prefix(kept)), Array(texts.1.prefix(keptSecond)))
    }
    var result = PairEncoding(ids: [], typeIDs: [])
    result.cutTokens = all - texts.0.count - texts.1.count
    for piece in template {
      switch piece {
      case .first(let type): result.append(texts.0, type)
      case .second(let type): result.append(texts.1, type)
      case .tokens(let ids, let type): result.append(ids, type)
      }
    }
    return result
  }

  /// How much stays of two texts that have to share `room` tokens: the longer one is cut, and both where that is not
  /// enough (huggingface/tokenizers, `TruncationStrategy::LongestFirst`).
  private static func longestFirst(_ first: Int, _ second: Int, room: Int) -> (Int, Int) {
    guard first + second > room else { return (first, second) }
    let shorter = min(first, second)
    var lengths = (shorter, max(shorter, room - shorter))
    if lengths.0 + lengths.1 > room { lengths = (room / 2, room / 2 + room % 2) }
    return first > second ? (lengths.1, lengths.0) : lengths
  }

  private var pairTemplate: [EncodingTemplate.Piece] {
    guard core.template.pair.isEmpty else { return core.template.pair }
    return [
      .tokens(prefix, type: 0), .first(type: 0), .tokens(suffix, type: 0), .second(type: 1),
      .tokens(suffix, type: 1),
    ]
  }

  /// The tokens of a text, and which of its Unicode scalars each stands for.
  public func encodeWithOffsets(
    _ text: String, addSpecialTokens: Bool = false, parseSpecialTokens: Bool = false
  ) -> TokenizedText {
    let (ids, sources) = core.encode(text, parseSpecial: parseSpecialTokens, isMapped: true)
    let none = 0..<0
    let before = addSpecialTokens ? prefix : []
    let after = addSpecialTokens ? suffix : []
    let all = before + ids + after
    return TokenizedText(
      ids: all, tokens: all.map { token($0) ?? "" },
      scalarRanges: before.map { _ in none } + sources.map { Int($0.start)..<Int($0.end) }
        + after.map { _ in none })
  }

  /// How many tokens a text has, without special ones.
  public func countTokens(_ text: String) -> Int { encode(text).count }

  /// A token as the vocabulary spells it; nil where there is none of that id.
  public func token(_ id: TokenID) -> String? {
    core.spellings.indices.contains(Int(id)) ? core.spellings[Int(id)] : nil
  }

  /// The id of a token as the vocabulary spells it.
  public func id(of token: String) -> TokenID? { core.id(of: token) }

  /// The text of ids. Bytes that are not UTF-8 read as U+FFFD.
  public func decode(_ ids: some Sequence<TokenID>, skipSpecialTokens: Bool = true) -> String {
    var decoder = makeStreamingDecoder(skipSpecialTokens: skipSpecialTokens)
    var text = ""
    for id in ids { text += decoder.append(id) }
    text += decoder.finish()
    return text
  }

  /// The bytes that a token stands for, which may be a part of a character.
  public func bytes(of id: TokenID) -> [UInt8] {
    core.decoded.indices.contains(Int(id)) ? Array(core.decoded.bytes(at: Int(id))) : []
  }

  /// A decoder for ids that come one by one.
  /// - Parameters:
  ///   - skipSpecialTokens: Special tokens have no text.
  ///   - continuesText: The ids go on with a text, so that nothing is taken off their beginning: each adds the bytes that
  ///     ``bytes(of:)`` gives.
  public func makeStreamingDecoder(
    skipSpecialTokens: Bool = true, continuesText: Bool = false
  ) -> StreamingDecoder {
    StreamingDecoder(core: core, skipsSpecial: skipSpecialTokens, continuesText: continuesText)
  }

  /// Whether a token is special: one that marks turns or ends, and stands for no text.
  public func isSpecial(_ id: TokenID) -> Bool { core.added.specialIDs.contains(id) }
}
