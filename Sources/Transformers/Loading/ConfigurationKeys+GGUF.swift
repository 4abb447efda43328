import MartletJSON

extension ConfigurationKeys {
  /// The keys under an architecture's name (gguf-py's `constants.py`, and what llama.cpp reads of them).
  static func gguf(_ key: String, _ configuration: JSONObject, isEncoder: Bool) -> Treatment? {
    switch key {
    case "attention.sliding_window" where hasNoWindow(configuration):
      let window = configuration["sliding_window"]?.intValue ?? 0
      let context = configuration["max_position_embeddings"]?.intValue ?? .max
      return window >= context
        ? .accepted : .warned("each token sees all before it, not the last \(window) alone, as in llama.cpp.")
    case "pooling_type" where !isEncoder:
      return .warned("the model was made to turn texts into vectors, and generates here all the same.")
    default: break
    }
    if ggufFollowed.contains(key) || ggufHarmless.contains(key) { return .accepted }
    let head = configuration["head_dim"] ?? .null
    switch key {
    case "rope.dimension_count", "attention.value_length": return .exactly([head])
    case "rope.scaling.type": return .only(["none", "linear"])
    case "attention.scale": return .only([JSON(1 / (head.doubleValue ?? 1).squareRoot())])
    case "attention.causal": return .exactly([.bool(!isEncoder)])
    case "embedding_length_out": return .only([configuration["hidden_size"] ?? .null])
    case "logit_scale", "residual_scale", "embedding_scale", "attention.output_scale",
      "rope.scaling.attn_factor",
      "full_attention_interval", "interleave_moe_layer_step":
      return .only([1])
    default:
      let isKnown =
        ggufUnfollowed.contains(key) || ggufUnfollowedPrefixes.contains { key.hasPrefix($0) }
      return isKnown ? .off : nil
    }
  }

  /// Architectures whose layers see everything before a token, whatever the file says.
  private static func hasNoWindow(_ configuration: JSONObject) -> Bool {
    ["llama", "qwen2", "qwen3"].contains(configuration["model_type"]?.stringValue)
  }

  /// Read by `GGUFConfiguration`, by the architectures and for pooling.
  private static let ggufFollowed: Set<String> = [
    "vocab_size", "context_length", "embedding_length", "block_count", "feed_forward_length",
    "attention.head_count", "attention.head_count_kv", "attention.key_length", "attention.layer_norm_epsilon",
    "attention.layer_norm_rms_epsilon", "attention.sliding_window", "rope.freq_base", "rope.scaling.factor",
    "rope.scale_linear", "rope.scaling.original_context_length", "pooling_type",
  ]

  /// Remarks on how a file was made, and what only matters beside settings that are refused.
  private static let ggufHarmless: Set<String> = [
    // How the model was trained, and how its rows were laid out before the file was made.
    "rope.scaling.finetuned", "tensor_data_layout",
    // Of the scaling yarn, which is refused by its type.
    "rope.scaling.yarn_log_multiplier", "rope.scaling.yarn_ext_factor", "rope.scaling.yarn_attn_factor",
    "rope.scaling.yarn_beta_fast", "rope.scaling.yarn_beta_slow",
    // The names of a classifier's outputs; its weights would be refused.
    "classifier.output_labels",
  ]

  /// Keys that change what llama.cpp computes, and are not followed here.
  private static let ggufUnfollowed: Set<String> = [
    "features_length", "leading_dense_block_count", "use_parallel_residual", "moe_every_n_layers",
    "moe_latent_size", "nextn_predict_layers", "n_deepstack_layers", "decoder_start_token_id",
    "decoder_block_count", "attn_logit_softcapping", "router_logit_softcapping", "final_logit_softcapping",
    "swin_norm", "rescale_every_n_layers", "time_mix_extra_dim", "time_decay_extra_dim", "token_shift_count",
    "activation_sparsity_scale", "embedding_length_per_layer_input", "attention.max_alibi_bias",
    "attention.clamp_kqv", "attention.group_norm_epsilon", "attention.group_norm_groups",
    "attention.q_lora_rank", "attention.kv_lora_rank", "attention.decay_lora_rank",
    "attention.iclr_lora_rank", "attention.value_residual_mix_lora_rank", "attention.gate_lora_rank",
    "attention.relative_buckets_count", "attention.temperature_length", "attention.temperature_scale",
    "attention.key_length_mla", "attention.value_length_mla", "attention.key_length_swa",
    "attention.value_length_swa", "attention.shared_kv_layers", "attention.sliding_window_pattern",
    "rope.dimension_count_swa", "rope.dimension_sections", "rope.freq_base_swa", "rope.scaling.alpha",
  ]

  /// What such keys begin with: mixtures of experts, state spaces, the projections behind an embedder's pooling.
  private static let ggufUnfollowedPrefixes = [
    "expert", "altup.", "swiglu_clamp", "ssm.", "kda.", "wkv.", "posnet.", "convnext.", "shortconv.",
    "attention.indexer.", "dense_", "xielu.",
  ]
}
