/// What a GGUF file says of its tokenizer: the keys `tokenizer.ggml.*`, as they stand there.
///
/// Every member but the tokens may be missing in a file; nil (or empty) then, and the rules of the
/// tokenizer's kind apply. See ggml-org/ggml `docs/gguf.md`.
public struct GGUFVocabulary: Sendable {
  /// `model`: `gpt2` (byte-level BPE), `llama` (SentencePiece BPE), `bert` (WordPiece), `t5` (Unigram).
  public var model: String
  /// `pre`: the name of the pre-tokenizer of a `gpt2` vocabulary.
  public var preTokenizer: String?
  /// `tokens`, by id.
  public var tokens: PackedStrings
  /// `scores`, by id.
  public var scores: [Float]
  /// `token_type`, by id: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte.
  public var tokenTypes: [Int32]
  /// `merges`, the most important first: two tokens with a space between.
  public var merges: PackedStrings
  /// `bos_token_id`.
  public var bosID: Int?
  /// `eos_token_id`.
  public var eosID: Int?
  /// `unknown_token_id`.
  public var unknownID: Int?
  /// `seperator_token_id` (the files spell it so).
  public var separatorID: Int?
  /// `padding_token_id`.
  public var paddingID: Int?
  /// `cls_token_id`.
  public var classificationID: Int?
  /// `mask_token_id`.
  public var maskID: Int?
  /// `eot_token_id`, the end of a turn.
  public var endOfTurnID: Int?
  /// `eom_token_id`, the end of a message.
  public var endOfMessageID: Int?
  /// `add_bos_token`.
  public var addsBOS: Bool?
  /// `add_eos_token`.
  public var addsEOS: Bool?
  /// `add_space_prefix`.
  public var addsSpacePrefix: Bool?
  /// `remove_extra_whitespaces`.
  public var removesExtraWhitespace: Bool?
  /// `precompiled_charsmap`: the normalization of a Unigram vocabulary.
  public var precompiledCharacterMap: [UInt8]?

  /// A vocabulary with the members that a file has.
  public init(
    model: String, preTokenizer: String? = nil, tokens: PackedStrings, scores: [Float] = [],
    tokenTypes: [Int32] = [], merges: PackedStrings = [], bosID: Int? = nil, eosID: Int? = nil,
    unknownID: Int? = nil, separatorID: Int? = nil, paddingID: Int? = nil, classificationID: Int? = nil,
    maskID: Int? = nil, endOfTurnID: Int? = nil, endOfMessageID: Int? = nil, addsBOS: Bool? = nil,
    addsEOS: Bool? = nil, addsSpacePrefix: Bool? = nil, removesExtraWhitespace: Bool? = nil,
    precompiledCharacterMap: [UInt8]? = nil
  ) {
    self.model = model
    self.preTokenizer = preTokenizer
    self.tokens = tokens
    self.scores = scores
    self.tokenTypes = tokenTypes
    self.merges = merges
    self.bosID = bosID
    self.eosID = eosID
    self.unknownID = unknownID
    self.separatorID = separatorID
    self.paddingID = paddingID
    self.classificationID = classificationID
    self.maskID = maskID
    self.endOfTurnID = endOfTurnID
    self.endOfMessageID = endOfMessageID
    self.addsBOS = addsBOS
    self.addsEOS = addsEOS
    self.addsSpacePrefix = addsSpacePrefix
    self.removesExtraWhitespace = removesExtraWhitespace
    self.precompiledCharacterMap = precompiledCharacterMap
  }
}
