import MartletJSON
import MartletTensors

/// What can be said of a model before it is loaded.
extension Checkpoint {
  /// The bytes that all weights take in memory, repacked: those of their files, but for a few percent and for types whose
  /// values become larger (`WeightMatrix.byteCount`).
  public var weightBytes: Int {
    tensors.tensors.reduce(0) { sum, tensor in
      guard tensor.shape.count > 1, let columns = tensor.shape.last, columns > 0 else {
        return sum + 4 * tensor.elementCount
      }
      return sum
        + WeightMatrix.byteCount(
          rows: tensor.elementCount / columns, columns: columns, format: tensor.format)
    }
  }

  /// How many parameters the model has. An output head that repeats the token embedding is not counted again.
  public var parameterCount: Int {
    tensors.parameterCount - (repeatsEmbedding ? headAndEmbedding?.head.elementCount ?? 0 : 0)
  }

  /// The names of output heads and of the token embeddings that they may repeat.
  private static let heads = [
    "lm_head.weight", "cls.predictions.decoder.weight", "lm_head.decoder.weight", "vocab_projector.weight",
  ]
  private static let embeddings = [
    "model.embed_tokens.weight", "transformer.wte.weight", "wte.weight",
    "bert.embeddings.word_embeddings.weight",
    "roberta.embeddings.word_embeddings.weight", "mpnet.embeddings.word_embeddings.weight",
    "distilbert.embeddings.word_embeddings.weight",
  ]

  /// The output head and the token embedding, where there are both and they have one shape.
  private var headAndEmbedding: (head: TensorDescription, embedding: TensorDescription)? {
    guard let head = Self.heads.lazy.compactMap({ tensors.description(of: $0) }).first,
      let embedding = Self.embeddings.lazy.compactMap({ tensors.description(of: $0) }).first,
      head.shape == embedding.shape
    else { return nil }
    return (head, embedding)
  }

  /// The name of the output head's matrix, where it may be the token embedding once more.
  public var headName: String? { headAndEmbedding?.head.name }

  /// The architectures that see a text whole; all others continue it.
  static let encoders: Set<String> = ["bert", "distilbert", "mpnet", "roberta", "xlm-roberta"]

  /// Whether the files hold the token embedding a second time, as the output head of a model that ties the two.
  ///
  /// A folder's configuration says so. A GGUF file does not, and its two copies are often quantized differently: rows
  /// of both are compared then, which in a model that ties them differ by their rounding alone.
  public var repeatsEmbedding: Bool {
    guard let (head, embedding) = headAndEmbedding, head.shape.count == 2, head.shape[0] > 0 else {
      return false
    }
    if kind == .huggingFace {
      // What is an architecture's default, transformers leaves out.
      let tiesByDefault =
        Self.encoders.contains(architecture) || ["gpt2", "gemma3_text"].contains(architecture)
      return configuration["tie_word_embeddings"]?.boolValue ?? tiesByDefault
    }
    let step = max(1, head.shape[0] / 64)
    let rows = Array(stride(from: 0, to: head.shape[0], by: step))
    guard let first = values(of: rows, head), let second = values(of: rows, embedding) else { return false }
    let product = zip(first, second).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    let norms = [first, second].map { $0.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot() }
    // The coarsest quantization leaves a cosine of 0.97; matrices trained apart have less than 0.5.
    return product > 0.9 * norms[0] * norms[1] && product > 0
  }

  /// Rows of a matrix; nil where they cannot be read, which loading the model explains.
  private func values(of rows: [Int], _ matrix: TensorDescription) -> [Float]? {
    guard let device = try? Device(threads: 1) else { return nil }
    return try? tensors.withBytes(of: matrix.name) { bytes in
      try Tensor(
        rows: rows, ofMatrixWithColumns: matrix.shape[1], format: matrix.format, bytes: bytes, device: device
      ).values
    }
  }

  /// The most tokens that the model was made for; nil where the configuration does not say.
  public var contextLength: Int? { configuration["max_position_embeddings"]?.intValue }

  /// How many tensors are stored in each format, most bytes first.
  public var formats: [(format: StorageFormat, tensors: Int, bytes: Int)] {
    var sums: [StorageFormat: (tensors: Int, bytes: Int)] = [:]
    for tensor in tensors.tensors {
      let sum = sums[tensor.format] ?? (0, 0)
      sums[tensor.format] = (sum.tensors + 1, sum.bytes + tensor.byteRange.count)
    }
    return sums.map { ($0.key, $0.value.tensors, $0.value.bytes) }
      .sorted { ($0.bytes, $0.format.rawValue) > ($1.bytes, $1.format.rawValue) }
  }

  /// The quantization in a word and in truth: "Q4_K_M: 133 Q5_0, 12 Q6_K, 13 Q8_0, 12 Q4_K, 121 F32".
  public var quantization: String {
    let counts = formats.map { "\($0.tensors) \($0.format.rawValue)" }.joined(separator: ", ")
    guard let number = metadata?["general.file_type"]?.intValue, let name = GGUFFileType.name(number) else {
      return counts
    }
    return "\(name): \(counts)"
  }

  /// The bytes that the keys and values of one token take in a decoder's cache of half precision; nil for encoders.
  public var cacheBytesPerToken: Int? {
    func size(_ key: String) -> Int? { configuration[key]?.intValue.flatMap { 1...1 << 20 ~= $0 ? $0 : nil } }
    guard !Self.encoders.contains(architecture), let layers = size("num_hidden_layers"),
      let heads = size("num_attention_heads"),
      let width = size("head_dim") ?? size("hidden_size").map({ $0 / heads })
    else { return nil }
    return layers * (size("num_key_value_heads") ?? heads) * width * 2 * MemoryLayout<UInt16>.size
  }
}
