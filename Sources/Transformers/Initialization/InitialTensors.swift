import MartletTensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The tensors of a model that has learned nothing, in the order of the architecture, each with the way in which
/// transformers' `_init_weights` fills it.
struct InitialTensors {
  /// How a tensor is filled.
  enum Values: Equatable {
    case zeros
    case ones
    /// Drawn from a normal distribution around 0. A row may be zero: that of the token that fills batches up.
    case normal(deviation: Float, zeroRow: Int?)
  }

  /// A tensor: its name and shape in the checkpoint, and its values.
  struct Entry {
    let name: String
    let shape: [Int]
    let values: Values

    var count: Int { shape.reduce(1, *) }
  }

  private(set) var entries: [Entry] = []
  private var prefix = ""
  private let deviation: Float

  /// The architectures, with the classes of transformers that have a head.
  static let classes = [
    "gpt2": "GPT2LMHeadModel", "llama": "LlamaForCausalLM", "mistral": "MistralForCausalLM",
    "phi3": "Phi3ForCausalLM", "qwen2": "Qwen2ForCausalLM", "qwen3": "Qwen3ForCausalLM",
  ]

  init(_ architecture: String, _ configuration: Configuration) throws(ModelError) {
    guard Self.classes[architecture] != nil else {
      throw .unsupportedArchitecture(architecture, known: Self.classes.keys.sorted())
    }
    deviation = try configuration.float("initializer_range", default: 0.02)
    guard deviation > 0 else {
      throw .invalidConfiguration(key: "initializer_range", problem: "is \(deviation)")
    }
    if architecture == "gpt2" {
      try addGPT2(configuration)
    } else {
      try addLlama(architecture, configuration)
    }
  }

  // MARK: Architectures

  private mutating func addGPT2(_ configuration: Configuration) throws(ModelError) {
    let width = try configuration.positive("hidden_size")
    _ = try configuration.headDimension(
      width: width, heads: configuration.positive("num_attention_heads"))
    let layers = try configuration.positive("num_hidden_layers")
    let inner = try configuration.positive("intermediate_size", default: 4 * width)
    let vocabulary = try configuration.positive("vocab_size")
    let context = try configuration.positive("max_position_embeddings", default: 1024)
    // Two branches of each layer add to what passes through (Radford et al. 2019).
    let residual = deviation / Float(2 * layers).squareRoot()
    matrix("transformer.wte.weight", vocabulary, width)
    matrix("transformer.wpe.weight", context, width)
    for layer in 0..<layers {
      prefix = "transformer.h.\(layer)."
      layerNorm("ln_1", width)
      // The other way round than linear layers are: inputs × outputs.
      matrix("attn.c_attn.weight", width, 3 * width)
      bias("attn.c_attn", 3 * width)
      matrix("attn.c_proj.weight", width, width, deviation: residual)
      bias("attn.c_proj", width)
      layerNorm("ln_2", width)
      matrix("mlp.c_fc.weight", width, inner)
      bias("mlp.c_fc", inner)
      matrix("mlp.c_proj.weight", inner, width, deviation: residual)
      bias("mlp.c_proj", width)
    }
    prefix = ""
    layerNorm("transformer.ln_f", width)
    if try !configuration.flag("tie_word_embeddings", default: true) {
      matrix("lm_head.weight", vocabulary, width)
    }
  }

  /// Llama and its kin.
  private mutating func addLlama(
    _ architecture: String, _ configuration: Configuration
  ) throws(ModelError) {
    let decoder = try DecoderConfiguration(configuration)
    let (shape, inner) = (decoder.shape, decoder.intermediateSize)
    let queries = shape.heads * shape.headDimension
    let keys = shape.keyValueHeads * shape.headDimension
    var (attentionBias, feedForwardBias) = (false, false)
    if ["llama", "qwen3"].contains(architecture) {
      attentionBias = try configuration.flag("attention_bias", default: false)
    }
    if architecture == "llama" { feedForwardBias = try configuration.flag("mlp_bias", default: false) }
    let inputBias = attentionBias || architecture == "qwen2"
    let padding = configuration.present("pad_token_id")?.intValue.flatMap {
      (0..<shape.vocabulary).contains($0) ? $0 : nil
    }
    matrix("model.embed_tokens.weight", shape.vocabulary, shape.width, zeroRow: padding)
    for layer in 0..<shape.layers {
      prefix = "model.layers.\(layer)."
      if architecture == "phi3" {
        linear("self_attn.qkv_proj", queries + 2 * keys, shape.width)
        linear("self_attn.o_proj", shape.width, queries)
        linear("mlp.gate_up_proj", 2 * inner, shape.width)
      } else {
        linear("self_attn.q_proj", queries, shape.width, hasBias: inputBias)
        linear("self_attn.k_proj", keys, shape.width, hasBias: inputBias)
        linear("self_attn.v_proj", keys, shape.width, hasBias: inputBias)
        linear("self_attn.o_proj", shape.width, queries, hasBias: attentionBias)
        if architecture == "qwen3" {
          norm("self_attn.q_norm", shape.headDimension)
          norm("self_attn.k_norm", shape.headDimension)
        }
        linear("mlp.gate_proj", inner, shape.width, hasBias: feedForwardBias)
        linear("mlp.up_proj", inner, shape.width, hasBias: feedForwardBias)
      }
      linear("mlp.down_proj", shape.width, inner, hasBias: feedForwardBias)
      norm("input_layernorm", shape.width)
      norm("post_attention_layernorm", shape.width)
    }
    prefix = ""
    norm("model.norm", shape.width)
    if !decoder.tiesEmbeddings { matrix("lm_head.weight", shape.vocabulary, shape.width) }
  }

  // MARK: Parts

  private mutating func matrix(
    _ name: String, _ rows: Int, _ columns: Int, deviation: Float? = nil, zeroRow: Int? = nil
  ) {
    let values = Values.normal(deviation: deviation ?? self.deviation, zeroRow: zeroRow)
    entries.append(Entry(name: prefix + name, shape: [rows, columns], values: values))
  }

  private mutating func linear(_ name: String, _ outputs: Int, _ inputs: Int, hasBias: Bool = false) {
    matrix(name + ".weight", outputs, inputs)
    if hasBias { bias(name, outputs) }
  }

  private mutating func bias(_ name: String, _ count: Int) {
    entries.append(Entry(name: prefix + name + ".bias", shape: [count], values: .zeros))
  }

  private mutating func norm(_ name: String, _ count: Int) {
    entries.append(Entry(name: prefix + name + ".weight", shape: [count], values: .ones))
  }

  private mutating func layerNorm(_ name: String, _ count: Int) {
    norm(name, count)
    bias(name, count)
  }
}

/// Numbers drawn from the normal distribution (Box and Muller 1958): the same for the same seed and name, whatever else is
/// drawn.
struct NormalNumbers {
  private var state: UInt64
  private var spare: Float?

  init(seed: UInt64, name: String) {
    // FNV-1a (Fowler, Noll and Vo).
    state = name.utf8.reduce(0xcbf2_9ce4_8422_2325 ^ seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// SplitMix64 (Steele et al. 2014).
  private mutating func bits() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }

  mutating func next() -> Float {
    if let number = spare {
      spare = nil
      return number
    }
    // Above 0, at most 1.
    let uniform = (Double(bits() >> 11) + 1) * 0x1p-53
    let angle = Double(bits() >> 11) * 0x1p-53 * 2 * .pi
    let radius = (-2 * log(uniform)).squareRoot()
    spare = Float(radius * sin(angle))
    return Float(radius * cos(angle))
  }
}
