import JSON
import Tensors

/// What can be said of a model before it is loaded.
extension Checkpoint {
  /// The bytes of all weights, which is what the model takes in memory, within a few percent.
  public var weightBytes: Int { tensors.weightBytes }

  /// How many parameters the model has.
  public var parameterCount: Int { tensors.parameterCount }

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
    guard architecture != "bert", let layers = size("num_hidden_layers"),
      let heads = size("num_attention_heads"),
      let width = size("head_dim") ?? size("hidden_size").map({ $0 / heads })
    else { return nil }
    return layers * (size("num_key_value_heads") ?? heads) * width * 2 * MemoryLayout<UInt16>.size
  }
}
