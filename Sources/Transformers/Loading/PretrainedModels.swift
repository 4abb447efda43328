import Checkpoints
import JSON
import Tensors

/// The architectures that Martlet has, by the `model_type` of a `config.json`.
public enum PretrainedModels {
  /// The decoders: models that continue text.
  public static let decoders = ["llama", "mistral", "qwen2"]
  /// The encoders: models that embed text.
  public static let encoders = ["bert"]

  /// Loads the causal language model of a checkpoint.
  /// - Throws: ``ModelError`` where the architecture is unknown, or configuration and tensors do not fit.
  public static func loadDecoder(
    _ checkpoint: Checkpoint, precision: Precision, device: Device
  ) throws(ModelError) -> any CausalTransformer {
    let weights = Weights(checkpoint.tensors, precision: precision, device: device)
    let members = Configuration(members: checkpoint.configuration)
    switch checkpoint.architecture {
    case "llama":
      return try Decoder<LlamaBlock>(weights, members)
    case "mistral":
      let window = try members.integer("sliding_window", default: 0)
      return try Decoder<LlamaBlock>(weights, members, slidingWindow: window > 0 ? window : nil)
    case "qwen2":
      return try Decoder<Qwen2Block>(weights, members)
    default:
      throw .unsupportedArchitecture(checkpoint.architecture, known: decoders)
    }
  }

  /// Loads the encoder of a checkpoint.
  /// - Throws: ``ModelError`` where the architecture is unknown, or configuration and tensors do not fit.
  public static func loadEncoder(
    _ checkpoint: Checkpoint, precision: Precision, device: Device
  ) throws(ModelError) -> BERT {
    let weights = Weights(checkpoint.tensors, precision: precision, device: device)
    guard checkpoint.architecture == "bert" else {
      throw .unsupportedArchitecture(checkpoint.architecture, known: encoders)
    }
    return try BERT(weights, Configuration(members: checkpoint.configuration))
  }
}
