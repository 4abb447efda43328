import MartletCheckpoints
import MartletTensors

/// An encoder that a head is about to be put on, and the weights that are left for it.
struct EncoderBase {
  let encoder: any Encoder
  let modelType: String
  let members: Configuration
  /// All weights of the checkpoint.
  let weights: Weights
  /// Those of the encoder, under whatever prefix.
  let model: Weights

  /// Loads the encoder of a checkpoint that has `head`.
  init(
    _ checkpoint: Checkpoint, head: EncoderHead, precision: Precision, device: Device
  ) throws(ModelError) {
    modelType = checkpoint.architecture
    guard PretrainedModels.encoders.contains(modelType) else {
      throw PretrainedModels.decoders.contains(modelType)
        ? .missingHead(head.rawValue, found: ["continuing texts"])
        : .unsupportedArchitecture(modelType, known: PretrainedModels.encoders)
    }
    let found = EncoderHead.heads(of: checkpoint)
    guard found.contains(head) else {
      throw .missingHead(head.rawValue, found: found.map(\.rawValue))
    }
    try ConfigurationKeys(checkpoint).check()
    members = Configuration(checkpoint)
    weights = Weights(checkpoint.tensors, precision: precision, device: device)
    encoder = try PretrainedModels.encoder(modelType, weights, members)
    switch modelType {
    case "distilbert": model = DistilBERT.scope(weights)
    case "mpnet": model = MPNet.scope(weights)
    case "roberta", "xlm-roberta": model = RoBERTa.scope(weights)
    default: model = BERT.scope(weights)
    }
  }

  /// All weights, once the head has taken its own.
  func parameters() throws(ModelError) -> ModelParameters {
    try weights.parameters(modelType, members, ignoring: EncoderHead.isPartOfHead)
  }

  /// The names of a classifier's outputs: `id2label`, or "LABEL_0" and so on as many as `num_labels`.
  func labels() throws(ModelError) -> [String] {
    guard let names = members.present("id2label")?.objectValue, !names.isEmpty else {
      return (0..<(try members.positive("num_labels", default: 2))).map { "LABEL_\($0)" }
    }
    var labels: [String] = []
    for index in 0..<names.count {
      guard let name = names["\(index)"]?.stringValue else {
        throw .invalidConfiguration(
          key: "id2label", problem: "has \(names.count) labels, and none for \(index)")
      }
      labels.append(name)
    }
    return labels
  }
}
