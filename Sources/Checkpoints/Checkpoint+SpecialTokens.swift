import MartletJSON
import MartletTokenizers

extension Checkpoint {
  /// The special tokens that a chat template may name, by name: `bos_token`, `pad_token`, …
  ///
  /// Of a folder they are those that transformers hands to templates: what `tokenizer_config.json` states, members of
  /// other names that end in `_token` and the names of `extra_special_tokens` among them. Of a GGUF file they are those
  /// whose ids it states; `bos_token` and `eos_token` are there in any case, as in llama.cpp.
  /// - Throws: ``CheckpointError`` where a file cannot be read.
  public func specialTokens(_ tokenizer: Tokenizer) throws(CheckpointError) -> [String: String] {
    if let metadata { return try Self.specialTokens(metadata, tokenizer) }
    let folder = ModelFolder(path: path)
    guard let configuration = try folder.members("tokenizer_config.json") else {
      return Self.specialTokens(tokenizer.special, tokenizer)
    }
    var texts: [String: String] = [:]
    Self.add(configuration, to: &texts)
    // What older versions wrote beside it counts in place of it.
    if configuration["added_tokens_decoder"] == nil, let map = try folder.members("special_tokens_map.json") {
      Self.add(map, to: &texts)
    }
    return texts
  }

  private static func add(_ members: JSONObject, to texts: inout [String: String]) {
    for (key, value) in members where key.hasSuffix("_token") {
      if let text = text(of: value) { texts[key] = text }
    }
    for (key, value) in members["extra_special_tokens"]?.objectValue ?? [:] {
      if let text = text(of: value) { texts[key] = text }
    }
  }

  /// A token, or the object of an `AddedToken`.
  private static func text(of value: JSON) -> String? { value.stringValue ?? value["content"]?.stringValue }

  private static func specialTokens(
    _ metadata: GGUFMetadata, _ tokenizer: Tokenizer
  ) throws(CheckpointError) -> [String: String] {
    var texts = ["bos_token": "", "eos_token": ""]
    let keys = [
      "bos_token": "bos_token_id", "eos_token": "eos_token_id", "unk_token": "unknown_token_id",
      "pad_token": "padding_token_id", "sep_token": "seperator_token_id", "cls_token": "cls_token_id",
      "mask_token": "mask_token_id",
    ]
    for (name, key) in keys {
      guard let id = try metadata.integer("tokenizer.ggml.\(key)").flatMap({ TokenID(exactly: $0) }) else {
        continue
      }
      if let text = tokenizer.token(id) { texts[name] = text }
    }
    return texts
  }

  private static func specialTokens(_ special: SpecialTokens, _ tokenizer: Tokenizer) -> [String: String] {
    let ids = [
      "bos_token": special.bos, "eos_token": special.eos, "unk_token": special.unknown,
      "pad_token": special.padding, "sep_token": special.separator, "cls_token": special.classification,
      "mask_token": special.mask,
    ]
    return ids.compactMapValues { $0.flatMap { tokenizer.token($0) } }
  }
}
