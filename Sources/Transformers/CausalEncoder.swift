import MartletTensors

/// A decoder whose hidden states are used as an encoder's: embedding models such as Qwen3-Embedding are decoders whose last
/// token, which has seen all others, stands for the text.
struct CausalEncoder: Encoder {
  let decoder: any CausalTransformer

  var shape: ModelShape { decoder.shape }
  var parameters: ModelParameters { decoder.parameters }

  /// The hidden states after the final norm. Decoders have no segments.
  func hiddenStates(
    of batch: PackedBatch, segmentIDs: [Int]?, recorder: ActivationRecorder?
  ) throws(ModelError) -> Tensor {
    try decoder.hiddenStates(of: batch, recorder: recorder)
  }
}
