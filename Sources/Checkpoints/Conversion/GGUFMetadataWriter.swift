import MartletJSON
import MartletTokenizers

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Says in GGUF's keys what a folder's files say: ``GGUFConfiguration`` the other way round.
struct GGUFMetadataWriter {
  let checkpoint: Checkpoint
  let names: ArchitectureNames
  var header = GGUFHeader()
  var warnings: [String] = []

  var configuration: JSONObject { checkpoint.configuration }

  init(checkpoint: Checkpoint, names: ArchitectureNames) {
    (self.checkpoint, self.names) = (checkpoint, names)
  }

  mutating func write() throws(CheckpointError) {
    writeGeneral()
    try refuseWhatHasNoKey()
    try writeSizes()
    if names.isEncoder { try writeEncoder() } else { try writeRope() }
    if names.modelType == "gemma3_text" { try writeGemma() }
    writeSampling()
  }

  func unsupported(_ key: String, _ reason: String) -> CheckpointError {
    .unsupported(
      file: checkpoint.path,
      what: "Its configuration sets \"\(key)\" to what GGUF has no key for (\(reason))",
      advice: "Choose another model: the result would compute something else.")
  }

  private func key(_ name: String) -> String { "\(names.gguf).\(name)" }

  private mutating func writeGeneral() {
    header.set("general.architecture", .string(names.gguf))
    header.set("general.type", .string("model"))
    let stated = configuration["_name_or_path"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
    let parts = (stated ?? checkpoint.path).split(separator: "/")
    header.set("general.name", .string(parts.last.map(String.init) ?? names.modelType))
    if let license = checkpoint.license { header.set("general.license", .string(license)) }
    if !checkpoint.languages.isEmpty { header.set("general.languages", .strings(checkpoint.languages)) }
  }

  /// Settings that change what is computed and have no key, so that whoever reads the file computes without them.
  private mutating func refuseWhatHasNoKey() throws(CheckpointError) {
    for key in ["quantization_config", "num_local_experts", "num_experts", "attn_logit_softcapping"] {
      guard let value = configuration[key], !value.isNull, value.intValue != 0 else { continue }
      throw unsupported(key, String(value.serialized().prefix(60)))
    }
    let activation = names.isEncoder ? "gelu" : "silu"
    if let stated = configuration["hidden_act"]?.stringValue, stated != activation,
      names.modelType != "gemma3_text"
    {
      throw unsupported("hidden_act", "\(stated); llama.cpp computes \(activation)")
    }
    if configuration["use_sliding_window"]?.boolValue == true {
      throw unsupported("use_sliding_window", "true")
    }
    if names.modelType == "mistral", let window = configuration["sliding_window"]?.intValue {
      warnings.append(
        "The window of \(window) tokens is left out: GGUF's llama has none, and longer texts are attended to whole."
      )
    }
  }

  private mutating func writeSizes() throws(CheckpointError) {
    try setInteger("block_count", "num_hidden_layers")
    try setInteger("context_length", "max_position_embeddings")
    try setInteger("embedding_length", "hidden_size")
    try setInteger("feed_forward_length", "intermediate_size")
    try setInteger("attention.head_count", "num_attention_heads")
    if names.isEncoder { return }
    try setInteger("vocab_size", "vocab_size")
    header.set(key("attention.head_count_kv"), .uint32(try count("num_key_value_heads", else: heads)))
    let width = try headWidth
    header.set(key("attention.key_length"), .uint32(width))
    header.set(key("attention.value_length"), .uint32(width))
    header.set(
      key("attention.layer_norm_rms_epsilon"),
      .float32(Float(configuration["rms_norm_eps"]?.doubleValue ?? 1e-6)))
  }

  private var heads: UInt32 { get throws(CheckpointError) { try count("num_attention_heads") } }

  private var headWidth: UInt32 {
    get throws(CheckpointError) {
      if configuration["head_dim"]?.intValue != nil { return try count("head_dim") }
      return try count("hidden_size") / max(1, heads)
    }
  }

  private mutating func setInteger(_ name: String, _ member: String) throws(CheckpointError) {
    header.set(key(name), .uint32(try count(member)))
  }

  /// No size of a model is larger.
  private static let largestCount = 1 << 24

  private func count(_ member: String, else standard: UInt32? = nil) throws(CheckpointError) -> UInt32 {
    if let value = configuration[member]?.intValue, (1...Self.largestCount).contains(value) {
      return UInt32(value)
    }
    if let standard, configuration[member] == nil || configuration[member] == .null { return standard }
    throw .malformed(
      file: checkpoint.path, field: "config.json: \(member)", offset: nil,
      problem: "it is \(configuration[member]?.serialized() ?? "missing"), and a count is needed")
  }

  private mutating func writeEncoder() throws(CheckpointError) {
    header.set(key("attention.causal"), .bool(false))
    header.set(
      key("attention.layer_norm_epsilon"),
      .float32(Float(configuration["layer_norm_eps"]?.doubleValue ?? 1e-12)))
    header.set(
      "tokenizer.ggml.token_type_count", .uint32(try count("type_vocab_size", else: 2)))
    guard let embedding = checkpoint.sentenceEmbedding, embedding.isStated else { return }
    let type: UInt32? =
      switch embedding.pooling {
      case .mean: 1
      case .firstToken: 2
      case .lastToken: 3
      default: nil
      }
    guard let type else { throw unsupported("pooling_mode", embedding.pooling.rawValue) }
    header.set(key("pooling_type"), .uint32(type))
    if !embedding.normalizes {
      warnings.append("GGUF does not say that vectors are not normalized; llama.cpp scales them to length 1.")
    }
    let positions = configuration["max_position_embeddings"]?.intValue ?? 0
    if embedding.maximumSequenceLength < positions {
      warnings.append(
        "GGUF does not say that texts are cut after \(embedding.maximumSequenceLength) tokens; from the file they count up to \(positions)."
      )
    }
    if !embedding.prompts.isEmpty {
      warnings.append(
        "GGUF has no place for the model's prompts (\(embedding.prompts.keys.sorted().joined(separator: ", "))): put them before texts yourself."
      )
    }
  }

  // MARK: Rotary embeddings

  /// `rope_parameters` of transformers 5, or the members of earlier versions.
  private var rope: JSONObject {
    var rope =
      configuration["rope_parameters"]?.objectValue ?? configuration["rope_scaling"]?.objectValue ?? [:]
    // Gemma's layers that attend to all tokens.
    if let full = rope["full_attention"]?.objectValue { rope = full }
    return rope
  }

  private var ropeBase: Double {
    rope["rope_theta"]?.doubleValue ?? configuration["rope_theta"]?.doubleValue ?? 10_000
  }

  private var ropeType: String { (rope["rope_type"] ?? rope["type"])?.stringValue ?? "default" }

  private mutating func writeRope() throws(CheckpointError) {
    header.set(key("rope.freq_base"), .float32(Float(ropeBase)))
    let width = try headWidth
    let part =
      (rope["partial_rotary_factor"] ?? configuration["partial_rotary_factor"])?.doubleValue ?? 1
    guard part > 0, part <= 1 else { throw unsupported("partial_rotary_factor", "\(part)") }
    header.set(key("rope.dimension_count"), .uint32(UInt32(Double(width) * part)))
    switch ropeType {
    case "default", "llama3": break
    case "linear":
      header.set(key("rope.scaling.type"), .string("linear"))
      header.set(key("rope.scaling.factor"), .float32(Float(rope["factor"]?.doubleValue ?? 1)))
    case "yarn": try writeYarn()
    case let other: throw unsupported("rope_scaling", "type \(other)")
    }
  }

  private mutating func writeYarn() throws(CheckpointError) {
    let known: Set<String> = [
      "rope_type", "type", "rope_theta", "factor", "original_max_position_embeddings", "beta_fast",
      "beta_slow", "partial_rotary_factor",
    ]
    if let other = rope.first(where: { !known.contains($0.key) && !$0.value.isNull }) {
      throw unsupported("rope_scaling", "yarn with \(other.key)")
    }
    header.set(key("rope.scaling.type"), .string("yarn"))
    header.set(key("rope.scaling.factor"), .float32(Float(rope["factor"]?.doubleValue ?? 1)))
    let positions = configuration["max_position_embeddings"]?.intValue ?? 0
    let original = rope["original_max_position_embeddings"]?.intValue ?? positions
    header.set(key("rope.scaling.original_context_length"), .uint32(UInt32(clamping: original)))
    for (member, name) in [("beta_fast", "yarn_beta_fast"), ("beta_slow", "yarn_beta_slow")] {
      if let value = rope[member]?.doubleValue {
        header.set(key("rope.scaling.\(name)"), .float32(Float(value)))
      }
    }
  }

  /// The divisors of Llama 3's frequencies, which GGUF has as a tensor; nil for other models.
  func ropeFactors() throws(CheckpointError) -> [Float]? {
    guard !names.isEncoder, ropeType == "llama3" else { return nil }
    let factors = Llama3Factors(rope, base: ropeBase, headWidth: Int(try headWidth))
    return factors.divisors
  }

  // MARK: Gemma 3

  /// What llama.cpp takes for granted of Gemma 3 must be so.
  private mutating func writeGemma() throws(CheckpointError) {
    try setInteger("attention.sliding_window", "sliding_window")
    let layers = Int(try count("num_hidden_layers"))
    let width = Int(try headWidth)
    let layersOf27B = 62
    let scalar =
      layers == layersOf27B ? Int(try count("hidden_size")) / max(1, Int(try heads)) : width
    if let stated = configuration["query_pre_attn_scalar"]?.doubleValue, stated != Double(scalar) {
      throw unsupported("query_pre_attn_scalar", "\(stated); llama.cpp computes \(scalar)")
    }
    let pattern =
      (configuration["sliding_window_pattern"] ?? configuration["_sliding_window_pattern"])?.intValue ?? 6
    let types = configuration["layer_types"]?.arrayValue?.compactMap(\.stringValue)
    let isUsual = types.map { types in
      types.count == layers
        && types.enumerated().allSatisfy { index, type in
          type == ((index + 1).isMultiple(of: 6) ? "full_attention" : "sliding_attention")
        }
    }
    guard isUsual ?? (pattern == 6) else {
      throw unsupported("layer_types", "llama.cpp has a full layer after five sliding ones")
    }
    let sliding = configuration["rope_parameters"]?["sliding_attention"]
    let local = sliding?["rope_theta"]?.doubleValue ?? configuration["rope_local_base_freq"]?.doubleValue
    guard local ?? 10_000 == 10_000 else { throw unsupported("rope_local_base_freq", "\(local ?? 0)") }
    if let cap = configuration["final_logit_softcapping"], !cap.isNull {
      throw unsupported("final_logit_softcapping", cap.serialized())
    }
  }

  // MARK: Sampling

  private mutating func writeSampling() {
    let advice = checkpoint.generationConfiguration.sampling
    func set(_ key: String, _ value: Float?) {
      if let value { header.set("general.sampling.\(key)", .float32(value)) }
    }
    set("temp", advice.temperature)
    if let topK = advice.topK { header.set("general.sampling.top_k", .int32(Int32(clamping: topK))) }
    set("top_p", advice.topP)
    set("min_p", advice.minP)
    if let penalty = advice.repetitionPenalty, penalty != 1 {
      set("penalty_repeat", penalty)
      header.set(
        "general.sampling.penalty_last_n", .int32(Int32(clamping: advice.penaltyWindow ?? -1)))
    }
    warnings += advice.unfollowed.map { "\($0.key) of generation_config.json is left out: \($0.reason)." }
  }
}

/// What Llama 3.1 divides its rotary frequencies by
/// (huggingface/transformers, `modeling_rope_utils.py`, `_compute_llama3_parameters`).
struct Llama3Factors: Equatable {
  let divisors: [Float]

  init(_ rope: JSONObject, base: Double, headWidth: Int) {
    func value(_ key: String, _ standard: Double) -> Double { rope[key]?.doubleValue ?? standard }
    self.init(
      factor: value("factor", 8), low: value("low_freq_factor", 1), high: value("high_freq_factor", 4),
      original: value("original_max_position_embeddings", 8_192), base: base, headWidth: headWidth)
  }

  init(factor: Double, low: Double, high: Double, original: Double, base: Double, headWidth: Int) {
    divisors = stride(from: 0, to: headWidth, by: 2).map { index in
      let frequency = Float(1) / Self.power(Float(base), Float(index) / Float(headWidth))
      let wavelength = 2 * Double.pi / Double(frequency)
      if wavelength < original / high { return 1 }
      if wavelength > original / low { return Float(factor) }
      let smooth = (original / wavelength - low) / (high - low)
      return Float(1 / ((1 - smooth) / factor + smooth))
    }
  }

  private static func power(_ base: Float, _ exponent: Float) -> Float {
    Float(pow(Double(base), Double(exponent)))
  }
}
