import JSON

/// Reads a Hugging Face `tokenizer.json` (huggingface/tokenizers). Each part is known or refused by name.
struct TokenizerJSON {
  let root: JSON

  func makeCore() throws(TokenizerError) -> (TokenizerCore, SpecialTokens) {
    guard let model = root["model"] else { throw .missing(field: "model") }
    var added = try addedTokens()
    // Old files leave the type out.
    let type = model["type"]?.stringValue ?? (model["merges"] != nil ? "BPE" : "WordPiece")
    let spellings = try vocabulary(model, &added)
    let normalizer = try Normalizer(json: root["normalizer"])
    let (prefix, suffix) = try postProcessor(spellings)
    switch type {
    case "WordPiece":
      let table = TokenTable(spellings)
      let name = model["unk_token"]?.stringValue ?? "[UNK]"
      guard let unknown = table.find(name.utf8) else {
        throw .malformed(field: "model.unk_token", problem: "is \"\(name)\", which is not in the vocabulary")
      }
      try require("pre_tokenizer", root["pre_tokenizer"], ["BertPreTokenizer"])
      let cleansUp = root["decoder"]?["cleanup"]?.boolValue ?? true
      let core = TokenizerCore(
        spellings: spellings, decoded: spellings, normalizer: normalizer,
        model: .wordPiece(
          WordPieceModel(
            spellings, prefix: model["continuing_subword_prefix"]?.stringValue ?? "##", unknown: unknown,
            longestWord: model["max_input_chars_per_word"]?.intValue ?? 100)),
        added: added, decoding: .words(cleansUp: cleansUp), prefix: prefix, suffix: suffix)
      var special = SpecialTokens()
      special.unknown = unknown
      special.classification = prefix.first
      special.separator = suffix.last
      return (core, special)
    case "BPE":
      guard model["byte_fallback"]?.boolValue != true else {
        throw .unsupported(field: "model.byte_fallback", value: "true", known: [])
      }
      let (pattern, digitsApart) = try splitting()
      let decoded = TokenizerCore.decodedBytes(spellings) { ByteAlphabet.decode($0) }
      let pairs = try BytePairModel(
        decoded: decoded, mergeLines: try merges(model), field: "model.merges",
        wholePieces: model["ignore_merges"]?.boolValue ?? false)
      let core = TokenizerCore(
        spellings: spellings, decoded: decoded, normalizer: normalizer,
        model: .bytePairs(pairs, PatternScanner(pattern), digitsApart: digitsApart), added: added,
        decoding: .bytes,
        prefix: prefix, suffix: suffix)
      return (core, SpecialTokens())
    default:
      throw .unsupported(field: "model.type", value: "\"\(type)\"", known: ["WordPiece", "BPE"])
    }
  }

  private func vocabulary(
    _ model: JSON, _ added: inout [AddedTokens.Token]
  ) throws(TokenizerError) -> PackedStrings {
    guard let vocabulary = model["vocab"]?.objectValue else { throw .missing(field: "model.vocab") }
    var byID: [Int: [UInt8]] = [:]
    byID.reserveCapacity(vocabulary.count)
    for (token, id) in vocabulary {
      guard let id = id.intValue, id >= 0, id < 1 << 24 else {
        throw .malformed(field: "model.vocab", problem: "gives \"\(token)\" the id \(id.serialized())")
      }
      guard byID.updateValue(Array(token.utf8), forKey: id) == nil else {
        throw .malformed(field: "model.vocab", problem: "gives the id \(id) twice")
      }
    }
    for token in added { byID[Int(token.id)] = token.bytes }
    guard let last = byID.keys.max(), last < byID.count * 2 + 1024 else {
      throw .malformed(field: "model.vocab", problem: "has ids far beyond its size")
    }
    var spellings = PackedStrings()
    for id in 0...last { spellings.append(byID[id] ?? []) }
    return spellings
  }

  private func addedTokens() throws(TokenizerError) -> [AddedTokens.Token] {
    var result: [AddedTokens.Token] = []
    for token in root["added_tokens"]?.arrayValue ?? [] {
      guard let id = token["id"]?.intValue, id >= 0, id < 1 << 24, let content = token["content"]?.stringValue
      else {
        throw .malformed(field: "added_tokens", problem: "has an entry without id or content")
      }
      guard token["single_word"]?.boolValue != true else {
        throw .unsupported(field: "added_tokens", value: "\"\(content)\" as a single word", known: [])
      }
      result.append(
        AddedTokens.Token(
          id: TokenID(id), bytes: Array(content.utf8), isSpecial: token["special"]?.boolValue ?? false,
          stripsLeft: token["lstrip"]?.boolValue ?? false, stripsRight: token["rstrip"]?.boolValue ?? false))
    }
    return result
  }

  private func merges(_ model: JSON) throws(TokenizerError) -> PackedStrings {
    guard let merges = model["merges"]?.arrayValue else { throw .missing(field: "model.merges") }
    var lines = PackedStrings()
    for merge in merges {
      if let line = merge.stringValue {
        lines.append(line.utf8)
      } else if let left = merge[0]?.stringValue, let right = merge[1]?.stringValue {
        lines.append("\(left) \(right)".utf8)
      } else {
        throw .malformed(field: "model.merges", problem: "holds \(merge.serialized()), which is no pair")
      }
    }
    return lines
  }

