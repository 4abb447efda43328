import MartletCheckpoints
import MartletJSON

extension AdapterConfiguration {
  /// The settings that an `adapter_config.json` of peft states (huggingface/peft 0.21, `src/peft/tuners/lora/config.py`).
  ///
  /// Members that say how training began or ran are passed over. What changes the result and is not followed is refused
  /// by name, and so is a member that is not known, unless it is null, false or empty.
  /// - Parameters:
  ///   - members: The file's.
  ///   - file: Its path, for errors.
  /// - Throws: ``AdapterError/unsupportedSetting(file:key:value:advice:)`` or
  ///   ``AdapterError/invalidSetting(key:problem:)``.
  public init(members: JSONObject, file: String) throws(AdapterError) {
    try Self.refuseOthers(members, file: file)
    let reader = MemberReader(members: members)
    self.init(
      rank: try reader.integer("r") ?? 8, alpha: try reader.number("lora_alpha") ?? 8,
      dropout: try reader.number("lora_dropout") ?? 0)
    guard rank > 0 else { throw .invalidSetting(key: "r", problem: "is \(rank)") }
    targets = try reader.targets("target_modules") ?? .architectureDefault
    excluded = try reader.targets("exclude_modules")
    if excluded == .names([]) || excluded == .pattern("") { excluded = nil }
    blocks = try reader.integers("layers_to_transform")
    blockPatterns = try reader.strings("layers_pattern") ?? []
    for (pattern, value) in try reader.object("rank_pattern") {
      guard let rank = value.intValue, rank > 0 else {
        throw .invalidSetting(
          key: "rank_pattern", problem: "has \(value.serialized()) for \(pattern)")
      }
      rankOverrides.append(.init(pattern: pattern, value: rank))
    }
    for (pattern, value) in try reader.object("alpha_pattern") {
      guard let alpha = value.doubleValue else {
        throw .invalidSetting(
          key: "alpha_pattern", problem: "has \(value.serialized()) for \(pattern)")
      }
      alphaOverrides.append(.init(pattern: pattern, value: alpha))
    }
    usesRankStabilizedScaling = try reader.flag("use_rslora") ?? false
    modulesToSave = try reader.strings("modules_to_save") ?? []
    keepsHeadTied = try reader.flag("ensure_weight_tying") ?? false
    fanInFanOut = try reader.flag("fan_in_fan_out")
    baseModel = try reader.string("base_model_name_or_path")
    task = try reader.string("task_type")
    let stated = try reader.string("bias") ?? "none"
    guard let biases = Biases(rawValue: stated) else {
      throw .invalidSetting(key: "bias", problem: "is ‘\(stated)’, and is none, all or lora_only")
    }
    self.biases = biases
  }

  /// Members that are followed.
  private static let followed: Set<String> = [
    "r", "lora_alpha", "lora_dropout", "target_modules", "exclude_modules", "layers_to_transform",
    "layers_pattern", "rank_pattern", "alpha_pattern", "use_rslora", "modules_to_save",
    "ensure_weight_tying", "fan_in_fan_out", "base_model_name_or_path", "task_type", "bias",
    "peft_type",
    "init_lora_weights",
  ]

  /// Members that make no difference to what a trained adapter computes, whatever their values.
  private static let harmless: Set<String> = [
    "auto_mapping", "peft_version", "revision", "inference_mode", "loftq_config", "eva_config",
    "corda_config", "lora_ga_config", "megatron_config", "megatron_core", "qalora_group_size",
    "runtime_config",
  ]

  /// How the matrices may have begun. Others change the base's weights, too.
  private static let beginnings: Set<String> = ["gaussian", "eva", "orthogonal"]

