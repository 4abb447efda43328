import MartletJSON
import MartletTokenizers

extension Checkpoint {
  /// The model's tokenizer, with the end tokens that its makers name.
  /// - Throws: ``CheckpointError`` where its files are missing or cannot be read, `TokenizerError` where what they
  ///   hold is damaged or unknown.
  public func makeTokenizer() throws -> Tokenizer {
    var tokenizer: Tokenizer
    if let metadata {
      tokenizer = try Tokenizer(gguf: GGUFVocabulary(metadata, file: path))
    } else {
      let folder = ModelFolder(path: path)
      tokenizer = try self.tokenizer(of: folder)
      complete(&tokenizer, try folder.members("tokenizer_config.json") ?? [:])
    }
    tokenizer.special.endOfGeneration.formUnion(generationConfiguration.endOfGeneration)
    return tokenizer
  }

  private func tokenizer(of folder: ModelFolder) throws -> Tokenizer {
    if let bytes = try folder.bytes("tokenizer.json") {
      let settings = try TokenizerSettings(
        folder, lowercases: sentenceEmbedding?.lowercases == true, architecture: architecture)
      // The tokenizer that reads the file reports invalid JSON.
      guard !settings.isEmpty, let file = try? JSON(parsing: bytes) else {
        return try Tokenizer(tokenizerJSON: bytes)
      }
      return try Tokenizer(tokenizerJSON: settings.applied(to: file))
    }
    for (vocabulary, merges) in [("vocab.json", "merges.txt"), ("encoder.json", "vocab.bpe")] {
      if let vocabulary = try folder.bytes(vocabulary), let merges = try folder.bytes(merges) {
        return try Tokenizer(vocabularyJSON: vocabulary, merges: merges)
      }
    }
    throw CheckpointError.notFound(
      "\(folder.path) has no tokenizer.json",
      advice: "Fetch it with the model, or make it with transformers: save_pretrained writes it.")
  }

  /// `tokenizer.json` knows which tokens are special but not what for; `tokenizer_config.json` does.
  private func complete(_ tokenizer: inout Tokenizer, _ members: JSONObject) {
    func id(_ key: String) -> TokenID? {
      let text = members[key]?.stringValue ?? members[key]?["content"]?.stringValue
      return text.flatMap { tokenizer.id(of: $0) }
    }
    var special = tokenizer.special
    special.bos = special.bos ?? id("bos_token")
    special.eos = special.eos ?? id("eos_token")
    special.unknown = special.unknown ?? id("unk_token")
    special.padding = special.padding ?? id("pad_token")
    special.classification = special.classification ?? id("cls_token")
    special.separator = special.separator ?? id("sep_token")
    special.mask = special.mask ?? id("mask_token")
    if let eos = special.eos { special.endOfGeneration.insert(eos) }
    // Most files say in the post-processor's template that texts begin so; old ones say it here alone.
    if let bos = special.bos {
      special.addsBOS = tokenizer.prefix.contains(bos) || members["add_bos_token"]?.boolValue == true
    }
    tokenizer.special = special
  }
}

extension GGUFVocabulary {
  /// The keys `tokenizer.ggml.*` of a file.
  init(_ metadata: GGUFMetadata, file: String) throws(CheckpointError) {
    func key(_ name: String) -> String { "tokenizer.ggml.\(name)" }
    try Self.check(metadata, file: file)
    guard let model = try metadata.string(key("model")), let tokens = try metadata.array(key("tokens")) else {
      throw .unsupported(
        file: file, what: "It has no vocabulary (tokenizer.ggml.model and .tokens)",
        advice: "Choose another file of the model.")
    }
    self.init(model: model, tokens: try tokens.packedStrings())
    preTokenizer = try metadata.string(key("pre"))
    scores = try metadata.array(key("scores"))?.floats() ?? []
    tokenTypes = try metadata.array(key("token_type"))?.integers().map { Int32(truncatingIfNeeded: $0) } ?? []
    merges = try metadata.array(key("merges"))?.packedStrings() ?? []
    bosID = try metadata.integer(key("bos_token_id"))
    eosID = try metadata.integer(key("eos_token_id"))
    unknownID = try metadata.integer(key("unknown_token_id"))
    separatorID = try metadata.integer(key("seperator_token_id"))
    paddingID = try metadata.integer(key("padding_token_id"))
    classificationID = try metadata.integer(key("cls_token_id"))
    maskID = try metadata.integer(key("mask_token_id"))
    endOfTurnID = try metadata.integer(key("eot_token_id"))
    endOfMessageID = try metadata.integer(key("eom_token_id"))
    addsBOS = try metadata.bool(key("add_bos_token"))
    addsEOS = try metadata.bool(key("add_eos_token"))
    addsSpacePrefix = try metadata.bool(key("add_space_prefix"))
    removesExtraWhitespace = try metadata.bool(key("remove_extra_whitespaces"))
    precompiledCharacterMap = try metadata.array(key("precompiled_charsmap"))?.integers()
      .map { UInt8(truncatingIfNeeded: $0) }
  }
}
