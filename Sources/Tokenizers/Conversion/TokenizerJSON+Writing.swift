import MartletJSON

extension GGUFVocabulary {
  /// The `tokenizer.json` that Hugging Face `tokenizers` reads for the same ids.
  ///
  /// A SentencePiece vocabulary (`llama`) has scores and no merges there: all pairs of tokens that make a token are
  /// merges, in the order of its score (as in huggingface/transformers, `convert_slow_tokenizer.py`,
  /// `generate_merges`).
  /// - Throws: ``TokenizerError`` naming what is damaged, or a kind of vocabulary that is not written.
  public func tokenizerJSON() throws(TokenizerError) -> JSON {
    var marked = self
    if marked.tokenTypes.isEmpty {
      marked.tokenTypes = Array(repeating: Self.normal, count: tokens.count)
    }
    marked.markEnds()
    guard marked.tokenTypes.count == tokens.count else {
      throw .malformed(
        field: "tokenizer.ggml.token_type",
        problem: "has \(tokenTypes.count) entries for \(tokens.count) tokens")
    }
    // Reading the vocabulary checks the rest of it.
    let special = try SpecialTokens(marked)
    let writer = TokenizerJSONWriter(vocabulary: marked, special: special)
    switch model {
    case "gpt2": return try writer.byteLevel()
    case "llama": return try writer.sentencePiece()
    case "bert": return try writer.wordPiece()
    default:
      throw .unsupported(
        field: "tokenizer.ggml.model", value: "\"\(model)\"", known: ["gpt2", "llama", "bert"])
    }
  }
}

/// Puts the parts of a `tokenizer.json` together.
private struct TokenizerJSONWriter {
  let vocabulary: GGUFVocabulary
  let special: SpecialTokens

  // MARK: Kinds

  func byteLevel() throws(TokenizerError) -> JSON {
    let (pattern, digitsApart, normalizer, wholePieces) = try TokenizerCore.preTokenizer(
      vocabulary.preTokenizer)
    let usesOwn = pattern == .gpt2
    var steps: [JSON] = []
    if digitsApart { steps.append(["type": "Digits", "individual_digits": true]) }
    if !usesOwn {
      guard let text = SplitPattern.published.first(where: { $0.pattern == pattern })?.text else {
        throw .unsupported(
          field: "tokenizer.ggml.pre", value: vocabulary.preTokenizer ?? "", known: GGUFVocabulary.splittings)
      }
      steps.append([
        "type": "Split", "pattern": ["Regex": .string(text)], "behavior": "Isolated", "invert": false,
      ])
    }
    let bytes: JSON = [
      "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": .bool(usesOwn),
    ]
    steps.append(bytes)
    var model = try pairs(vocabulary.merges.map { .string($0) }, vocabulary: { vocabulary.tokens[$0] })
    model["ignore_merges"] = .bool(wholePieces)
    return file(
      normalizer: normalizer.steps.isEmpty ? .null : ["type": "NFC"],
      preTokenizer: steps.count == 1 ? bytes : ["type": "Sequence", "pretokenizers": .array(steps)],
      decoder: bytes, model: .object(model))
  }

  func sentencePiece() throws(TokenizerError) -> JSON {
    guard vocabulary.scores.count == vocabulary.tokens.count else {
      throw .malformed(
        field: "tokenizer.ggml.scores",
        problem: "has \(vocabulary.scores.count) entries for \(vocabulary.tokens.count) tokens")
    }
    let addsSpace = vocabulary.addsSpacePrefix ?? true
    let visible: JSON = ["type": "Replace", "pattern": ["String": " "], "content": "▁"]
    var decoders: [JSON] = [
      ["type": "Replace", "pattern": ["String": "▁"], "content": " "], ["type": "ByteFallback"],
      ["type": "Fuse"],
    ]
    if addsSpace { decoders.append(["type": "Strip", "content": " ", "start": 1, "stop": 0]) }
    var model = try pairs(merges(), vocabulary: { vocabulary.tokens[$0] })
    if let unknown = special.unknown
      ?? vocabulary.tokenTypes.firstIndex(of: GGUFVocabulary.unknownType)
      .map({ TokenID($0) })
    {
      model["unk_token"] = .string(vocabulary.tokens[Int(unknown)])
    }
    model["fuse_unk"] = true
    model["byte_fallback"] = true
    return file(
      normalizer: addsSpace
        ? ["type": "Sequence", "normalizers": [["type": "Prepend", "prepend": "▁"], visible]] : visible,
      preTokenizer: .null, decoder: ["type": "Sequence", "decoders": .array(decoders)], model: .object(model))
  }

  func wordPiece() throws(TokenizerError) -> JSON {
    guard let unknown = special.unknown else { throw .missing(field: "tokenizer.ggml.unknown_token_id") }
    let model: JSONObject = [
      "type": "WordPiece", "unk_token": .string(spelling(Int(unknown))), "continuing_subword_prefix": "##",
      "max_input_chars_per_word": 100, "vocab": .object(try members(spelling)),
    ]
    return file(
      normalizer: [
        "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": .null,
        "lowercase": true,
      ],
      preTokenizer: ["type": "BertPreTokenizer"],
      decoder: ["type": "WordPiece", "prefix": "##", "cleanup": true], model: .object(model))
  }

  // MARK: Parts

