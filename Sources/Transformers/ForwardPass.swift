import MartletTensors

/// What every layer of one forward pass may look at besides its input.
struct ForwardPass {
  let batch: PackedBatch
  let recorder: ActivationRecorder?
  /// The layer at work, which is the layer of the caches.
  private(set) var layer = 0

  init(_ batch: PackedBatch, _ recorder: ActivationRecorder?) {
    (self.batch, self.recorder) = (batch, recorder)
  }

  /// Runs all blocks, one after the other, on the embeddings `x`. Where the batch says so, what a block computes on its
  /// way is not kept for the gradients, but computed again.
  /// - Returns: The last block's output.
  mutating func run<Block: Sendable>(
    _ blocks: [Block], on x: Tensor, _ body: @escaping @Sendable (Block, Tensor, ForwardPass) -> Tensor
  ) -> Tensor {
    var x = x
    recorder?.keep(hiddenStates: x, layer: 0)
    for (index, block) in blocks.enumerated() {
      layer = index
      if batch.checkpointsBlocks {
        // Whoever computes gradients has the pass to himself, caches and recorder included.
        nonisolated(unsafe) let pass = self
        x = x.checkpointed { body(block, $0, pass) }
      } else {
        x = body(block, x, self)
      }
      recorder?.keep(hiddenStates: x, layer: index + 1)
    }
    batch.commit()
    return x
  }

  /// The attention of the layer at work, and its weights for the recorder that wants them.
  /// - Parameter bias: What is added to the scores by the distance of two positions; nil for nothing.
  func attention(
    queries: Tensor, keys: Tensor, values: Tensor, shape: AttentionShape, bias: Tensor? = nil
  ) -> Tensor {
    if let bias {
      let wanted = recorder?.wantsAttentions(ofLayer: layer) == true
      let (output, weights) = MartletTensors.attention(
        queries: queries, keys: keys, values: values, shape: shape, bias: bias, batch: batch,
        keepsWeights: wanted)
      if wanted { recorder?.keep(attentions: weights, layer: layer) }
      return output
    }
    guard let recorder, recorder.wantsAttentions(ofLayer: layer) else {
      return MartletTensors.attention(
        queries: queries, keys: keys, values: values, shape: shape, batch: batch, layer: layer)
    }
    let (output, weights) = attentionWithWeights(
      queries: queries, keys: keys, values: values, shape: shape, batch: batch, layer: layer)
    recorder.keep(attentions: weights, layer: layer)
    return output
  }
}
