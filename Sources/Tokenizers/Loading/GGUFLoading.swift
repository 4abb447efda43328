extension TokenizerCore {
  /// The tokenizer that a GGUF file's vocabulary describes (llama.cpp `src/llama-vocab.cpp`).
  static func make(_ vocabulary: GGUFVocabulary) throws(TokenizerError) -> (TokenizerCore, SpecialTokens) {
    let count = vocabulary.tokens.count
    guard count > 0 else { throw .missing(field: "tokenizer.ggml.tokens") }
    guard vocabulary.tokenTypes.isEmpty || vocabulary.tokenTypes.count == count else {
      throw .malformed(
        field: "tokenizer.ggml.token_type",
        problem: "has \(vocabulary.tokenTypes.count) entries for \(count) tokens")
    }
    let special = try SpecialTokens(vocabulary)
    switch vocabulary.model {
    case "gpt2": return (try makeBytePairs(vocabulary), special)
    case "llama": return (try makeSentencePiece(vocabulary), special)
    case "bert": return (try makeWordPiece(vocabulary, special), special)
    default:
      throw .unsupported(
        field: "tokenizer.ggml.model", value: "\"\(vocabulary.model)\"", known: ["gpt2", "llama", "bert"])
    }
  }

  /// Control and unknown tokens are special, user-defined ones are always recognised.
  private static func addedTokens(_ vocabulary: GGUFVocabulary) -> [AddedTokens.Token] {
    vocabulary.tokenTypes.indices.compactMap { index in
      guard [2, 3, 4].contains(vocabulary.tokenTypes[index]) else { return nil }
      return AddedTokens.Token(
        id: TokenID(index), bytes: Array(vocabulary.tokens.bytes(at: index)),
        isSpecial: vocabulary.tokenTypes[index] != 4 || SpecialTokens.ends.contains(vocabulary.tokens[index]))
    }
  }

  /// The pattern of a `tokenizer.ggml.pre`, whether digits are split off first, and the normalization.
  private static func preTokenizer(
    _ name: String?
  ) throws(TokenizerError) -> (SplitPattern, digitsApart: Bool, Normalizer, wholePieces: Bool) {
    switch name {
    case nil, "default", "gpt-2", "phi-2", "jina-en", "exaone", "mpt", "olmo", "jais":
      return (.gpt2, false, Normalizer(), false)
    case "smollm", "starcoder", "refact", "command-r", "codeshell": return (.gpt2, true, Normalizer(), false)
    case "qwen2", "deepseek-r1-qwen", "megrez":
      return (.qwen2, false, Normalizer(steps: [.form(.nfc)]), false)
    case "llama-bpe", "llama3", "llama-v3", "smaug-bpe", "dbrx": return (.llama3, false, Normalizer(), true)
    case "gpt-4o": return (.gpt4o, false, Normalizer(), false)
    case "tekken": return (.tekken, false, Normalizer(), true)
    case let other?:
      throw .unsupported(
        field: "tokenizer.ggml.pre", value: "\"\(other)\"",
        known: ["gpt-2", "smollm", "qwen2", "llama-bpe", "gpt-4o", "tekken"])
    }
  }

  private static func makeBytePairs(_ vocabulary: GGUFVocabulary) throws(TokenizerError) -> TokenizerCore {
    let (pattern, digitsApart, normalizer, wholePieces) = try preTokenizer(vocabulary.preTokenizer)
    let decoded = decodedBytes(vocabulary.tokens) { ByteAlphabet.decode($0) }
    let model = try BytePairModel(
      decoded: decoded, mergeLines: vocabulary.merges, field: "tokenizer.ggml.merges",
      wholePieces: wholePieces)
    return TokenizerCore(
      spellings: vocabulary.tokens, decoded: decoded, normalizer: normalizer,
      model: .bytePairs(model, PatternScanner(pattern), digitsApart: digitsApart),
      added: addedTokens(vocabulary),
      decoding: .bytes, prefix: [], suffix: [])
  }

  private static func makeSentencePiece(_ vocabulary: GGUFVocabulary) throws(TokenizerError) -> TokenizerCore
  {
    guard vocabulary.scores.count == vocabulary.tokens.count else {
      throw .malformed(
        field: "tokenizer.ggml.scores",
        problem: "has \(vocabulary.scores.count) entries for \(vocabulary.tokens.count) tokens")
    }
    let table = TokenTable(vocabulary.tokens) {
      vocabulary.tokenTypes.isEmpty || [1, 4, 5].contains(vocabulary.tokenTypes[$0])
    }
    let all = TokenTable(vocabulary.tokens)
    let bytes = (0..<256).compactMap { all.find(byteSpelling(UInt8($0)).utf8) }
    let unknown = TokenID(vocabulary.unknownID ?? 0)
    let addsSpace = vocabulary.addsSpacePrefix ?? true
    let space = Array("▁".utf8)
    var steps: [NormalizerStep] = addsSpace ? [.prepend([0x20])] : []
    steps.append(.replace(pattern: [0x20], content: space))
    return TokenizerCore(
      spellings: vocabulary.tokens, decoded: decodedBytes(vocabulary.tokens, sentencePieceBytes),
      normalizer: Normalizer(steps: steps),
      model: .sentencePiece(
        SentencePieceModel(
          tokens: table, scores: vocabulary.scores, bytes: bytes.count == 256 ? bytes : [], unknown: unknown)),
      added: addedTokens(vocabulary), decoding: .sentencePiece(dropsFirstSpace: addsSpace), prefix: [],
      suffix: [])
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
    return TokenizerCore(
      spellings: spellings, decoded: spellings, normalizer: Normalizer(steps: [.bert(BertNormalizer())]),
      model: .wordPiece(WordPieceModel(spellings, prefix: "##", unknown: unknown, longestWord: 100)),
      added: addedTokens(vocabulary), decoding: .words(cleansUp: true),
      prefix: special.classification.map { [$0] } ?? [], suffix: special.separator.map { [$0] } ?? [])
  }

  static func byteSpelling(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return "<0x" + (digits.count < 2 ? "0" : "") + digits + ">"
  }

  /// "▁" is a space, "<0x0A>" a byte.
  static func sentencePieceBytes(_ spelling: ArraySlice<UInt8>) -> [UInt8] {
    if spelling.count == 6, spelling.starts(with: "<0x".utf8), spelling.last == 0x3E,
      let byte = UInt8(String(decoding: spelling.dropFirst(3).prefix(2), as: UTF8.self), radix: 16)
    {
      return [byte]
    }
    guard spelling.contains(0xE2) else { return Array(spelling) }
    var text = MappedText()
    var spare = MappedText()
    text.assign(spelling, firstScalar: 0, mapped: false)
    text.replace(Array("▁".utf8), with: [0x20], spare: &spare)
    return text.bytes
  }

  static func decodedBytes(
    _ spellings: PackedStrings, _ decode: (ArraySlice<UInt8>) -> [UInt8]
  ) -> PackedStrings {
    var result = PackedStrings()
    result.reserveCapacity(strings: spellings.count, bytes: spellings.count * 8)
    for index in spellings.indices { result.append(decode(spellings.bytes(at: index))) }
    return result
  }
}

