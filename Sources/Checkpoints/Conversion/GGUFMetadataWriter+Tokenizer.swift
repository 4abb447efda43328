import MartletJSON
import MartletTokenizers

extension GGUFMetadataWriter {
  /// The keys `tokenizer.*`.
  /// - Throws: ``ConversionError/tokenizer(file:problem:)`` where GGUF has no words for it.
  mutating func writeTokenizer(_ options: ModelConversion.Options, embeddingRows: Int) throws {
    writeTemplates()
    guard options.keepsTokenizer else {
      header.set("tokenizer.ggml.model", .string("none"))
      return
    }
    let folder = ModelFolder(path: checkpoint.path)
    guard let file = try folder.json("tokenizer.json") else {
      guard !folder.has("vocab.json"), !folder.has("vocab.txt"), !folder.has("tokenizer.model") else {
        throw CheckpointError.notFound(
          "\(folder.path) has no tokenizer.json",
          advice: "Make it with transformers: AutoTokenizer.from_pretrained(…).save_pretrained(…) writes it.")
      }
      header.set("tokenizer.ggml.model", .string("none"))
      warnings.append("The folder has no tokenizer, and so the file has none: texts cannot be fed to it.")
      return
    }
    do {
      try writeVocabulary(file, folder, embeddingRows)
    } catch let error as TokenizerError {
      throw ConversionError.tokenizer(file: folder.path(of: "tokenizer.json"), error)
    }
  }

  private mutating func writeVocabulary(_ file: JSON, _ folder: ModelFolder, _ rows: Int) throws {
    let tokenizer = try checkpoint.makeTokenizer()
    let settings = try TokenizerSettings(
      folder, lowercases: checkpoint.sentenceEmbedding?.lowercases == true,
      architecture: checkpoint.architecture)
    var vocabulary = try GGUFVocabulary(tokenizerJSON: settings.applied(to: file), size: rows)
    if rows > 0, vocabulary.tokens.count > rows {
      warnings.append(
        "The tokens from id \(rows) on have no row in the embedding and are left out: \(vocabulary.tokens[rows])."
      )
      vocabulary.cut(to: rows)
    }
    vocabulary.take(tokenizer.special)
    write(vocabulary)
    if let difference = try TokenizerDifference(between: tokenizer, and: Tokenizer(gguf: vocabulary)) {
      warnings.append("The file's tokenizer differs from the folder's: \(difference).")
    }
  }

  private mutating func writeTemplates() {
    let key = "tokenizer.chat_template"
    if let standard = checkpoint.chatTemplates.standard { header.set(key, .string(standard)) }
    let named = checkpoint.chatTemplates.named.sorted { $0.key < $1.key }
    guard !named.isEmpty else { return }
    header.set("tokenizer.chat_templates", .strings(named.map(\.key)))
    for (name, text) in named { header.set("\(key).\(name)", .string(text)) }
  }

  private mutating func write(_ vocabulary: GGUFVocabulary) {
    func set(_ name: String, _ value: GGUFWrittenValue?) {
      if let value { header.set("tokenizer.ggml.\(name)", value) }
    }
    func id(_ name: String, _ id: Int?) {
      set("\(name)_token_id", id.flatMap { UInt32(exactly: $0) }.map { .uint32($0) })
    }
    set("model", .string(vocabulary.model))
    set("pre", vocabulary.preTokenizer.map { .string($0) })
    set("tokens", .packedStrings(vocabulary.tokens))
    set("scores", vocabulary.scores.isEmpty ? nil : .float32s(vocabulary.scores))
    set("token_type", .int32s(vocabulary.tokenTypes))
    set("merges", vocabulary.merges.isEmpty ? nil : .packedStrings(vocabulary.merges))
    id("bos", vocabulary.bosID)
    id("eos", vocabulary.eosID)
    id("unknown", vocabulary.unknownID)
    id("seperator", vocabulary.separatorID)
    id("padding", vocabulary.paddingID)
    id("cls", vocabulary.classificationID)
    id("mask", vocabulary.maskID)
    id("eot", vocabulary.endOfTurnID)
    set("add_bos_token", vocabulary.addsBOS.map { .bool($0) })
    set("add_eos_token", vocabulary.addsEOS.map { .bool($0) })
    set("add_space_prefix", vocabulary.addsSpacePrefix.map { .bool($0) })
  }
}

extension GGUFVocabulary {
  /// Leaves tokens out whose ids are beyond a model's embedding.
  mutating func cut(to count: Int) {
    var kept = PackedStrings()
    for index in 0..<count { kept.append(tokens.bytes(at: index)) }
    tokens = kept
    tokenTypes.removeLast(max(0, tokenTypes.count - count))
    scores.removeLast(max(0, scores.count - count))
  }

  /// The special tokens that a folder's files name.
  mutating func take(_ special: SpecialTokens) {
    func id(_ token: TokenID?) -> Int? { token.map { Int($0) } }
    unknownID = unknownID ?? id(special.unknown)
    paddingID = id(special.padding)
    maskID = id(special.mask)
    if model == "bert" {
      classificationID = id(special.classification)
      separatorID = id(special.separator)
      // llama.cpp begins texts with this one.
      bosID = classificationID
      eosID = separatorID
      return
    }
    bosID = id(special.bos)
    eosID = id(special.eos) ?? special.endOfGeneration.min().map { Int($0) }
    addsBOS = special.addsBOS
    addsEOS = special.addsEOS
    // Others that end an answer are known by their names; one that is not is the end of a turn.
    endOfTurnID = special.endOfGeneration.sorted().map { Int($0) }.first {
      $0 != eosID && tokens.indices.contains($0) && !SpecialTokens.isKnownEnd(tokens[$0])
    }
  }
}
