import MartletTensors

/// A model that sees each text whole, in both directions: what embedding models, classifiers and rerankers stand on.
public protocol Encoder: Sendable {
  /// The model's sizes.
  var shape: ModelShape { get }
  /// The model's weights, by name.
  var parameters: ModelParameters { get }

  /// The last hidden states of every token of the batch: tokens × width.
  /// - Parameters:
  ///   - batch: The tokens of whole texts, a sequence each, without caches.
  ///   - segmentIDs: Each token's segment (`token_type_ids`), for pairs of texts; nil is all the first.
  ///   - recorder: Keeps what it was made for of the pass; nil keeps nothing and costs nothing.
  /// - Throws: ``ModelError`` where an id, position or segment has no row in its table, or the file has changed.
  func hiddenStates(
    of batch: PackedBatch, segmentIDs: [Int]?, recorder: ActivationRecorder?
  ) throws(ModelError) -> Tensor
}

extension Encoder {
  /// The device that the weights live on.
  public var device: Device { parameters.device }

  /// The last hidden states of every token of the batch, each text of one segment: tokens × width.
  public func hiddenStates(of batch: PackedBatch) throws(ModelError) -> Tensor {
    try hiddenStates(of: batch, segmentIDs: nil, recorder: nil)
  }

  /// The same model with adapters on its linear layers, in place of those that it had; see
  /// ``CausalTransformer/adapted(by:replacing:)``.
  public func adapted(by adapters: [String: LowRankAdapter]) throws(ModelError) -> any Encoder {
    try PretrainedModels.encoder(
      parameters.architecture, Weights(parameters, adapters: adapters, values: [:]), parameters.configuration)
  }
}
