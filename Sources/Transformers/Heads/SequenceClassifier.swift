import MartletCheckpoints
import MartletTensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An encoder with a head that says what a text, or a pair of texts, is. With one label it is a scale, and a cross-encoder
/// where that scale is how well a passage answers a query (Nogueira and Cho 2019).
///
///     first token's hidden state ── dense ── activation ── output
public struct SequenceClassifier: Sendable {
  /// The encoder under the head.
  public let encoder: any Encoder
  /// What the outputs are called, in their order.
  public let labels: [String]
  /// What turns logits into scores.
  public let scoring: ClassifierScoring
  /// The weights of encoder and head, by name.
  public let parameters: ModelParameters
  private let dense: Linear
  private let output: Linear
  private let activation: Activation

  /// Loads a checkpoint with such a head.
  /// - Throws: ``ModelError``, ``ModelError/missingHead(_:found:)`` where the checkpoint has no such head.
  public init(_ checkpoint: Checkpoint, precision: Precision, device: Device) throws(ModelError) {
    let base = try EncoderBase(
      checkpoint, head: .sequenceClassification, precision: precision, device: device)
    let (weights, width) = (base.weights, base.encoder.shape.width)
    labels = try base.labels()
    switch base.modelType {
    case "bert":
      dense = try base.model.linear("pooler.dense", outputs: width, inputs: width, bias: true)
      output = try weights.linear("classifier", outputs: labels.count, inputs: width, bias: true)
      activation = .tanh
    case "distilbert":
      dense = try weights.linear("pre_classifier", outputs: width, inputs: width, bias: true)
      output = try weights.linear("classifier", outputs: labels.count, inputs: width, bias: true)
      activation = .relu
    default:
      let head = weights.scope("classifier")
      dense = try head.linear("dense", outputs: width, inputs: width, bias: true)
      output = try head.linear("out_proj", outputs: labels.count, inputs: width, bias: true)
      activation = .tanh
    }
    scoring = try ClassifierScoring(base.members, labels: labels.count)
    encoder = base.encoder
    parameters = try base.parameters()
  }

  /// The logits of each text of the batch: sequences × labels.
  /// - Parameters:
  ///   - batch: Whole texts, or pairs of them, with their special tokens.
  ///   - segmentIDs: Each token's segment; nil is all the first.
  /// - Throws: ``ModelError`` as the encoder does.
  public func logits(of batch: PackedBatch, segmentIDs: [Int]?) throws(ModelError) -> Tensor {
    let hidden = try encoder.hiddenStates(of: batch, segmentIDs: segmentIDs, recorder: nil)
    let first = hidden.gatherRows(batch.sequences.map(\.rows.lowerBound))
    return output(dense(first).activated(by: activation))
  }
}

/// How a classifier's logits become scores (`problem_type`).
public enum ClassifierScoring: Sendable, Equatable {
  /// One of the labels holds: the softmax.
  case exclusive
  /// Each label holds or does not: the logistic function of each.
  case independent
  /// The logit itself is the score: one label, which is a scale.
  case scale

  init(_ members: Configuration, labels: Int) throws(ModelError) {
    try members.require(
      "problem_type",
      among: ["single_label_classification", "multi_label_classification", "regression"])
    switch members.present("problem_type")?.stringValue {
    case "multi_label_classification": self = .independent
    case "regression": self = .scale
    case "single_label_classification": self = .exclusive
    default: self = labels == 1 ? .scale : .exclusive
    }
  }

  /// The scores of one text's logits.
  public func scores(_ logits: [Float]) -> [Float] {
    switch self {
    case .scale: return logits
    case .independent: return logits.map { 1 / (1 + exp(-$0)) }
    case .exclusive:
      let largest = logits.max() ?? 0
      let powers = logits.map { exp($0 - largest) }
      let sum = powers.reduce(0, +)
      return powers.map { $0 / sum }
    }
  }
}
