import MartletJSON
import MartletTensors

/// Translates a GGUF file's metadata into the members of the `config.json` that Hugging Face keeps of the same
/// model, so that an architecture reads one kind of configuration.
struct GGUFConfiguration {
  let file: GGUFModel
  let architecture: String
  private var members = JSONObject()

  /// The configuration of `file`.
  static func members(of file: GGUFModel) throws(CheckpointError) -> JSONObject {
    var translation = GGUFConfiguration(file: file, architecture: try file.architecture())
    try translation.translate()
    return translation.members
  }

  private init(file: GGUFModel, architecture: String) {
    self.file = file
    self.architecture = architecture
  }

  private mutating func translate() throws(CheckpointError) {
    members["model_type"] = .string(architecture == "gemma3" ? "gemma3_text" : architecture)
    try translateSizes()
    try translateNumbers()
    try translateRopeScaling()
    try translateSpecialTokens()
    switch architecture {
    case "bert": translateEncoder()
    case "gemma3": try translateGemma()
    default: members["hidden_act"] = "silu"
    }
    members["tie_word_embeddings"] = .bool(tensor("output.weight") == nil)
    if architecture != "bert" {
      members["attention_bias"] = .bool(tensor("blk.0.attn_q.bias") != nil)
      members["mlp_bias"] = .bool(tensor("blk.0.ffn_up.bias") != nil)
    }
  }

  private func tensor(_ name: String) -> TensorDescription? { file.description(of: name) }

  private func key(_ name: String) -> String { "\(architecture).\(name)" }

  private mutating func translateSizes() throws(CheckpointError) {
    try setInteger("hidden_size", "embedding_length")
    try setInteger("num_hidden_layers", "block_count")
    try setInteger("num_attention_heads", "attention.head_count")
    try setInteger("num_key_value_heads", "attention.head_count_kv")
    try setInteger("intermediate_size", "feed_forward_length")
    try setInteger("max_position_embeddings", "context_length")
    try setInteger("head_dim", "attention.key_length")
    try setInteger("sliding_window", "attention.sliding_window")
    try setInteger("num_local_experts", "expert_count")
    if members["num_key_value_heads"] == nil {
      members["num_key_value_heads"] = members["num_attention_heads"]
    }
    if members["head_dim"] == nil, let width = members["hidden_size"]?.intValue,
      let heads = members["num_attention_heads"]?.intValue, heads > 0
    {
      members["head_dim"] = JSON(width / heads)
    }
    if let rows = tensor("token_embd.weight")?.shape.first {
      members["vocab_size"] = JSON(rows)
    } else {
      try setInteger("vocab_size", "vocab_size")
    }
  }

  private mutating func translateNumbers() throws(CheckpointError) {
    try setFloat("rms_norm_eps", "attention.layer_norm_rms_epsilon")
    try setFloat("layer_norm_eps", "attention.layer_norm_epsilon")
    try setFloat("rope_theta", "rope.freq_base")
    if let rotated = try file.metadata.integer(key("rope.dimension_count")),
      let head = members["head_dim"]?.intValue, head > 0, rotated != head
    {
      members["partial_rotary_factor"] = JSON(Double(rotated) / Double(head))
    }
  }

  /// An integer, or a list with one for each layer where they are all the same.
  private mutating func setInteger(_ name: String, _ ggufName: String) throws(CheckpointError) {
    let key = key(ggufName)
    guard case .array(let array)? = file.metadata[key] else {
      if let value = try file.metadata.integer(key) { members[name] = JSON(value) }
      return
    }
    let values = try array.integers()
    guard let first = values.first, values.allSatisfy({ $0 == first }) else {
      throw .unsupported(
        file: file.path, what: "\(key) differs from layer to layer", advice: "Choose another model.")
    }
    members[name] = JSON(first)
  }

  private mutating func setFloat(_ name: String, _ ggufName: String) throws(CheckpointError) {
    if let value = try file.metadata.double(key(ggufName)) { members[name] = JSON(Float(value)) }
  }

  private mutating func translateSpecialTokens() throws(CheckpointError) {
    for name in ["bos_token_id", "eos_token_id"] {
      if let id = try file.metadata.integer("tokenizer.ggml.\(name)") { members[name] = JSON(id) }
    }
    if let id = try file.metadata.integer("tokenizer.ggml.padding_token_id") {
      members["pad_token_id"] = JSON(id)
    }
  }

  private mutating func translateEncoder() {
    members["hidden_act"] = "gelu"
    members["position_embedding_type"] = "absolute"
    if let rows = tensor("token_types.weight")?.shape.first { members["type_vocab_size"] = JSON(rows) }
  }

  /// What Gemma 3's file leaves to the program (ggml-org/llama.cpp, `src/llama-model.cpp`).
  private mutating func translateGemma() throws(CheckpointError) {
    members["hidden_activation"] = "gelu_pytorch_tanh"
    members["sliding_window_pattern"] = 6
    members["rope_local_base_freq"] = 10_000
    let layersOf27B = 62
    if members["num_hidden_layers"]?.intValue == layersOf27B, let width = members["hidden_size"]?.intValue,
      let heads = members["num_attention_heads"]?.intValue, heads > 0
    {
      members["query_pre_attn_scalar"] = JSON(width / heads)
    } else {
      members["query_pre_attn_scalar"] = members["head_dim"]
    }
  }

  /// `rope_scaling`. Where the file holds a divisor for each frequency, its type is "factors", a type of Martlet's.
  private mutating func translateRopeScaling() throws(CheckpointError) {
    if let factors = try ropeFactors() {
      members["rope_scaling"] = ["rope_type": "factors", "factors": .array(factors.map { JSON($0) })]
      return
    }
    // As in llama.cpp a factor without a type is linear, and old files name it otherwise.
    let type = try file.metadata.string(key("rope.scaling.type")) ?? "linear"
    let stated = try file.metadata.double(key("rope.scaling.factor"))
    let factor = try stated == nil ? file.metadata.double(key("rope.scale_linear")) : stated
    if type == "none" || type == "linear" && [nil, 0, 1].contains(factor) { return }
    var scaling: JSONObject = ["rope_type": .string(type)]
    if let factor { scaling["factor"] = JSON(Float(factor)) }
    if let length = try file.metadata.integer(key("rope.scaling.original_context_length")) {
      scaling["original_max_position_embeddings"] = JSON(length)
    }
    members["rope_scaling"] = .object(scaling)
  }

  private func ropeFactors() throws(CheckpointError) -> [Float]? {
    guard let tensor = tensor("rope_freqs.weight") else { return nil }
    guard tensor.format == .float32, tensor.shape.count == 1, tensor.elementCount <= 4_096 else {
      throw .unsupported(
        file: file.path,
        what: "rope_freqs.weight is \(tensor.shape) in \(tensor.format.rawValue), not a short F32 list",
        advice: "Choose another file of the model.")
    }
    return try file.reading(tensor.name) { (bytes) throws(CheckpointError) in
      (0..<tensor.elementCount).map {
        Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)))
      }
    }
  }
}
