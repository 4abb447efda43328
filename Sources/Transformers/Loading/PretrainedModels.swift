import MartletCheckpoints
import MartletJSON
import MartletTensors

/// The architectures that Martlet has, by the `model_type` of a `config.json`.
public enum PretrainedModels {
  typealias Architecture<Model> =
    @Sendable (_ weights: Weights, _ configuration: Configuration) throws(ModelError) -> Model

  /// Models that continue text. A new architecture is a file of its own and a line here.
  private static let causalTransformers: [String: Architecture<any CausalTransformer>] = [
    "gemma3_text": { weights, members throws(ModelError) in try Gemma3(weights, members) },
    "gpt2": { weights, members throws(ModelError) in try GPT2(weights, members) },
    "llama": { weights, members throws(ModelError) in try Llama(weights, members) },
    "mistral": { weights, members throws(ModelError) in try Llama.mistral(weights, members) },
    "phi3": { weights, members throws(ModelError) in try Phi3(weights, members) },
    "qwen2": { weights, members throws(ModelError) in try Qwen2(weights, members) },
    "qwen3": { weights, members throws(ModelError) in try Qwen3(weights, members) },
  ]

  /// Models that see a text whole.
  private static let bidirectionalEncoders: [String: Architecture<any Encoder>] = [
    "bert": { weights, members throws(ModelError) in try BERT(weights, members) },
    "distilbert": { weights, members throws(ModelError) in try DistilBERT(weights, members) },
    "mpnet": { weights, members throws(ModelError) in try MPNet(weights, members) },
    "roberta": { weights, members throws(ModelError) in
      try RoBERTa(weights, members, modelType: "roberta")
    },
    "xlm-roberta": { weights, members throws(ModelError) in
      try RoBERTa(weights, members, modelType: "xlm-roberta")
    },
  ]

  /// The `model_type` of each decoder: models that continue text.
  public static var decoders: [String] { causalTransformers.keys.sorted() }
  /// The `model_type` of each encoder: models that embed text.
  public static var encoders: [String] { bidirectionalEncoders.keys.sorted() }

  /// Loads the causal language model of a checkpoint.
  /// - Throws: ``ModelError`` where the architecture is unknown, a setting is not followed, or configuration and tensors
  ///   do not fit.
  public static func loadDecoder(
    _ checkpoint: Checkpoint, precision: Precision, device: Device
  ) throws(ModelError) -> any CausalTransformer {
    guard causalTransformers[checkpoint.architecture] != nil else {
      throw .unsupportedArchitecture(checkpoint.architecture, known: decoders)
    }
    try ConfigurationKeys(checkpoint).check()
    return try decoder(
      checkpoint.architecture, Weights(checkpoint.tensors, precision: precision, device: device),
      Configuration(checkpoint))
  }

  /// Loads the encoder of a checkpoint. A decoder may be one, too: its hidden states are then those after the final norm.
  /// - Throws: ``ModelError`` where the architecture is unknown, a setting is not followed, or configuration and tensors
  ///   do not fit.
  public static func loadEncoder(
    _ checkpoint: Checkpoint, precision: Precision, device: Device
  ) throws(ModelError) -> any Encoder {
    if causalTransformers[checkpoint.architecture] != nil {
      try ConfigurationKeys(checkpoint).check()
      let weights = Weights(
        checkpoint.tensors, precision: precision, device: device, isForHiddenStates: true)
      return try encoder(checkpoint.architecture, weights, Configuration(checkpoint))
    }
    guard bidirectionalEncoders[checkpoint.architecture] != nil else {
      throw .unsupportedArchitecture(checkpoint.architecture, known: encoders)
    }
    try ConfigurationKeys(checkpoint).check()
    return try encoder(
      checkpoint.architecture, Weights(checkpoint.tensors, precision: precision, device: device),
      Configuration(checkpoint))
  }

  /// What is odd about a checkpoint's settings and does not keep it from being loaded: a sentence each.
  /// - Throws: ``ModelError/unsupportedConfiguration(key:value:)`` for a setting that is not followed.
  public static func warnings(_ checkpoint: Checkpoint) throws(ModelError) -> [String] {
    // Of other architectures nothing is known.
    guard (decoders + encoders).contains(checkpoint.architecture) else { return checkpoint.warnings }
    return try checkpoint.warnings + ConfigurationKeys(checkpoint).check()
  }

  static func decoder(
    _ modelType: String, _ weights: Weights, _ configuration: Configuration
  ) throws(ModelError) -> any CausalTransformer {
    guard let make = causalTransformers[modelType] else {
      throw .unsupportedArchitecture(modelType, known: decoders)
    }
    return try make(weights, configuration)
  }

  static func encoder(
    _ modelType: String, _ weights: Weights, _ configuration: Configuration
  ) throws(ModelError) -> any Encoder {
    if causalTransformers[modelType] != nil {
      return CausalEncoder(decoder: try decoder(modelType, weights, configuration))
    }
    guard let make = bidirectionalEncoders[modelType] else {
      throw .unsupportedArchitecture(modelType, known: encoders)
    }
    return try make(weights, configuration)
  }
}
