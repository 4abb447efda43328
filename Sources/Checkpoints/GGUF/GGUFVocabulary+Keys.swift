import MartletTokenizers

/// The keys `tokenizer.ggml.*`, held against what is known of them.
extension GGUFVocabulary {
  private static let prefix = "tokenizer.ggml."

  /// A warning where the file has keys of the tokenizer that are not known.
  static func warnings(_ metadata: GGUFMetadata) -> [String] {
    let unknown = metadata.keys.filter { key in
      guard key.hasPrefix(prefix) else { return false }
      let name = String(key.dropFirst(prefix.count))
      return !known.contains(name) && !flags.keys.contains(name) && !name.hasSuffix("_token_id")
    }
    guard !unknown.isEmpty else { return [] }
    let names = unknown.map { "\"\($0)\"" }.joined(separator: ", ")
    return ["The model's tokenizer has settings that Martlet does not know and leaves out: \(names)."]
  }

  /// Refuses a flag whose value would change the ids and is not followed.
  static func check(_ metadata: GGUFMetadata, file: String) throws(CheckpointError) {
    let isBERT = try metadata.string(prefix + "model") == "bert"
    for (name, flag) in flags {
      guard isBERT || !flag.isOnlyBERTs, let value = try metadata.bool(prefix + name) else { continue }
      guard value != (isBERT ? flag.ofBERT : flag.ofOthers) else { continue }
      throw .unsupported(
        file: file, what: "It sets \(prefix + name) to \(value), which is not supported",
        advice: "Choose another file of the model: its texts would be cut otherwise.")
    }
  }

  /// Flags with the values that are built. A BERT always has its [CLS] and [SEP] around a text.
  private static let flags: [String: (ofBERT: Bool, ofOthers: Bool, isOnlyBERTs: Bool)] = [
    "add_bos_token": (true, true, true), "add_sep_token": (true, false, false),
    "normalizer.lowercase": (true, true, true),
  ]

  /// Keys that are read, and those that are of no consequence for ids.
  private static let known: Set<String> = [
    "model", "pre", "tokens", "scores", "token_type", "merges", "add_eos_token", "add_space_prefix",
    "remove_extra_whitespaces",
    "precompiled_charsmap",
    // The number of BERT's segments, which its table of them tells too.
    "token_type_count",
    // Texts and ids for other programs.
    "chat_template", "eog_token_ids", "suppress_tokens",
  ]
}
