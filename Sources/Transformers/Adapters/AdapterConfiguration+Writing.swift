import MartletJSON

extension AdapterConfiguration {
  /// The members of `adapter_config.json`, with those that peft 0.21 writes and Martlet has no setting for at their
  /// defaults.
  public var members: JSONObject {
    func list(_ names: [String]) -> JSON { .array(names.map { .string($0) }) }
    func text(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }
    func targets(_ targets: Targets?) -> JSON {
      switch targets {
      case nil, .architectureDefault: .null
      case .names(let names): list(names)
      case .pattern(let pattern): .string(pattern)
      case .allLinear: "all-linear"
      }
    }
    return [
      "alora_invocation_tokens": nil,
      "alpha_pattern": .object(
        JSONObject(alphaOverrides.map { ($0.pattern, Self.number($0.value)) })),
      "arrow_config": nil, "auto_mapping": nil, "base_model_name_or_path": text(baseModel),
      "bias": .string(biases.rawValue), "corda_config": nil,
      "ensure_weight_tying": .bool(keepsHeadTied), "eva_config": nil,
      "exclude_modules": targets(excluded), "fan_in_fan_out": .bool(fanInFanOut ?? false),
      "inference_mode": true, "init_lora_weights": true, "kasa_config": nil,
      "layer_replication": nil,
      "layers_pattern": blockPatterns.isEmpty ? .null : list(blockPatterns),
      "layers_to_transform": blocks.map { .array($0.map { JSON($0) }) } ?? .null,
      "loftq_config": [:], "lora_alpha": Self.number(alpha), "lora_bias": false,
      "lora_dropout": JSON(dropout), "lora_ga_config": nil, "megatron_config": nil,
      "megatron_core": "megatron.core",
      "modules_to_save": modulesToSave.isEmpty ? .null : list(modulesToSave), "peft_type": "LORA",
      "qalora_group_size": 16, "r": JSON(rank),
      "rank_pattern": .object(JSONObject(rankOverrides.map { ($0.pattern, JSON($0.value)) })),
      "revision": nil, "target_modules": targets(self.targets), "target_parameters": nil,
      "task_type": text(task ?? "CAUSAL_LM"), "trainable_token_indices": nil, "use_dora": false,
      "use_qalora": false, "use_rslora": .bool(usesRankStabilizedScaling),
    ]
  }

  /// A whole number without a fraction: `16`, not `16.0`.
  private static func number(_ value: Double) -> JSON {
    value == value.rounded() && abs(value) < 0x1p53 ? JSON(Int(value)) : JSON(value)
  }
}
