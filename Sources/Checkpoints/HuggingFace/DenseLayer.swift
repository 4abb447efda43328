import MartletJSON
import MartletTensors

/// A linear layer behind the pooling of an embedding model (sentence-transformers' module `Dense`).
public struct DenseLayer: Sendable, Equatable {
  /// The length of the vector that it takes.
  public var inputs: Int
  /// The length of the vector that it gives.
  public var outputs: Int
  /// Whether it adds a vector.
  public var hasBias: Bool
  /// The function that follows; nil for none.
  public var activation: Activation?
  /// The safetensors file with `linear.weight` and, where there is a bias, `linear.bias`.
  public var weights: String

  /// Reads the module in a folder of the model.
  init(_ folder: ModelFolder, path: String, warnings: inout [String]) throws(CheckpointError) {
    let name = "\(path)/config.json"
    guard !path.isEmpty, !path.split(separator: "/").contains(".."),
      let file = try FileMembers(name, of: folder)
    else {
      throw .notFound("\(folder.path(of: name)) is missing", advice: "Fetch the model again.")
    }
    try file.check(
      accepted: ["in_features", "out_features", "bias", "activation_function"],
      only: [
        "module_input_name": ["sentence_embedding"], "module_output_name": ["sentence_embedding"],
      ], warnings: &warnings)
    func size(_ key: String) throws(CheckpointError) -> Int {
      guard let size = file.members[key]?.intValue, 1...1 << 20 ~= size else {
        throw .malformed(file: file.file, field: key, offset: nil, problem: "it is no size of a vector")
      }
      return size
    }
    inputs = try size("in_features")
    outputs = try size("out_features")
    hasBias = file.members["bias"]?.boolValue ?? true
    let stated = file.members["activation_function"]
    switch stated?.stringValue?.split(separator: ".").last {
    // The module's own default.
    case "Tanh", nil: activation = .tanh
    case "Identity": activation = nil
    case "ReLU": activation = .relu
    case "GELU": activation = .gelu
    case "SiLU": activation = .silu
    default: throw file.refusal("activation_function", stated ?? .null)
    }
    weights = folder.path(of: "\(path)/model.safetensors")
    guard folder.has("\(path)/model.safetensors") else {
      throw .notFound(
        "\(weights) is missing",
        advice:
          "Fetch it with the model, or make it: load the model with sentence-transformers and save it again.")
    }
  }
}
