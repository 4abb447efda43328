import MartletJSON

/// What a model's other files say of its `tokenizer.json`: how texts are normalized before they are cut.
struct TokenizerSettings {
  /// sentence-transformers' `do_lower_case`: lower-casing before all else, unless the tokenizer does it anyway.
  private let lowercases: Bool
  /// What transformers' BERT tokenizers put in place of the members of the file's normalizer.
  private let normalizer: [String: JSON]

  init(_ folder: ModelFolder, lowercases: Bool, architecture: String) throws(CheckpointError) {
    self.lowercases = lowercases
    var normalizer: [String: JSON] = [:]
    let stated = try folder.members("tokenizer_config.json") ?? [:]
    let type = stated["tokenizer_class"]?.stringValue
    if type?.hasPrefix("Bert") ?? (architecture == "bert") {
      for (key, member) in [
        ("do_lower_case", "lowercase"), ("strip_accents", "strip_accents"),
        ("tokenize_chinese_chars", "handle_chinese_chars"),
      ] {
        if let value = stated[key] { normalizer[member] = value }
      }
    }
    self.normalizer = normalizer
  }

  /// Whether these settings may change the file.
  var isEmpty: Bool { !lowercases && normalizer.isEmpty }

  /// The file's contents as these settings change them.
  func applied(to file: JSON) -> JSON {
    guard var root = file.objectValue else { return file }
    let own = root["normalizer"] ?? .null
    var changed = own
    if own["type"] == "BertNormalizer", var members = own.objectValue {
      for (member, value) in normalizer { members[member] = value }
      changed = .object(members)
    }
    if lowercases, !Self.hasLowercase(changed) {
      let steps = changed["type"] == "Sequence" ? changed["normalizers"]?.arrayValue ?? [] : [changed]
      changed = [
        "type": "Sequence", "normalizers": .array([["type": "Lowercase"]] + steps.filter { !$0.isNull }),
      ]
    }
    guard changed != own else { return file }
    root["normalizer"] = changed
    return .object(root)
  }

  private static func hasLowercase(_ normalizer: JSON) -> Bool {
    switch normalizer["type"]?.stringValue {
    case "Lowercase": true
    case "BertNormalizer": normalizer["lowercase"]?.boolValue ?? true
    case "Sequence": normalizer["normalizers"]?.arrayValue?.contains(where: hasLowercase) ?? false
    default: false
    }
  }
}

extension TokenizerSettings {
  /// Refuses what `tokenizer_config.json` sets and is not followed, and warns of what is not known.
  static func check(_ folder: ModelFolder, isEmbedder: Bool, warnings: inout [String]) throws(CheckpointError)
  {
    guard let file = try FileMembers("tokenizer_config.json", of: folder) else { return }
    // Of a decoder's prompts none is cut by the tokenizer.
    let truncation: [String: [JSON]] = isEmbedder ? ["truncation_side": ["right"]] : [:]
    let tokens = Set(file.members.map(\.key).filter { $0.hasSuffix("_token") || $0.hasSuffix("_token_id") })
    try file.check(
      accepted: harmless.union(tokens).union(isEmbedder ? [] : ["truncation_side"]),
      only: ["split_special_tokens": []].merging(truncation) { $1 }, warnings: &warnings)
  }

  /// Read here, stated in tokenizer.json too, or of no consequence for ids.
  private static let harmless: Set<String> = [
    "do_lower_case", "strip_accents", "tokenize_chinese_chars", "model_max_length", "chat_template",
    "add_bos_token", "add_eos_token", "added_tokens_decoder", "additional_special_tokens",
    "extra_special_tokens", "model_specific_special_tokens",
    // Old spellings and the slow tokenizers' own, which tokenizer.json stands for.
    "add_prefix_space", "add_dummy_prefix_space", "legacy", "sp_model_kwargs", "use_default_system_prompt",
    "spaces_between_special_tokens", "do_basic_tokenize", "never_split", "remove_space", "keep_accents",
    "errors", "from_slow", "vocab_file", "merges_file", "tokenizer_file", "trim_offsets", "word_delimiter",
    "replace_word_delimiter_char", "do_word_delimiter", "use_fast", "unk_id", "byte_fallback",
    "fix_mistral_regex",
    // Padding and cutting, which are done otherwise here, and how texts are put together again.
    "max_len", "max_length", "stride", "truncation_strategy", "truncation", "padding", "padding_side",
    "pad_to_multiple_of", "pad_token_type_id", "clean_up_tokenization_spaces",
    "clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output", "return_token_type_ids",
    // Python's own matters.
    "tokenizer_class", "processor_class", "image_processor_type", "auto_map", "backend", "is_local",
    "local_files_only", "name_or_path", "_name_or_path", "special_tokens_map_file", "model_input_names",
    "init_inputs", "device_map", "verbose", "files_loaded", "response_schema", "response_template",
    "chat_control_tokens", "model_type", "transformers_version", "use_token_type_ids", "vocab_size",
  ]
}