extension SpecialTokens {
  /// Files often name one end token of several that a model was trained to end with; llama.cpp knows these by name.
  static let ends: Set<String> = [
    "<|im_end|>", "<|eot_id|>", "<|end|>", "<end_of_turn>", "<|endoftext|>", "<|eom_id|>", "</s>",
  ]

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
    addsBOS = vocabulary.addsBOS ?? (vocabulary.model == "llama")
    addsEOS = vocabulary.addsEOS ?? false
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

extension BytePairModel {
  /// - Parameter mergeLines: "left right" in the spelling of the byte alphabet, the most important first.
  init(
    decoded: PackedStrings, mergeLines: PackedStrings, field: String, wholePieces: Bool
  ) throws(TokenizerError) {
    let table = TokenTable(decoded)
    var pairs: [(left: TokenID, right: TokenID, merged: TokenID)] = []
    pairs.reserveCapacity(mergeLines.count)
    for line in mergeLines.indices {
      let bytes = mergeLines.bytes(at: line)
      guard let space = bytes.firstIndex(of: 0x20) else {
        throw .malformed(
          field: field, problem: "holds \"\(mergeLines[line])\" in place \(line), which is no pair")
      }
      let left = ByteAlphabet.decode(bytes[..<space])
      let right = ByteAlphabet.decode(bytes[(space + 1)...])
      guard let leftID = table.find(left), let rightID = table.find(right),
        let merged = table.find(left + right)
      else {
        throw .malformed(
          field: field, problem: "merges \"\(mergeLines[line])\", which is not in the vocabulary")
      }
      pairs.append((leftID, rightID, merged))
    }
    var bytes: [TokenID] = []
    // A vocabulary may lack bytes that its makers never saw; they are left out, as the reference does.
    for byte in UInt8.min...UInt8.max { bytes.append(table.find([byte]) ?? -1) }
    self.init(merges: Merges(pairs), bytes: bytes, wholePieces: wholePieces ? table : nil)
  }
}

extension WordPieceModel {
  init(_ spellings: PackedStrings, prefix: String, unknown: TokenID, longestWord: Int) {
    let mark = Array(prefix.utf8)
    var continued = PackedStrings()
    for index in spellings.indices {
      let bytes = spellings.bytes(at: index)
      continued.append(bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : [])
    }
    self.init(
      beginnings: TokenTable(spellings) { !spellings.bytes(at: $0).isEmpty },
      continuations: TokenTable(continued) { !continued.bytes(at: $0).isEmpty }, unknown: unknown,
      longestWord: longestWord)
  }
}
