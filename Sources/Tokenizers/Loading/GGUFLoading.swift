extension TokenizerCore {
  /// The tokenizer that a GGUF file's vocabulary describes (llama.cpp `src/llama-vocab.cpp`).
  static func make(_ given: GGUFVocabulary) throws(TokenizerError) -> (TokenizerCore, SpecialTokens) {
    var vocabulary = given
    let count = vocabulary.tokens.count
    guard count > 0 else { throw .missing(field: "tokenizer.ggml.tokens") }
    guard vocabulary.tokenTypes.isEmpty || vocabulary.tokenTypes.count == count else {
      throw .malformed(
        field: "tokenizer.ggml.token_type",
        problem: "has \(vocabulary.tokenTypes.count) entries for \(count) tokens")
    }
    vocabulary.markEnds()
    let special = try SpecialTokens(vocabulary)
    switch vocabulary.model {
    case "gpt2": return (try makeBytePairs(vocabulary), special)
    case "llama": return (try makeSentencePiece(vocabulary), special)
    case "bert": return (try makeWordPiece(vocabulary, special), special)
    case "t5": return (try makeUnigram(vocabulary), special)
    default:
      throw .unsupported(
        field: "tokenizer.ggml.model", value: "\"\(vocabulary.model)\"",
        known: ["gpt2", "llama", "bert", "t5"])
    }
  }

  /// Control and unknown tokens are special, user-defined ones are always recognised.
  private static func addedTokens(_ vocabulary: GGUFVocabulary) -> [AddedTokens.Token] {
    vocabulary.tokenTypes.indices.compactMap { index in
      guard [2, 3, 4].contains(vocabulary.tokenTypes[index]) else { return nil }
      return AddedTokens.Token(
        id: TokenID(index), bytes: Array(vocabulary.tokens.bytes(at: index)),
        isSpecial: vocabulary.tokenTypes[index] != 4)
    }
  }

  /// The pattern of a `tokenizer.ggml.pre`, whether digits are split off first, and the normalization.
  static func preTokenizer(
    _ name: String?
  ) throws(TokenizerError) -> (
    pattern: SplitPattern, digitsApart: Bool, normalizer: Normalizer, wholePieces: Bool
  ) {
    switch name {
    case nil, "default", "gpt-2", "phi-2", "jina-en", "mpt", "olmo", "jais":
      return (.gpt2, false, Normalizer(), false)
    case "smollm", "starcoder", "refact", "command-r", "codeshell": return (.gpt2, true, Normalizer(), false)
    case "qwen2", "deepseek-r1-qwen", "megrez":
      return (.qwen2, false, Normalizer(steps: [.form(.nfc)]), false)
    case "qwen35": return (.qwen35, false, Normalizer(steps: [.form(.nfc)]), false)
    case "llama-bpe", "llama3", "llama-v3": return (.llama3, false, Normalizer(), true)
    case "smaug-bpe", "dbrx": return (.llama3, false, Normalizer(), false)
    case "gpt-4o": return (.gpt4o, false, Normalizer(), false)
    case "tekken": return (.tekken, false, Normalizer(), true)
    case let other?:
      throw .unsupported(
        field: "tokenizer.ggml.pre", value: "\"\(other)\"",
        known: [
          "gpt-2", "smollm", "qwen2", "llama-bpe", "qwen35", "gpt-4o", "tekken", "falcon", "deepseek-llm",
          "deepseek-coder", "deepseek-v3",
        ])
    }
  }

  private static func makeBytePairs(_ vocabulary: GGUFVocabulary) throws(TokenizerError) -> TokenizerCore {
    func pairs(wholePieces: Bool) throws(TokenizerError) -> BytePairModel {
      try BytePairModel(
        spellings: vocabulary.tokens, mergeLines: vocabulary.merges, field: "tokenizer.ggml.merges",
        wholePieces: wholePieces, accepts: isText(vocabulary))
    }
    let model: TokenizerModel
    var normalizer = Normalizer()
    if let cuts = TextCut.gguf(vocabulary.preTokenizer) {
      model = .cutBytePairs(try pairs(wholePieces: false), cuts)
    } else {
      let known = try preTokenizer(vocabulary.preTokenizer)
      normalizer = known.normalizer
      model = .bytePairs(
        try pairs(wholePieces: known.wholePieces), PatternScanner(known.pattern),
        digitsApart: known.digitsApart)
    }
    return TokenizerCore(
      spellings: vocabulary.tokens, normalizer: normalizer, model: model,
      added: addedTokens(vocabulary), decoder: TokenDecoder([.byteLevel]))
  }

  /// Whether a token may be found in a text: normal, user-defined and unused ones.
  private static func isText(_ vocabulary: GGUFVocabulary) -> (Int) -> Bool {
    let types = vocabulary.tokenTypes
    return { types.isEmpty || [1, 4, 5].contains(types[$0]) }
  }

  private static func checkScores(_ vocabulary: GGUFVocabulary) throws(TokenizerError) {
    guard vocabulary.scores.count == vocabulary.tokens.count else {
      throw .malformed(
        field: "tokenizer.ggml.scores",
        problem: "has \(vocabulary.scores.count) entries for \(vocabulary.tokens.count) tokens")
    }
    if let index = vocabulary.scores.firstIndex(where: { !$0.isFinite }) {
      throw .malformed(
        field: "tokenizer.ggml.scores", problem: "holds \(vocabulary.scores[index]) in place \(index)")
    }
  }

  private static func makeSentencePiece(_ vocabulary: GGUFVocabulary) throws(TokenizerError) -> TokenizerCore
  {
    try checkScores(vocabulary)
    let addsSpace = vocabulary.addsSpacePrefix ?? true
    var steps: [NormalizerStep] = addsSpace ? [.prepend([0x20])] : []
    steps.append(.replace(pattern: [0x20], content: Array("▁".utf8)))
    let model = SentencePieceModel(
      tokens: TokenTable(vocabulary.tokens, accepts: isText(vocabulary)), scores: vocabulary.scores,
      bytes: ByteTokens(in: TokenTable(vocabulary.tokens)), unknown: TokenID(vocabulary.unknownID ?? 0))
    return TokenizerCore(
      spellings: vocabulary.tokens, normalizer: Normalizer(steps: steps),
      model: .pieces(.sentencePiece(model), PreTokenizer()), added: addedTokens(vocabulary),
      decoder: .sentencePiece(dropsFirstSpace: addsSpace))
  }

  /// SentencePiece's unigram models, normalized as `llm_tokenizer_ugm` does.
  private static func makeUnigram(_ vocabulary: GGUFVocabulary) throws(TokenizerError) -> TokenizerCore {
    try checkScores(vocabulary)
    let types = vocabulary.tokenTypes
    let addsSpace = vocabulary.addsSpacePrefix ?? true
    let mergesSpaces = vocabulary.removesExtraWhitespace ?? true
    var steps: [NormalizerStep] = []
    if let bytes = vocabulary.precompiledCharacterMap, !bytes.isEmpty {
      steps.append(
        .characterMap(
          try CharacterMap(bytes, matchesGraphemes: false, field: "tokenizer.ggml.precompiled_charsmap")))
    }
    if mergesSpaces { steps += [.trimSpaces, .collapseSpaces(minimum: 1, content: [0x20])] }
    if addsSpace || mergesSpaces { steps.append(.prepend([0x20])) }
    steps.append(.replace(pattern: [0x20], content: Array("▁".utf8)))
    // User-defined tokens are taken wherever they stand: as if they cost nothing.
    let scores = vocabulary.scores.enumerated().map { index, score in
      !types.isEmpty && types[index] == 4 ? 0 : Double(score)
    }
    let minimum = scores.indices.filter { types.isEmpty || types[$0] == 1 }.map { scores[$0] }.min()
    let hasBytes = types.contains(6)
    let unknown = vocabulary.unknownID ?? types.firstIndex(of: 2)
    guard unknown != nil || hasBytes else { throw .missing(field: "tokenizer.ggml.unknown_token_id") }
    let model = UnigramModel(
      vocabulary.tokens, scores: scores, unknown: unknown.map { TokenID($0) }, minimumScore: minimum ?? 0,
      fallsBackToBytes: hasBytes, accepts: isText(vocabulary))
    return TokenizerCore(
      spellings: vocabulary.tokens, normalizer: Normalizer(steps: steps),
      model: .pieces(.unigram(model), PreTokenizer()), added: addedTokens(vocabulary),
      decoder: .sentencePiece(dropsFirstSpace: addsSpace || mergesSpaces))
  }

  /// llama.cpp writes BERT's vocabulary with "▁" before tokens that begin a word, and without "##".
  private static func makeWordPiece(
    _ vocabulary: GGUFVocabulary, _ special: SpecialTokens
  ) throws(TokenizerError) -> TokenizerCore {
    var spellings = PackedStrings()
    for index in vocabulary.tokens.indices {
      let bytes = vocabulary.tokens.bytes(at: index)
      let isNormal = vocabulary.tokenTypes.isEmpty || vocabulary.tokenTypes[index] == 1
      if bytes.starts(with: "▁".utf8) {
        spellings.append(bytes.dropFirst(3))
      } else {
        spellings.append(isNormal ? Array("##".utf8) + bytes : Array(bytes))
      }
    }
    guard let unknown = special.unknown else { throw .missing(field: "tokenizer.ggml.unknown_token_id") }
    let model = WordPieceModel(
      spellings, prefix: "##", unknown: unknown, longestWord: 100, accepts: isText(vocabulary))
    return TokenizerCore(
      spellings: spellings, normalizer: Normalizer(steps: [.bert(BertNormalizer())]), model: .words(model),
      added: addedTokens(vocabulary),
      decoder: TokenDecoder([.words(prefix: Array("##".utf8), cleansUp: true)]),
      template: EncodingTemplate(
        prefix: special.classification.map { [$0] } ?? [], suffix: special.separator.map { [$0] } ?? []))
  }
}

