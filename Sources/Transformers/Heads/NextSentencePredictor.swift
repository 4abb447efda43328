import MartletCheckpoints
import MartletTensors

/// BERT with the head of its second pretraining task: whether one sentence followed another in the corpus (Devlin et al.
/// 2019, section 3.1).
public struct NextSentencePredictor: Sendable {
  /// The encoder under the head.
  public let encoder: any Encoder
  /// The weights of encoder and head, by name.
  public let parameters: ModelParameters
  private let pooler, output: Linear

  /// Loads a checkpoint with such a head.
  /// - Throws: ``ModelError``, ``ModelError/missingHead(_:found:)`` where the checkpoint has no such head.
  public init(_ checkpoint: Checkpoint, precision: Precision, device: Device) throws(ModelError) {
    let base = try EncoderBase(checkpoint, head: .nextSentence, precision: precision, device: device)
    let width = base.encoder.shape.width
    pooler = try base.model.linear("pooler.dense", outputs: width, inputs: width, bias: true)
    output = try base.weights.linear("cls.seq_relationship", outputs: 2, inputs: width, bias: true)
    encoder = base.encoder
    parameters = try base.parameters()
  }

  /// The logits of each pair of the batch: sequences × 2, first that the second sentence follows, then that it does not.
  /// - Parameters:
  ///   - batch: Pairs with their special tokens.
  ///   - segmentIDs: Each token's segment: 0 in the first sentence, 1 in the second.
  /// - Throws: ``ModelError`` as the encoder does.
  public func logits(of batch: PackedBatch, segmentIDs: [Int]) throws(ModelError) -> Tensor {
    let hidden = try encoder.hiddenStates(of: batch, segmentIDs: segmentIDs, recorder: nil)
    let first = hidden.gatherRows(batch.sequences.map(\.rows.lowerBound))
    return output(pooler(first).activated(by: .tanh))
  }
}
