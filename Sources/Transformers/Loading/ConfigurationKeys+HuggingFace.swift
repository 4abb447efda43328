import MartletJSON

extension ConfigurationKeys {
  /// The members of a `config.json` (transformers' configuration classes, and what older versions wrote).
  static func huggingFace(_ key: String, architecture: String) -> Treatment? {
    if let own = huggingFaceOwn(key, architecture) { return own }
    if followed.contains(key) || harmless.contains(key) { return .accepted }
    if unfollowed.contains(key) { return .off }
    return unfollowedScales.contains(key) ? .only([1]) : nil
  }

  /// Members that are something else from architecture to architecture.
  private static func huggingFaceOwn(_ key: String, _ architecture: String) -> Treatment? {
    if followedByOne[architecture]?.contains(key) == true { return .accepted }
    let isEncoder = PretrainedModels.encoders.contains(architecture)
    switch key {
    // Decoders attend to earlier tokens whatever this says; an encoder would begin to.
    case "is_decoder": return isEncoder ? .off : .accepted
    case "attention_bias", "mlp_bias": return .off
    // Llama's classes do not read it, in BERT there is none. Qwen's needs use_sliding_window, which is refused.
    case "sliding_window": return .accepted
    case "use_sliding_window": return architecture.hasPrefix("qwen") ? .off : .accepted
    case "layer_types":
      return .only(architecture == "mistral" ? ["full_attention", "sliding_attention"] : ["full_attention"])
    case "head_dim": return .accepted
    case "position_embedding_type": return isEncoder ? .accepted : .only(["absolute"])
    case "partial_rotary_factor" where !isEncoder && !["gpt2", "phi3"].contains(architecture):
      return .warned(
        "transformers leaves it out where positions are not scaled, and so does Martlet.", unless: [1])
    case "rope_theta", "rope_scaling", "rope_parameters", "partial_rotary_factor":
      return isEncoder || architecture == "gpt2" ? .off : .accepted
    // DistilBERT's table of positions is in its file, computed or learned.
    case "sinusoidal_pos_embds": return architecture == "distilbert" ? .accepted : nil
    default: return nil
    }
  }

  /// What one architecture follows and others do not have.
  private static let followedByOne: [String: Set<String>] = [
    "llama": ["attention_bias", "mlp_bias"],
    "qwen3": ["attention_bias"],
    "gemma3_text": [
      "attention_bias", "hidden_activation", "query_pre_attn_scalar", "layer_types", "rope_local_base_freq",
      "sliding_window_pattern", "_sliding_window_pattern",
    ],
    "gpt2": ["scale_attn_weights", "scale_attn_by_inverse_layer_idx"],
    "mpnet": ["relative_attention_num_buckets"],
  ]

  /// Read by the architectures.
  private static let followed: Set<String> = [
    "model_type", "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads",
    "num_key_value_heads", "intermediate_size", "max_position_embeddings", "hidden_act", "rms_norm_eps",
    "layer_norm_eps", "type_vocab_size", "tie_word_embeddings", "original_max_position_embeddings",
  ]

