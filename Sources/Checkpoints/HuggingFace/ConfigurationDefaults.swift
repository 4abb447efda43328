import MartletJSON

/// What transformers' configuration classes assume where a `config.json` leaves a member out, as files made by hand and by
/// old versions do. Here are those that differ from one architecture to the next; a member that is null stays so.
enum ConfigurationDefaults {
  private static let members: [String: JSONObject] = [
    "llama": ["max_position_embeddings": 2048],
    "mistral": ["num_key_value_heads": 8, "max_position_embeddings": 131_072],
    "qwen2": ["num_key_value_heads": 32, "max_position_embeddings": 32_768],
    "qwen3": ["num_key_value_heads": 32, "head_dim": 128, "max_position_embeddings": 32_768],
    "gemma3_text": ["num_key_value_heads": 4, "head_dim": 256, "max_position_embeddings": 131_072],
    "phi3": ["max_position_embeddings": 4096, "rms_norm_eps": 1e-5],
  ]

  /// The members with those that were left out.
  static func completed(_ members: JSONObject) -> JSONObject {
    guard let type = members["model_type"]?.stringValue, let defaults = Self.members[type] else {
      return members
    }
    var completed = members
    for (key, value) in defaults where completed[key] == nil { completed[key] = value }
    return completed
  }
}
