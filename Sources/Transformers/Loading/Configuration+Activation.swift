import MartletTensors

extension Configuration {
  /// The activation function that `key` names, by its name in transformers (`activations.py`).
  /// - Parameter standard: What holds where the configuration does not mention it.
  /// - Throws: ``ModelError/unsupportedConfiguration(key:value:)`` for one that is not built.
  func activation(_ key: String, default standard: Activation) throws(ModelError) -> Activation {
    guard let value = present(key) else { return standard }
    switch value.stringValue {
    case "gelu", "gelu_python": return .gelu
    case "gelu_new", "gelu_pytorch_tanh", "gelu_python_tanh", "gelu_fast", "gelu_accurate": return .geluTanh
    case "quick_gelu": return .quickGELU
    case "silu", "swish": return .silu
    case "relu": return .relu
    case "tanh": return .tanh
    default:
      throw .unsupportedConfiguration(
        key: key, value: "\(value.serialized()) (gelu, gelu_new, quick_gelu, silu, relu and tanh are)")
    }
  }

  /// The numbers of a list.
  func floats(_ key: String) throws(ModelError) -> [Float] {
    guard let value = present(key) else { throw .invalidConfiguration(key: key, problem: "is missing") }
    let numbers = value.arrayValue?.compactMap(\.doubleValue) ?? []
    guard let count = value.arrayValue?.count, numbers.count == count, numbers.allSatisfy(\.isFinite) else {
      throw .invalidConfiguration(key: key, problem: "is not a list of numbers")
    }
    return numbers.map { Float($0) }
  }

  /// The width of a head, which the attention kernels take as whole vectors of 16.
  func headDimension(width: Int, heads: Int) throws(ModelError) -> Int {
    guard present("head_dim") != nil || width % heads == 0 else {
      throw .unsupportedConfiguration(
        key: "num_attention_heads", value: "\(heads), which does not divide a width of \(width)")
    }
    let dimension = try positive("head_dim", default: width / heads)
    guard dimension % 16 == 0, dimension <= 256 else {
      throw .unsupportedConfiguration(
        key: present("head_dim") == nil ? "num_attention_heads" : "head_dim",
        value: present("head_dim") == nil
          ? "\(heads) for a width of \(width) (heads of 16, 32, … 256 are)"
          : "\(dimension) (16, 32, … 256 are)")
    }
    return dimension
  }
}
