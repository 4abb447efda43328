import MartletJSON

/// Reads a Hugging Face `tokenizer.json` (huggingface/tokenizers). Each part is known or refused by name.
struct TokenizerJSON {
  let root: TokenizerMember
  let added: [AddedTokens.Token]

  init(root json: JSON) throws(TokenizerError) {
    root = TokenizerMember(json: json, path: "")
    guard json.objectValue != nil else {
      throw .malformed(field: "tokenizer.json", problem: "must be an object, but is \(json.kind)")
    }
    added = try Self.addedTokens(root)
  }

  func makeCore() throws(TokenizerError) -> (TokenizerCore, SpecialTokens) {
    let (core, stated) = try makeModel()
    var special = stated
    // The same model in a GGUF file ends with them too.
    for token in added where SpecialTokens.ends.contains(String(decoding: token.bytes, as: UTF8.self)) {
      special.endOfGeneration.insert(token.id)
    }
    return (core, special)
  }

  private func makeModel() throws(TokenizerError) -> (TokenizerCore, SpecialTokens) {
    let model = try root.required("model")
    // Old files leave the type out. Only a unigram model has its tokens in a list, with their scores.
    let untyped =
      model["vocab"]?.json.arrayValue != nil ? "Unigram" : model["merges"] != nil ? "BPE" : "WordPiece"
    let type = try model.string("type") ?? untyped
    switch type {
    case "WordPiece": return try makeWordPiece(model)
    case "BPE": return try makeBytePairs(model)
    case "Unigram": return try makeUnigram(model)
    default: throw model.unknownType(type, ["WordPiece", "BPE", "Unigram"])
    }
  }

  private func makeWordPiece(_ member: TokenizerMember) throws(TokenizerError) -> (
    TokenizerCore, SpecialTokens
  ) {
    let spellings = try vocabulary(member)
    let table = TokenTable(spellings)
    let unknown = try self.unknown(member, table, default: "[UNK]")
    let model = WordPieceModel(
      spellings, prefix: try member.string("continuing_subword_prefix") ?? "##", unknown: unknown ?? 0,
      longestWord: try member.count("max_input_chars_per_word", default: 100), accepts: accepts)
    let preTokenizer = try PreTokenizer(root["pre_tokenizer"])
    let core = try makeCore(
      spellings,
      // BERT's words have a quicker way.
      try root["pre_tokenizer"]?.type() == "BertPreTokenizer"
        ? .words(model) : .pieces(.wordPiece(model), preTokenizer))
    var special = SpecialTokens()
    special.unknown = unknown
    special.classification = core.template.prefix.first
    special.separator = core.template.suffix.last
    return (core, special)
  }

  private func makeBytePairs(_ member: TokenizerMember) throws(TokenizerError) -> (
    TokenizerCore, SpecialTokens
  ) {
    try requireNone("continuing_subword_prefix", of: member)
    if let dropout = member["dropout"], dropout.json.doubleValue != 0 { throw dropout.unsupported(["none"]) }
    let spellings = try vocabulary(member)
    let unknown = try self.unknown(member, TokenTable(spellings), default: nil)
    var special = SpecialTokens()
    special.unknown = unknown
    if let splitting = try ByteLevelSplitting(root["pre_tokenizer"]) {
      let pairs = try BytePairModel(
        spellings: spellings, mergeLines: lines(try merges(member)),
        field: "model.merges", wholePieces: try member.bool("ignore_merges") ?? false, unknown: unknown,
        endOfWord: try member.string("end_of_word_suffix").flatMap { $0.isEmpty ? nil : $0 }, accepts: accepts
      )
      return (
        try makeCore(spellings, splitting.model(pairs), splitting.addsSpace ? [.leadingSpace] : []), special
      )
    }
    try requireNone("end_of_word_suffix", of: member)
    let model = CharacterPairModel(
      tokens: TokenTable(spellings),
      merges: try Merges(mergeLines: try merges(member), tokens: spellings, field: "model.merges"),
      bytes: try member.bool("byte_fallback") == true ? ByteTokens(in: TokenTable(spellings)) : nil,
      unknown: unknown, fusesUnknown: try member.bool("fuse_unk") ?? false,
      wholePieces: try member.bool("ignore_merges") == true ? TokenTable(spellings, accepts: accepts) : nil)
    return (
      try makeCore(spellings, .pieces(.characterPairs(model), try PreTokenizer(root["pre_tokenizer"]))),
      special
    )
  }

  private func requireNone(_ key: String, of member: TokenizerMember) throws(TokenizerError) {
    if let text = try member.string(key), !text.isEmpty {
      throw .unsupported(field: member.name(key), value: "\"\(text)\"", known: ["none"])
    }
  }

  private func makeUnigram(_ member: TokenizerMember) throws(TokenizerError) -> (TokenizerCore, SpecialTokens)
  {
    let (spellings, scores) = try scoredVocabulary(member)
    let unknown = try member.integer("unk_id")
    let fallsBack = try member.bool("byte_fallback") ?? false
    guard unknown != nil || fallsBack else { throw .missing(field: "model.unk_id") }
    if let unknown, !scores.indices.contains(unknown) {
      throw .malformed(field: "model.unk_id", problem: "is \(unknown), outside the vocabulary")
    }
    let model = UnigramModel(
      spellings, scores: scores, unknown: unknown.map { TokenID($0) }, minimumScore: scores.min() ?? 0,
      fallsBackToBytes: fallsBack, accepts: accepts)
    let core = try makeCore(
      spellings, .pieces(.unigram(model), try PreTokenizer(root["pre_tokenizer"])))
    var special = SpecialTokens()
    special.unknown = unknown.map { TokenID($0) }
    return (core, special)
  }

  private func makeCore(
    _ spellings: PackedStrings, _ model: TokenizerModel, _ more: [NormalizerStep] = []
  ) throws(TokenizerError) -> TokenizerCore {
    var normalizer = try Normalizer(root["normalizer"])
    normalizer.steps += more
    return TokenizerCore(
      spellings: spellings, normalizer: normalizer, model: model, added: added,
      decoder: try TokenDecoder(root["decoder"]),
      template: try EncodingTemplate(root["post_processor"], vocabularySize: spellings.count))
  }

  /// Spellings in the byte alphabet hold no space.
  private func lines(_ merges: [(left: [UInt8], right: [UInt8])]) -> PackedStrings {
    var lines = PackedStrings()
    for merge in merges { lines.append(merge.left + [0x20] + merge.right) }
    return lines
  }

  /// Whether the model may find a token in a text: special ones are found by their spelling alone, if at all.
  private var accepts: (Int) -> Bool {
    let special = Set(added.filter(\.isSpecial).map(\.id))
    return { !special.contains(TokenID($0)) }
  }

  private func unknown(
    _ model: TokenizerMember, _ table: TokenTable, default standard: String?
  ) throws(TokenizerError) -> TokenID? {
    guard let name = try model.string("unk_token") ?? standard else { return nil }
    guard let unknown = table.find(name.utf8) else {
      throw .malformed(
        field: model.name("unk_token"), problem: "is \"\(name)\", which is not in the vocabulary")
    }
    return unknown
  }
}