  private func file(normalizer: JSON, preTokenizer: JSON, decoder: JSON, model: JSON) -> JSON {
    [
      "version": "1.0", "truncation": .null, "padding": .null, "added_tokens": .array(addedTokens),
      "normalizer": normalizer, "pre_tokenizer": preTokenizer, "post_processor": postProcessor,
      "decoder": decoder, "model": model,
    ]
  }

  /// A token of WordPiece as Hugging Face spells it, "##" before those that go on with a word.
  private func spelling(_ index: Int) -> String {
    let token = vocabulary.tokens[index]
    guard vocabulary.model == "bert" else { return token }
    // Byte by byte: before an accent the sign would be a part of a character.
    let (bytes, sign) = (vocabulary.tokens.bytes(at: index), "▁".utf8)
    if bytes.starts(with: sign) { return String(decoding: bytes.dropFirst(sign.count), as: UTF8.self) }
    return vocabulary.tokenTypes[index] == GGUFVocabulary.normal ? "##" + token : token
  }

  private var addedTokens: [JSON] {
    vocabulary.tokenTypes.indices.compactMap { index in
      let type = vocabulary.tokenTypes[index]
      guard [GGUFVocabulary.unknownType, GGUFVocabulary.control, GGUFVocabulary.userDefined].contains(type)
      else { return nil }
      return [
        "id": JSON(index), "content": .string(spelling(index)), "single_word": false, "lstrip": false,
        "rstrip": false, "normalized": false, "special": .bool(type != GGUFVocabulary.userDefined),
      ]
    }
  }

  /// Ids by token. Tokens at the end that occur in no text fill the embedding up and are left out.
  private func members(_ spelling: (Int) -> String) throws(TokenizerError) -> JSONObject {
    var members = JSONObject()
    let last = vocabulary.tokenTypes.lastIndex { $0 != GGUFVocabulary.unused } ?? -1
    for index in vocabulary.tokens.indices where index <= last {
      let token = spelling(index)
      if let other = members[token] {
        // What occurs in no text needs no name of its own.
        if vocabulary.tokenTypes[index] == GGUFVocabulary.unused { continue }
        throw .malformed(
          field: "tokenizer.ggml.tokens",
          problem: "has \"\(token)\" twice, at \(other.serialized()) and \(index)")
      }
      members[token] = JSON(index)
    }
    return members
  }

  private func pairs(
    _ merges: [JSON], vocabulary spelling: (Int) -> String
  ) throws(TokenizerError) -> JSONObject {
    [
      "type": "BPE", "dropout": .null, "unk_token": .null, "continuing_subword_prefix": .null,
      "end_of_word_suffix": .null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
      "vocab": .object(try members(spelling)), "merges": .array(merges),
    ]
  }

  /// All pairs of tokens that make a token, those of the highest score first.
  private func merges() -> [JSON] {
    let tokens = vocabulary.tokens
    let isText = { (index: Int) in [1, 4, 5].contains(vocabulary.tokenTypes[index]) }
    let table = TokenTable(tokens, accepts: isText)
    var found: [(score: Float, left: TokenID, right: TokenID)] = []
    for index in tokens.indices where isText(index) {
      let bytes = Array(tokens.bytes(at: index))
      var pairs: [(TokenID, TokenID)] = []
      for cut in bytes.indices.dropFirst() where bytes[cut] & 0xC0 != 0x80 {
        if let left = table.find(bytes, 0..<cut), let right = table.find(bytes, cut..<bytes.count) {
          pairs.append((left, right))
        }
      }
      found += pairs.sorted { $0 < $1 }.map { (vocabulary.scores[index], $0, $1) }
    }
    // A stable order: pairs of one token stay together.
    let order = found.indices.sorted { (found[$0].score, $1) > (found[$1].score, $0) }
    return order.map { [.string(tokens[Int(found[$0].left)]), .string(tokens[Int(found[$0].right)])] }
  }

  /// What is put around texts.
  private var postProcessor: JSON {
    var before = vocabulary.model == "bert" ? special.classification : nil
    var after = vocabulary.model == "bert" ? special.separator : nil
    if vocabulary.model != "bert", special.addsBOS { before = special.bos }
    if vocabulary.model != "bert", special.addsEOS { after = special.eos }
    guard before != nil || after != nil else {
      guard vocabulary.model == "gpt2" else { return .null }
      return ["type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": true]
    }
    func token(_ id: TokenID?, _ type: Int) -> [JSON] {
      id.map { [["SpecialToken": ["id": .string(spelling(Int($0))), "type_id": JSON(type)]]] } ?? []
    }
    func text(_ name: String, _ type: Int) -> JSON {
      ["Sequence": ["id": .string(name), "type_id": JSON(type)]]
    }
    var names = JSONObject()
    for id in [before, after].compactMap({ $0 }) {
      let name = spelling(Int(id))
      names[name] = ["id": .string(name), "ids": [JSON(Int(id))], "tokens": [.string(name)]]
    }
    let repeated = vocabulary.model == "bert" ? [] : token(before, 1)
    return [
      "type": "TemplateProcessing", "single": .array(token(before, 0) + [text("A", 0)] + token(after, 0)),
      "pair": .array(
        token(before, 0) + [text("A", 0)] + token(after, 0) + repeated + [text("B", 1)] + token(after, 1)),
      "special_tokens": .object(names),
    ]
  }
}
