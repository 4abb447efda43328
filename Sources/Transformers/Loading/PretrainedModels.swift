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
    guard decoders.contains(checkpoint.architecture) else {
      throw .unsupportedArchitecture(checkpoint.architecture, known: decoders)
    }
    try ConfigurationKeys(checkpoint).check()
    switch checkpoint.architecture {
    case "llama":
      // transformers' Llama has no window; where a GGUF file states one, it is meant.
      let window = checkpoint.metadata == nil ? nil : try slidingWindow(members)
      return try Decoder<LlamaBlock>(weights, members, slidingWindow: window)
    case "mistral":
      return try Decoder<LlamaBlock>(weights, members, slidingWindow: slidingWindow(members, standard: 4096))
    case "qwen2":
      return try Decoder<Qwen2Block>(weights, members)
    default:
      throw .unsupportedArchitecture(checkpoint.architecture, known: decoders)
    }
  }

  /// What is odd about a checkpoint's settings and does not keep it from being loaded: a sentence each.
  /// - Throws: ``ModelError/unsupportedConfiguration(key:value:)`` for a setting that is not followed.
  public static func warnings(_ checkpoint: Checkpoint) throws(ModelError) -> [String] {
    // Of other architectures nothing is known.
    guard (decoders + encoders).contains(checkpoint.architecture) else { return checkpoint.warnings }
    return try checkpoint.warnings + ConfigurationKeys(checkpoint).check()
  }

  /// The window of a configuration, where null means none; `standard` holds where it is not mentioned.
  private static func slidingWindow(
    _ members: Configuration, standard: Int? = nil
  ) throws(ModelError) -> Int? {
    if members.members["sliding_window"] == nil { return standard }
    let window = try members.integer("sliding_window", default: 0)
    return window > 0 ? window : nil
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
    try ConfigurationKeys(checkpoint).check()
    return try BERT(weights, Configuration(members: checkpoint.configuration))
  }
}
