import MartletJSON

/// `generation_config.json`, as transformers means it
/// (huggingface/transformers, `src/transformers/generation/configuration_utils.py`).
extension SamplingAdvice {
  private static let keys: [(key: String, parameter: Parameter)] = [
    ("temperature", .temperature), ("top_k", .topK), ("top_p", .topP), ("min_p", .minP),
    ("repetition_penalty", .repetitionPenalty),
  ]

  /// The advice of a file with these members.
  init(_ members: JSONObject, file: String) {
    for (key, parameter) in Self.keys {
      guard let value = members[key], !value.isNull else { continue }
      take(parameter, value.doubleValue, text: value.serialized(), key: key, file: file)
    }
    noteUnsupported(members, file)
    let samples = self.samples(members, file)
    let statesDraws = temperature != nil || topK != nil || topP != nil || minP != nil
    if samples == false { becomeGreedy(members, file) }
    // transformers writes only what differs from its own defaults: in a file that speaks of drawing, what is left out
    // is one of them, and not open.
    if samples != nil || statesDraws {
      temperature = temperature ?? 1
      topK = topK ?? 50
      topP = topP ?? 1
      minP = minP ?? 0
    }
    // Its penalty looks at all tokens, those of the prompt among them.
    if let repetitionPenalty, repetitionPenalty != 1 { penaltyWindow = -1 }
  }

  /// Whether the file says that tokens are drawn; nil where it does not say.
  private mutating func samples(_ members: JSONObject, _ file: String) -> Bool? {
    guard let value = members["do_sample"], !value.isNull else { return nil }
    if value.boolValue == nil {
      unfollowed.append(
        UnfollowedAdvice(
          file: file, key: "do_sample", value: value.serialized(), reason: "it must be true or false",
          parameter: .temperature))
    }
    return value.boolValue
  }

  /// `do_sample: false`. The values for draws stay, for a person who asks for a temperature; beside it they say
  /// two things at once, but for those that change nothing or are greedy, too.
  private mutating func becomeGreedy(_ members: JSONObject, _ file: String) {
    let idle = [
      ("temperature", temperature.map { $0 != 1 && $0 != 0 }), ("top_k", topK.map { $0 > 1 && $0 != 50 }),
      ("top_p", topP.map { $0 != 1 }), ("min_p", minP.map { $0 != 0 }),
    ]
    for (key, isStated) in idle where isStated == true {
      unfollowed.append(
        UnfollowedAdvice(
          file: file, key: key, value: members[key]?.serialized() ?? "",
          reason: "do_sample is false, so that the most probable token is taken", parameter: .temperature))
    }
    temperature = 0
  }

  /// What changes the choice of tokens in transformers and not here, with the value at which it is off; without one,
  /// an empty list is.
  private static let unsupported: [(key: String, off: Double?, concernsDraws: Bool)] = [
    ("typical_p", 1, true), ("top_h", nil, true), ("epsilon_cutoff", 0, true), ("eta_cutoff", 0, true),
    ("num_beams", 1, false), ("num_beam_groups", 1, false), ("diversity_penalty", 0, false),
    ("penalty_alpha", 0, false), ("dola_layers", nil, false), ("guidance_scale", 1, false),
    ("presence_penalty", 0, false), ("frequency_penalty", 0, false),
    ("encoder_repetition_penalty", 1, false), ("no_repeat_ngram_size", 0, false),
    ("encoder_no_repeat_ngram_size", 0, false), ("min_length", 0, false), ("min_new_tokens", 0, false),
    ("exponential_decay_length_penalty", nil, false), ("bad_words_ids", nil, false),
    ("force_words_ids", nil, false), ("constraints", nil, false), ("sequence_bias", nil, false),
    ("suppress_tokens", nil, false), ("begin_suppress_tokens", nil, false),
    ("forced_bos_token_id", nil, false), ("forced_eos_token_id", nil, false),
    ("forced_decoder_ids", nil, false), ("watermarking_config", nil, false), ("stop_strings", nil, false),
  ]

  private mutating func noteUnsupported(_ members: JSONObject, _ file: String) {
    for (key, off, concernsDraws) in Self.unsupported {
      guard let value = members[key], !Self.isOff(value, off) else { continue }
      unfollowed.append(
        UnfollowedAdvice(
          file: file, key: key, value: value.serialized(), reason: Self.reason(key),
          concernsDraws: concernsDraws))
    }
  }

  private static func isOff(_ value: JSON, _ off: Double?) -> Bool {
    switch value {
    case .null, .bool(false): true
    case .number(let number): number.doubleValue == off
    case .array(let elements): elements.isEmpty
    case .object(let members): members.keys.isEmpty
    case .bool(true), .string: false
    }
  }

  private static func reason(_ key: String) -> String {
    switch key {
    case "presence_penalty", "frequency_penalty":
      "transformers does not know it; --\(key.replacing("_", with: "-")) sets it"
    case "stop_strings": "--stop sets such texts"
    default: "Martlet does not have it"
    }
  }
}