extension GGUFVocabulary {
  /// Makes control tokens of the ends that a file has as tokens of another type, as llama.cpp does: they would
  /// neither be recognised in a template's text nor end an answer. A plain "</s>" may be HTML.
  mutating func markEnds() {
    let names = Set(SpecialTokens.ends.map { Array($0.utf8)[...] })
    for index in tokens.indices {
      let bytes = tokens.bytes(at: index)
      guard let first = bytes.first, first == 0x3C || first == 0x5B, bytes.count < 32,
        names.contains(bytes)
      else { continue }
      if tokenTypes.isEmpty { tokenTypes = Array(repeating: 1, count: tokens.count) }
      // Only where it changes something: a write copies the list.
      guard tokenTypes[index] != 3 else { continue }
      if tokenTypes[index] == 4 || !bytes.elementsEqual("</s>".utf8) { tokenTypes[index] = 3 }
    }
  }
}

extension SpecialTokens {
  /// Files often name one end token of several that a model was trained to end with; llama.cpp knows these by name.
  static let ends: Set<String> = [
    "<|im_end|>", "<|eot_id|>", "<|end|>", "<end_of_turn>", "<|endoftext|>", "<|end_of_text|>", "<|eom_id|>",
    "<end_of_utterance>", "<｜end▁of▁sentence｜>", "<EOT>", "[EOT]", "[EOS]", "</s>",
  ]

