/// Turns text into the numbers a model reads, and back, exactly as the model's own tokenizer does.
///
/// A value may be shared by threads; each call works in buffers of its own.
public struct Tokenizer: Sendable {
  let core: TokenizerCore

  /// Reads a Hugging Face `tokenizer.json`: WordPiece, BPE (byte-level and byte-fallback), Unigram.
  ///
  /// - Throws: ``TokenizerError`` naming the member that is damaged or unknown.
  public init(tokenizerJSON bytes: [UInt8]) throws(TokenizerError) {
    throw .unsupported(field: "model.type", value: "any", known: [])
  }

  /// Reads the vocabulary of a GGUF file.
  ///
  /// - Throws: ``TokenizerError`` naming the key that is damaged or unknown.
  public init(gguf vocabulary: GGUFVocabulary) throws(TokenizerError) {
    throw .unsupported(field: "tokenizer.ggml.model", value: vocabulary.model, known: [])
  }

  /// Reads GPT-2's own files: `encoder.json` (or `vocab.json`) and `vocab.bpe` (or `merges.txt`).
  ///
  /// - Throws: ``TokenizerError`` naming what is damaged.
  public init(vocabularyJSON: [UInt8], merges: [UInt8]) throws(TokenizerError) {
    throw .unsupported(field: "vocab.json", value: "this", known: [])
  }

  /// The number of ids, the largest plus one.
  public var vocabularySize: Int { core.vocabularySize }

  /// The tokens that stand for no text. May be changed where a file has them wrong.
  public var special: SpecialTokens {
    get { core.special }
    set { _ = newValue }
  }

  /// The ids of a text.
  ///
  /// - Parameters:
  ///   - addSpecialTokens: adds the model's own, as BOS or `[CLS]` and `[SEP]`.
  ///   - parseSpecialTokens: recognises special tokens that are written in the text. Leave it off for
  ///     text that comes from a user, who could otherwise end a turn.
  public func encode(
    _ text: String, addSpecialTokens: Bool = false, parseSpecialTokens: Bool = false
  ) -> [TokenID] { [] }

  /// The ids of two texts as one input, as encoders that compare texts are fed.
  public func encode(
    pair first: String, _ second: String, addSpecialTokens: Bool = true
  ) -> PairEncoding { PairEncoding(ids: [], typeIDs: []) }

  /// The tokens of a text, and which of its Unicode scalars each stands for.
  public func encodeWithOffsets(
    _ text: String, addSpecialTokens: Bool = false, parseSpecialTokens: Bool = false
  ) -> TokenizedText { TokenizedText(ids: [], tokens: [], offsets: []) }

  /// How many tokens a text has, without special ones.
  public func countTokens(_ text: String) -> Int { encode(text).count }

  /// A token as the vocabulary spells it; nil where there is none of that id.
  public func token(_ id: TokenID) -> String? { nil }

  /// The id of a token as the vocabulary spells it.
  public func id(of token: String) -> TokenID? { nil }

  /// The text of ids. Bytes that are not UTF-8 read as U+FFFD.
  public func decode(_ ids: some Sequence<TokenID>, skipSpecialTokens: Bool = true) -> String { "" }

  /// The bytes that a token stands for, which may be a part of a character.
  public func bytes(of id: TokenID) -> [UInt8] { [] }

  /// A decoder for ids that come one by one.
  public func makeStreamingDecoder(skipSpecialTokens: Bool = true) -> StreamingDecoder {
    StreamingDecoder()
  }
}

final class TokenizerCore: Sendable {
  let vocabularySize = 0
  let special = SpecialTokens()
}
