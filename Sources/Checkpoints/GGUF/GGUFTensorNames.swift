/// How GGUF's tensor names become those of Hugging Face's checkpoints, for one architecture
/// (ggml-org/llama.cpp, `gguf-py/gguf/tensor_mapping.py`).
struct GGUFTensorNames {
  /// The names outside the layers.
  let outside: [String: String]
  /// What Hugging Face's names of a layer begin with, before its number.
  let layerPrefix: String
  /// The names inside a layer.
  let inside: [String: String]

  /// The table of an architecture; nil for those that Martlet does not know.
  init?(architecture: String) {
    switch architecture {
    case "llama", "mistral", "qwen2", "qwen3": self = .decoder
    case "gemma3": self = .gemma3
    case "bert": self = .bert
    case "gpt2": self = .gpt2
    case "phi3": self = .phi3
    default: return nil
    }
  }

  private init(outside: [String: String], layerPrefix: String, inside: [String: String]) {
    self.outside = outside
    self.layerPrefix = layerPrefix
    self.inside = inside
  }

  /// Hugging Face's name, or the file's own where the table has none.
  func huggingFaceName(_ name: String) -> String {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard let suffix = parts.last, suffix == "weight" || suffix == "bias" else { return name }
    let stem = parts.dropLast()
    if stem.count == 1, let found = outside[stem[0]] { return "\(found).\(suffix)" }
    if stem.count == 3, stem[0] == "blk", let layer = Int(stem[1]), let found = inside[stem[2]] {
      return "\(layerPrefix).\(layer).\(found).\(suffix)"
    }
    return name
  }

  private static let attentionAndMLP = [
    "attn_norm": "input_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj", "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
  ]

  private static let aroundLayers = [
    "token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head",
  ]

  private static let decoder = GGUFTensorNames(
    outside: aroundLayers, layerPrefix: "model.layers",
    inside: attentionAndMLP.merging(["ffn_norm": "post_attention_layernorm"]) { $1 })

  private static let gemma3 = GGUFTensorNames(
    outside: aroundLayers, layerPrefix: "model.layers",
    inside: attentionAndMLP.merging([
      "post_attention_norm": "post_attention_layernorm", "ffn_norm": "pre_feedforward_layernorm",
      "post_ffw_norm": "post_feedforward_layernorm",
    ]) { $1 })

  private static let gpt2 = GGUFTensorNames(
    outside: [
      "token_embd": "transformer.wte", "position_embd": "transformer.wpe", "output_norm": "transformer.ln_f",
      "output": "lm_head",
    ],
    layerPrefix: "transformer.h",
    inside: [
      "attn_norm": "ln_1", "attn_qkv": "attn.c_attn", "attn_output": "attn.c_proj", "ffn_norm": "ln_2",
      "ffn_up": "mlp.c_fc", "ffn_down": "mlp.c_proj",
    ])

  private static let phi3 = GGUFTensorNames(
    outside: aroundLayers, layerPrefix: "model.layers",
    inside: [
      "attn_norm": "input_layernorm", "attn_qkv": "self_attn.qkv_proj", "attn_output": "self_attn.o_proj",
      "ffn_norm": "post_attention_layernorm", "ffn_up": "mlp.gate_up_proj", "ffn_down": "mlp.down_proj",
    ])

  private static let bert = GGUFTensorNames(
    outside: [
      "token_embd": "embeddings.word_embeddings", "position_embd": "embeddings.position_embeddings",
      "token_types": "embeddings.token_type_embeddings", "token_embd_norm": "embeddings.LayerNorm",
    ],
    layerPrefix: "encoder.layer",
    inside: [
      "attn_q": "attention.self.query", "attn_k": "attention.self.key", "attn_v": "attention.self.value",
      "attn_output": "attention.output.dense", "attn_output_norm": "attention.output.LayerNorm",
      "ffn_up": "intermediate.dense", "ffn_down": "output.dense", "layer_output_norm": "output.LayerNorm",
    ])
}