  /// Whether a token of this spelling is known to end an answer, whatever a file says of it.
  package static func isKnownEnd(_ token: String) -> Bool { ends.contains(token) }

  init(_ vocabulary: GGUFVocabulary) throws(TokenizerError) {
    func checked(_ id: Int?, _ field: String) throws(TokenizerError) -> TokenID? {
      guard let id else { return nil }
      guard vocabulary.tokens.indices.contains(id) else {
        throw .malformed(field: "tokenizer.ggml.\(field)", problem: "is \(id), outside the vocabulary")
      }
      return TokenID(id)
    }
    self.init()
    bos = try checked(vocabulary.bosID, "bos_token_id")
    eos = try checked(vocabulary.eosID, "eos_token_id")
    unknown = try checked(vocabulary.unknownID, "unknown_token_id")
    separator = try checked(vocabulary.separatorID, "seperator_token_id")
    padding = try checked(vocabulary.paddingID, "padding_token_id")
    classification = try checked(vocabulary.classificationID ?? vocabulary.bosID, "cls_token_id")
    mask = try checked(vocabulary.maskID, "mask_token_id")
    // Files of Llama 3 and of Mistral's Tekken may leave the flag out: llama.cpp (llama-vocab.cpp) then adds the token.
    let impliesBOS = ["llama-bpe", "llama3", "llama-v3", "tekken"].contains(vocabulary.preTokenizer ?? "")
    addsBOS = vocabulary.addsBOS ?? (vocabulary.model == "llama" || impliesBOS)
    addsEOS = vocabulary.addsEOS ?? (vocabulary.model == "t5")
    for id in [
      eos, try checked(vocabulary.endOfTurnID, "eot_token_id"),
      try checked(vocabulary.endOfMessageID, "eom_token_id"),
    ] {
      if let id { endOfGeneration.insert(id) }
    }
    for index in vocabulary.tokenTypes.indices where vocabulary.tokenTypes[index] == 3 {
      if Self.ends.contains(vocabulary.tokens[index]) { endOfGeneration.insert(TokenID(index)) }
    }
  }
}
