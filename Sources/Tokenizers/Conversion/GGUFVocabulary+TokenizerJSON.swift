import MartletJSON

extension GGUFVocabulary {
  /// The vocabulary of a `tokenizer.json` in GGUF's words: byte-level BPE (`gpt2`), BPE with single bytes for what it
  /// cannot write (`llama`), or WordPiece (`bert`).
  ///
  /// Which tokens begin and end texts is not said there; set ``bosID`` and the like from `tokenizer_config.json`.
  /// - Parameters:
  ///   - json: The contents of `tokenizer.json`.
  ///   - size: The rows of the model's embedding; ids beyond the vocabulary get tokens that occur in no text.
  /// - Throws: ``TokenizerError`` naming the member that is damaged, or that GGUF has no word for.
  public init(tokenizerJSON json: JSON, size: Int = 0) throws(TokenizerError) {
    let file = try TokenizerJSON(root: json)
    let model = try file.root.required("model")
    switch try model.string("type") ?? (model["merges"] != nil ? "BPE" : "WordPiece") {
    case "BPE":
      if let splitting = try ByteLevelSplitting(file.root["pre_tokenizer"]) {
        try self.init(byteLevel: file, model, splitting)
      } else {
        try self.init(sentencePiece: file, model)
      }
    case "WordPiece": try self.init(wordPiece: file, model)
    case let other: throw model.unknownType(other, ["BPE", "WordPiece"])
    }
    fill(to: size)
  }

  /// Tokens for ids that have none, and for those up to `size`.
  private mutating func fill(to size: Int) {
    var filled = PackedStrings()
    for index in 0..<max(tokens.count, size) {
      if index < tokens.count, !tokens.bytes(at: index).isEmpty {
        filled.append(tokens.bytes(at: index))
        continue
      }
      filled.append("[PAD\(index)]".utf8)
      if index < tokenTypes.count { tokenTypes[index] = Self.unused } else { tokenTypes.append(Self.unused) }
      if !scores.isEmpty, index >= scores.count { scores.append(-10_000) }
    }
    tokens = filled
  }

  static let normal: Int32 = 1
  static let unknownType: Int32 = 2
  static let control: Int32 = 3
  static let userDefined: Int32 = 4
  static let unused: Int32 = 5
  static let byte: Int32 = 6

  /// The types of tokens: special ones are control tokens, other added ones user-defined.
  private static func types(_ file: TokenizerJSON, count: Int) -> [Int32] {
    var types = [Int32](repeating: normal, count: count)
    for token in file.added where Int(token.id) < count {
      types[Int(token.id)] = token.isSpecial ? control : userDefined
    }
    return types
  }

  // MARK: Byte-level BPE

  /// Names of splittings in the files, of each kind one.
  static let splittings = [
    "gpt-2", "smollm", "qwen2", "llama-bpe", "smaug-bpe", "qwen35", "gpt-4o", "tekken",
  ]

  private init(
    byteLevel file: TokenizerJSON, _ model: TokenizerMember, _ splitting: ByteLevelSplitting
  ) throws(TokenizerError) {
    let spellings = try file.vocabulary(model)
    if splitting.addsSpace {
      throw .unsupported(field: "pre_tokenizer.add_prefix_space", value: "true", known: ["false in GGUF"])
    }
    let wholePieces = try model.bool("ignore_merges") ?? false
    let composes = try Self.composes(file.root["normalizer"])
    if let suffix = try model.string("end_of_word_suffix"), !suffix.isEmpty {
      throw .unsupported(field: model.name("end_of_word_suffix"), value: "\"\(suffix)\"", known: ["none"])
    }
    let found = try Self.name(of: splitting, wholePieces: wholePieces, composes: composes)
    guard let found else {
      throw .unsupported(
        field: "pre_tokenizer", value: "a splitting (with its normalizer and ignore_merges) without a name",
        known: Self.splittings)
    }
    var merges = PackedStrings()
    for merge in try file.merges(model) { merges.append(merge.left + [0x20] + merge.right) }
    self.init(
      model: "gpt2", preTokenizer: found, tokens: spellings,
      tokenTypes: Self.types(file, count: spellings.count), merges: merges)
  }

  /// What GGUF calls a splitting; nil where it has no name.
  private static func name(
    of splitting: ByteLevelSplitting, wholePieces: Bool, composes: Bool
  ) throws(TokenizerError) -> String? {
    if !wholePieces, !composes {
      for name in cutSplittings where TextCut.gguf(name) == splitting.cuts { return name }
    }
    for name in splittings {
      let known = try TokenizerCore.preTokenizer(name)
      let digits = TextCut.run(RunPattern(set: .digits, lengths: 1...1))
      let cuts = (known.digitsApart ? [digits] : []) + [.pattern(known.pattern)]
      guard cuts == splitting.cuts, known.wholePieces == wholePieces,
        known.normalizer.steps.isEmpty != composes
      else { continue }
      return name
    }
    return nil
  }

  /// Names of splittings that are several cuts.
  private static let cutSplittings = ["falcon", "deepseek-llm", "deepseek-coder", "deepseek-v3"]

  /// Whether the normalizer is NFC; false where there is none.
  private static func composes(_ normalizer: TokenizerMember?) throws(TokenizerError) -> Bool {
    guard let normalizer else { return false }
    let steps = try normalizer.flattened("normalizers")
    for step in steps where try step.type() != "NFC" { throw step.unsupported(["NFC", "none"]) }
    return !steps.isEmpty
  }

