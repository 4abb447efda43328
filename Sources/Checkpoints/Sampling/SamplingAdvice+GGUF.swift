/// The metadata `general.sampling.*`, as llama.cpp means them (ggml-org/llama.cpp, `common/common.cpp`,
/// `common_init_sampler_from_model`). What they leave out is open: llama.cpp then takes its own defaults.
extension SamplingAdvice {
  private static let prefix = "general.sampling."

  /// The advice of a file with these metadata.
  init(_ metadata: GGUFMetadata, file: String) {
    for key in metadata.keys where key.hasPrefix(Self.prefix) {
      guard let value = metadata[key] else { continue }
      let text = value.text
      func take(_ parameter: Parameter) {
        self.take(parameter, value.doubleValue, text: text, key: key, file: file)
      }
      switch key.dropFirst(Self.prefix.count) {
      case "temp": take(.temperature)
      case "top_k": take(.topK)
      case "top_p": take(.topP)
      case "min_p": take(.minP)
      case "penalty_repeat": take(.repetitionPenalty)
      case "penalty_last_n": take(.penaltyWindow)
      // Off at 0; without them the other keys of their methods say nothing.
      case "xtc_probability", "mirostat": if value.doubleValue != 0 { note(key, text, file) }
      case "xtc_threshold", "mirostat_tau", "mirostat_eta": break
      // Its place in the file does not matter: it has the last word on what is done at all.
      case "sequence": break
      default: note(key, text, file)
      }
    }
    if case .string(let names)? = metadata[Self.prefix + "sequence"], !names.isEmpty {
      follow(sequence: names, file)
    } else if let value = metadata[Self.prefix + "sequence"] {
      note(Self.prefix + "sequence", value.text, file, "it must be names with semicolons between them")
    }
  }

  private mutating func note(
    _ key: String, _ text: String, _ file: String, _ reason: String = "Martlet does not have it"
  ) {
    unfollowed.append(
      UnfollowedAdvice(file: file, key: key, value: text, reason: reason, concernsDraws: true))
  }

  /// The steps that Martlet has, in its order.
  private static let steps = ["penalties", "top_k", "top_p", "min_p", "temperature"]
  /// Other names of llama.cpp for them.
  private static let alternatives = [
    "top-k": "top_k", "top-p": "top_p", "nucleus": "top_p", "min-p": "min_p", "temp": "temperature",
  ]
  /// Steps of llama.cpp that do nothing unless a value that no key states says otherwise.
  private static let idle: Set = [
    "dry", "top_n_sigma", "top-n-sigma", "typ_p", "typ-p", "typ", "typical", "typical-p", "xtc", "adaptive_p",
    "adaptive-p",
  ]

  /// The steps that are done, in their order: what is not among them is off, whatever value it has.
  private mutating func follow(sequence: String, _ file: String) {
    let key = Self.prefix + "sequence"
    let names = sequence.split(separator: ";").map { Self.alternatives[String($0)] ?? String($0) }
    let steps = names.filter(Self.steps.contains)
    let unknown = names.filter { !Self.steps.contains($0) && !Self.idle.contains($0) }
    if !unknown.isEmpty {
      note(key, sequence, file, "Martlet does not have the step \(unknown.joined(separator: ", "))")
    }
    guard !steps.isEmpty || unknown.isEmpty else { return }
    if steps != Self.steps.filter(steps.contains) {
      note(key, sequence, file, "the order here is \(Self.steps.joined(separator: ";"))")
    }
    if !steps.contains("penalties") { repetitionPenalty = 1 }
    if !steps.contains("top_k") { topK = 0 }
    if !steps.contains("top_p") { topP = 1 }
    if !steps.contains("min_p") { minP = 0 }
    if !steps.contains("temperature") { temperature = 1 }
  }
}

extension GGUFValue {
  /// The value for messages; of an array, what it is.
  fileprivate var text: String {
    switch self {
    case .unsigned(let value): "\(value)"
    case .signed(let value): "\(value)"
    // A float of four bytes would show the digits of one of eight.
    case .float(let value): Double(Float(value)) == value ? "\(Float(value))" : "\(value)"
    case .bool(let value): "\(value)"
    case .string(let value): "‘\(value)’"
    case .array: kind
    }
  }
}
