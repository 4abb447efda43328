import MartletJSON

/// The names that some architectures have for what all others call otherwise (`attribute_map` of transformers' configuration
/// classes, and members that differ in their names alone), so that one vocabulary is read everywhere.
enum ConfigurationAliases {
  private static let names: [String: [String: String]] = [
    "gpt2": [
      "n_embd": "hidden_size", "n_layer": "num_hidden_layers", "n_head": "num_attention_heads",
      "n_positions": "max_position_embeddings", "n_inner": "intermediate_size",
      "activation_function": "hidden_act", "layer_norm_epsilon": "layer_norm_eps",
    ],
    "distilbert": [
      "dim": "hidden_size", "n_layers": "num_hidden_layers", "n_heads": "num_attention_heads",
      "hidden_dim": "intermediate_size", "activation": "hidden_act",
    ],
  ]

  /// The members under the names that most architectures have.
  static func resolved(_ members: JSONObject) -> JSONObject {
    guard let type = members["model_type"]?.stringValue, let names = names[type] else { return members }
    var resolved = JSONObject()
    for (key, value) in members {
      let name = names[key] ?? key
      // Where a file has both names, the common one counts.
      if name != key, members[name] != nil { continue }
      resolved[name] = value
    }
    return resolved
  }
}