  // MARK: BPE with bytes

  private init(sentencePiece file: TokenizerJSON, _ model: TokenizerMember) throws(TokenizerError) {
    guard try model.bool("byte_fallback") == true else {
      throw .unsupported(field: model.name("byte_fallback"), value: "false", known: ["true"])
    }
    let spellings = try file.vocabulary(model)
    let table = TokenTable(spellings)
    var types = Self.types(file, count: spellings.count)
    for index in spellings.indices where types[index] == Self.normal {
      if Self.isByte(spellings.bytes(at: index)) { types[index] = Self.byte }
    }
    let unknown = try model.string("unk_token").flatMap { table.find($0.utf8) }
    if let unknown { types[Int(unknown)] = Self.unknownType }
    self.init(
      model: "llama", preTokenizer: "default", tokens: spellings,
      scores: try Self.scores(file.merges(model), table), tokenTypes: types,
      unknownID: unknown.map { Int($0) })
    addsSpacePrefix = try Self.addsSpace(file.root)
  }

  /// `<0x0A>`.
  private static func isByte(_ token: ArraySlice<UInt8>) -> Bool {
    token.count == 6 && token.starts(with: "<0x".utf8) && token.last == UInt8(ascii: ">")
  }

  /// SentencePiece merges what gives the token of the highest score, so a token's score is the place of its first merge.
  private static func scores(
    _ merges: [(left: [UInt8], right: [UInt8])], _ table: TokenTable
  ) throws(TokenizerError) -> [Float] {
    var scores = [Float?](repeating: nil, count: table.strings.count)
    var place: Float = 0
    for merge in merges {
      guard let merged = table.find(merge.left + merge.right) else {
        let line = String(decoding: merge.left + [0x20] + merge.right, as: UTF8.self)
        throw .malformed(
          field: "model.merges", problem: "merges \"\(line.prefix(200))\", which is not in the vocabulary")
      }
      guard scores[Int(merged)] == nil else { continue }
      scores[Int(merged)] = -place
      place += 1
    }
    return scores.map { score in
      if let score { return score }
      defer { place += 1 }
      return -place
    }
  }

  /// Whether a space is put in front of texts; the normalizer must do no more than make spaces visible.
  private static func addsSpace(_ root: TokenizerMember) throws(TokenizerError) -> Bool {
    var adds = false
    for step in try root["normalizer"]?.flattened("normalizers") ?? [] {
      switch try step.type() {
      case "Prepend" where try step.string("prepend") == "▁": adds = true
      case "Replace" where try isReplacement(step): continue
      default: throw step.unsupported(["Prepend ▁", "Replace of spaces by ▁"])
      }
    }
    for step in try root["pre_tokenizer"]?.flattened("pretokenizers") ?? [] {
      switch try step.type() {
      // No space is left that it could cut at.
      case "Split" where try step.literalPattern() == [0x20] && root["normalizer"] != nil: continue
      case "Metaspace" where try isWhole(step):
        adds = try step.string("prepend_scheme") ?? "always" != "never"
      default: throw step.unsupported(["Metaspace that does not split"])
      }
    }
    return adds
  }

  /// Whether a step makes spaces visible.
  private static func isReplacement(_ step: TokenizerMember) throws(TokenizerError) -> Bool {
    let content = try step.string("content")
    return try step.literalPattern() == [0x20] && content == "▁"
  }

  /// Whether a step makes spaces visible and does not cut at them.
  private static func isWhole(_ step: TokenizerMember) throws(TokenizerError) -> Bool {
    let sign = try step.string("replacement") ?? "▁"
    return try step.bool("split") == false && sign == "▁"
  }

  // MARK: WordPiece

  private init(wordPiece file: TokenizerJSON, _ model: TokenizerMember) throws(TokenizerError) {
    let normalizer = try file.root.required("normalizer")
    guard try normalizer.type() == "BertNormalizer", try normalizer.bool("lowercase") ?? true,
      try normalizer.bool("strip_accents") ?? true, try normalizer.bool("handle_chinese_chars") ?? true,
      try normalizer.bool("clean_text") ?? true
    else { throw normalizer.unsupported(["a BertNormalizer that lower-cases"]) }
    let splitting = try file.root.required("pre_tokenizer")
    guard try splitting.type() == "BertPreTokenizer" else {
      throw splitting.unsupported(["BertPreTokenizer"])
    }
    let prefix = Array((try model.string("continuing_subword_prefix") ?? "##").utf8)
    let spellings = try file.vocabulary(model)
    let types = Self.types(file, count: spellings.count)
    // Tokens that begin a word have a sign there, and those that go on have none.
    var tokens = PackedStrings()
    for index in spellings.indices {
      let bytes = spellings.bytes(at: index)
      if types[index] == Self.control || bytes.isEmpty {
        tokens.append(bytes)
      } else if bytes.starts(with: prefix) {
        tokens.append(bytes.dropFirst(prefix.count))
      } else {
        tokens.append(Array("▁".utf8) + bytes)
      }
    }
    self.init(model: "bert", preTokenizer: "default", tokens: tokens, tokenTypes: types)
    let unknown = try model.string("unk_token") ?? "[UNK]"
    unknownID = TokenTable(spellings).find(unknown.utf8).map { Int($0) }
  }
}
