import MartletCheckpoints
import MartletTensors

/// An encoder with a head that says what each token is, such as a part of a person's name.
public struct TokenClassifier: Sendable {
  /// The encoder under the head.
  public let encoder: any Encoder
  /// What the outputs are called, in their order.
  public let labels: [String]
  /// The weights of encoder and head, by name.
  public let parameters: ModelParameters
  private let output: Linear

  /// Loads a checkpoint with such a head.
  /// - Throws: ``ModelError``, ``ModelError/missingHead(_:found:)`` where the checkpoint has no such head.
  public init(_ checkpoint: Checkpoint, precision: Precision, device: Device) throws(ModelError) {
    let base = try EncoderBase(checkpoint, head: .tokenClassification, precision: precision, device: device)
    labels = try base.labels()
    output = try base.weights.linear(
      "classifier", outputs: labels.count, inputs: base.encoder.shape.width, bias: true)
    encoder = base.encoder
    parameters = try base.parameters()
  }

  /// The logits of each token of the batch: tokens × labels.
  /// - Parameters:
  ///   - batch: Whole texts with their special tokens.
  ///   - segmentIDs: Each token's segment; nil is all the first.
  /// - Throws: ``ModelError`` as the encoder does.
  public func logits(of batch: PackedBatch, segmentIDs: [Int]? = nil) throws(ModelError) -> Tensor {
    output(try encoder.hiddenStates(of: batch, segmentIDs: segmentIDs, recorder: nil))
  }
}