  private static func refuseOthers(_ members: JSONObject, file: String) throws(AdapterError) {
    func refusal(_ key: String, _ value: JSON, _ advice: String) -> AdapterError {
      .unsupportedSetting(
        file: file, key: key, value: String(value.serialized().prefix(60)), advice: advice)
    }
    guard let type = members["peft_type"], !type.isNull else {
      throw .invalidSetting(key: "peft_type", problem: "is missing, so it is no adapter of peft")
    }
    guard type.stringValue == "LORA" else {
      throw refusal(
        "peft_type", type, "LORA is what is read. Merge the adapter with peft, and use the result.")
    }
    if let beginning = members["init_lora_weights"], !beginning.isNull, beginning.boolValue == nil,
      !beginnings.contains(beginning.stringValue ?? "")
    {
      throw refusal(
        "init_lora_weights", beginning,
        "It changes the base's weights. Save with path_initial_model_for_weight_conversion in peft."
      )
    }
    for (key, value) in members
    where !followed.contains(key) && !harmless.contains(key) && !isEmpty(value) {
      throw refusal(key, value, "Merge the adapter with peft, and use the result.")
    }
  }

  private static func isEmpty(_ value: JSON) -> Bool {
    switch value {
    case .null: true
    case .bool(let flag): !flag
    case .string(let text): text.isEmpty
    case .array(let values): values.isEmpty
    case .object(let members): members.isEmpty
    case .number: false
    }
  }
}

/// Reads members, with errors that name them. Null is as good as missing.
private struct MemberReader {
  let members: JSONObject

  private func present(_ key: String) -> JSON? {
    // Not the conditional operator: its nil would become JSON's null.
    guard let value = members[key], !value.isNull else { return nil }
    return value
  }

  private func invalid(_ key: String, _ value: JSON, _ needed: String) -> AdapterError {
    .invalidSetting(
      key: key, problem: "is \(value.serialized().prefix(60)), and \(needed) is needed")
  }

  func integer(_ key: String) throws(AdapterError) -> Int? {
    guard let value = present(key) else { return nil }
    guard let number = value.intValue, abs(number) < 1 << 24 else {
      throw invalid(key, value, "a whole number")
    }
    return number
  }

  func number(_ key: String) throws(AdapterError) -> Double? {
    guard let value = present(key) else { return nil }
    guard let number = value.doubleValue, number.isFinite else {
      throw invalid(key, value, "a number")
    }
    return number
  }

  func flag(_ key: String) throws(AdapterError) -> Bool? {
    guard let value = present(key) else { return nil }
    guard let flag = value.boolValue else { throw invalid(key, value, "true or false") }
    return flag
  }

  func string(_ key: String) throws(AdapterError) -> String? {
    guard let value = present(key) else { return nil }
    guard let text = value.stringValue else { throw invalid(key, value, "a text") }
    return text.isEmpty ? nil : text
  }

  /// A list of texts, or one.
  func strings(_ key: String) throws(AdapterError) -> [String]? {
    guard let value = present(key) else { return nil }
    if let text = value.stringValue { return text.isEmpty ? nil : [text] }
    guard let list = value.arrayValue, list.allSatisfy({ $0.stringValue != nil }) else {
      throw invalid(key, value, "a list of texts")
    }
    return list.compactMap(\.stringValue)
  }

  /// A list of whole numbers, or one.
  func integers(_ key: String) throws(AdapterError) -> [Int]? {
    guard let value = present(key) else { return nil }
    if let number = value.intValue { return [number] }
    guard let list = value.arrayValue, list.allSatisfy({ $0.intValue != nil }) else {
      throw invalid(key, value, "a list of whole numbers")
    }
    return list.compactMap(\.intValue)
  }

  func object(_ key: String) throws(AdapterError) -> JSONObject {
    guard let value = present(key) else { return [:] }
    guard let object = value.objectValue else { throw invalid(key, value, "an object") }
    return object
  }

  func targets(_ key: String) throws(AdapterError) -> AdapterConfiguration.Targets? {
    guard let value = present(key) else { return nil }
    if let text = value.stringValue {
      return text.lowercased() == "all-linear" ? .allLinear : .pattern(text)
    }
    return .names(try strings(key) ?? [])
  }
}
