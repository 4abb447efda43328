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

  /// The name that the files give the model.
  public var statedName: String? {
    if case .string(let name)? = metadata?["general.name"] { return name }
    return configuration["_name_or_path"]?.stringValue
  }
}