  private static let harmless: Set<String> = [
    // Who made the file, with what, and in which format.
    "architectures", "transformers_version", "_name_or_path", "name_or_path", "_commit_hash", "torch_dtype",
    "dtype", "unsloth_version", "unsloth_fixed", "tokenizer_class", "auto_map", "model_max_length",
    "max_sequence_length", "n_ctx", "is_llama_config", "transformers.js_config", "model_parallel_size",
    "neftune_noise_alpha",
    // Training only.
    "initializer_range", "initializer_factor", "attention_dropout", "hidden_dropout", "hidden_dropout_prob",
    "attention_probs_dropout_prob", "classifier_dropout", "resid_pdrop", "embd_pdrop", "attn_pdrop",
    "dropout", "qa_dropout", "seq_classif_dropout", "summary_first_dropout", "tie_weights_",
    "gradient_checkpointing", "tf_legacy_loss", "pretraining_tp", "rope_finetuned",
    // How Python computes and what it hands back; in float32 the order of a product makes no difference.
    "reorder_and_upcast_attn",
    "use_cache", "use_bfloat16", "torchscript", "return_dict", "output_hidden_states", "output_attentions",
    "chunk_size_feed_forward", "attn_implementation", "_attn_implementation", "_attn_implementation_autoset",
    "_attn_implementation_internal", "_experts_implementation_internal", "experts_implementation",
    "_flash_attn_2_enabled", "use_flash_attn", "tie_last_hidden_states", "cache_implementation",
    // Tokens, which the tokenizer and the chat know of.
    "bos_token_id", "eos_token_id", "pad_token_id", "sep_token_id", "unk_token_id", "cls_token_id",
    "mask_token_id", "decoder_start_token_id", "prefix",
    // Classifiers' heads and BERT's pooler, which the heads read and an embedding does without; GPT-2's summary, which
    // models of double heads alone have; how a cross-encoder's makers show its scores.
    "summary_type", "summary_use_proj", "summary_activation", "summary_proj_to_labels",
    "sentence_transformers",
    "sbert_ce_default_activation_function",
    "id2label", "label2id", "num_labels", "problem_type", "finetuning_task", "task_specific_params",
    "pooler_fc_size", "pooler_num_attention_heads", "pooler_num_fc_layers", "pooler_size_per_head",
    "pooler_type", "directionality", "cross_attention_hidden_size", "tie_encoder_decoder",
    // Where a window would begin if use_sliding_window were true.
    "max_window_layers",
    // Generating, which generation_config.json decides.
    "assistant_confidence_threshold", "assistant_lookbehind", "bad_words_ids", "begin_suppress_tokens",
    "diversity_penalty", "do_sample", "early_stopping", "encoder_no_repeat_ngram_size",
    "encoder_repetition_penalty", "epsilon_cutoff", "eta_cutoff", "exponential_decay_length_penalty",
    "forced_bos_token_id", "forced_eos_token_id", "length_penalty", "max_length", "max_new_tokens",
    "min_length", "no_repeat_ngram_size", "num_assistant_tokens", "num_assistant_tokens_schedule",
    "num_beam_groups", "num_beams", "num_return_sequences", "output_scores", "remove_invalid_values",
    "repetition_penalty", "return_dict_in_generate", "suppress_tokens", "target_lookbehind", "temperature",
    "top_k", "top_p", "typical_p",
  ]

  /// Members that mean other mathematics in some architecture or in its makers' own code.
  private static let unfollowed: Set<String> = [
    "quantization_config", "compression_config", "is_encoder_decoder", "add_cross_attention", "pruned_heads",
    "per_layer_config", "attn_logit_softcapping", "final_logit_softcapping", "logits_soft_cap",
    "query_pre_attn_scalar", "clip_qkv", "alibi", "use_alibi", "max_alibi_bias", "relative_attention",
    "relative_attention_num_buckets", "relative_attention_max_distance", "max_relative_positions",
    "rope_interleaved", "rope_interleave", "no_rope_layers", "no_rope_layer_interval", "rope_local_base_freq",
    "use_parallel_residual", "parallel_attn", "use_qk_norm", "qk_norm", "qk_layernorm", "num_experts",
    "num_local_experts", "n_routed_experts", "n_shared_experts", "num_experts_per_tok",
    "moe_intermediate_size", "sliding_window_pattern", "attn_temperature_tuning", "attention_sinks",
    "embedding_size", "scale_depth", "scale_emb", "dim_model_base", "use_mup", "use_mrope",
    "num_nextn_predict_layers",
    "use_bidirectional_attention",
    "lora_rank", "qkv_bias", "use_bias", "bias", "lm_head_bias", "norm_bias", "kv_lora_rank", "q_lora_rank",
  ]

  /// Factors, of which 1 changes nothing.
  private static let unfollowedScales: Set<String> = [
    "logit_scale", "embedding_multiplier", "residual_multiplier", "logits_scaling", "attention_multiplier",
    "rope_scaling_factor", "embedding_scale",
  ]
}