  /// The pattern of a byte-level pre-tokenizer, alone or after others in a sequence.
  private func splitting() throws(TokenizerError) -> (SplitPattern, digitsApart: Bool) {
    guard let pre = root["pre_tokenizer"], pre != .null else { throw .missing(field: "pre_tokenizer") }
    let steps = pre["type"]?.stringValue == "Sequence" ? pre["pretokenizers"]?.arrayValue ?? [] : [pre]
    var pattern: SplitPattern?
    var digitsApart = false
    for step in steps {
      switch step["type"]?.stringValue {
      case "ByteLevel":
        guard step["add_prefix_space"]?.boolValue != true else {
          throw .unsupported(field: "pre_tokenizer.add_prefix_space", value: "true", known: ["false"])
        }
        if step["use_regex"]?.boolValue ?? true, pattern == nil { pattern = .gpt2 }
      case "Digits":
        guard step["individual_digits"]?.boolValue == true else {
          throw .unsupported(field: "pre_tokenizer.individual_digits", value: "false", known: ["true"])
        }
        digitsApart = true
      case "Split":
        let text = step["pattern"]?["Regex"]?.stringValue ?? step["pattern"]?.serialized() ?? ""
        guard let known = SplitPattern.published.first(where: { $0.text == text }) else {
          throw .unsupported(field: "pre_tokenizer.pattern", value: text, known: [])
        }
        pattern = known.pattern
      case let other:
        throw .unsupported(
          field: "pre_tokenizer.type", value: other ?? "missing",
          known: ["ByteLevel", "Digits", "Split", "Sequence"])
      }
    }
    guard let pattern else { throw .missing(field: "pre_tokenizer.pattern") }
    return (pattern, digitsApart)
  }

  /// What is put before and behind a single text.
  private func postProcessor(
    _ spellings: PackedStrings
  ) throws(TokenizerError) -> (prefix: [TokenID], suffix: [TokenID]) {
    guard let processor = root["post_processor"], processor != .null else { return ([], []) }
    switch processor["type"]?.stringValue {
    case "ByteLevel": return ([], [])
    case "BertProcessing", "RobertaProcessing":
      guard let cls = processor["cls"]?[1]?.intValue, let sep = processor["sep"]?[1]?.intValue else {
        throw .malformed(field: "post_processor", problem: "names no cls or sep")
      }
      return ([TokenID(cls)], [TokenID(sep)])
    case "TemplateProcessing":
      var parts: (prefix: [TokenID], suffix: [TokenID]) = ([], [])
      var isBefore = true
      for piece in processor["single"]?.arrayValue ?? [] {
        if piece["Sequence"] != nil {
          isBefore = false
        } else if let name = piece["SpecialToken"]?["id"]?.stringValue {
          let ids = (processor["special_tokens"]?[name]?["ids"]?.arrayValue ?? []).compactMap(\.intValue)
          if isBefore { parts.prefix += ids.map(TokenID.init) } else { parts.suffix += ids.map(TokenID.init) }
        }
      }
      return parts
    case let other:
      throw .unsupported(
        field: "post_processor.type", value: other ?? "missing",
        known: ["TemplateProcessing", "BertProcessing", "RobertaProcessing", "ByteLevel"])
    }
  }

  private func require(_ field: String, _ value: JSON?, _ types: [String]) throws(TokenizerError) {
    let type = value?["type"]?.stringValue ?? "missing"
    guard types.contains(type) else { throw .unsupported(field: field + ".type", value: type, known: types) }
  }
}

extension Normalizer {
  init(json: JSON?) throws(TokenizerError) {
    self.init()
    guard let json, json != .null else { return }
    switch json["type"]?.stringValue {
    case "Sequence":
      for part in json["normalizers"]?.arrayValue ?? [] { steps += try Normalizer(json: part).steps }
    case "BertNormalizer":
      let lowercases = json["lowercase"]?.boolValue ?? true
      steps = [
        .bert(
          BertNormalizer(
            cleansText: json["clean_text"]?.boolValue ?? true,
            separatesChinese: json["handle_chinese_chars"]?.boolValue ?? true,
            stripsAccents: json["strip_accents"]?.boolValue ?? lowercases, lowercases: lowercases))
      ]
    case "NFC": steps = [.form(.nfc)]
    case "NFD": steps = [.form(.nfd)]
    case "NFKC": steps = [.form(.nfkc)]
    case "NFKD": steps = [.form(.nfkd)]
    case "Lowercase": steps = [.lowercase]
    case "StripAccents": steps = [.stripAccents]
    case "Prepend": steps = [.prepend(Array((json["prepend"]?.stringValue ?? "").utf8))]
    case "Replace":
      guard let pattern = json["pattern"]?["String"]?.stringValue, let content = json["content"]?.stringValue
      else {
        throw .unsupported(
          field: "normalizer.pattern", value: json["pattern"]?.serialized() ?? "missing", known: [])
      }
      steps = [.replace(pattern: Array(pattern.utf8), content: Array(content.utf8))]
    case let other:
      throw .unsupported(
        field: "normalizer.type", value: other ?? "missing",
        known: [
          "BertNormalizer", "NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Replace", "Prepend",
        ])
    }
  }
}
