import Tensors

/// What every layer of one forward pass may look at besides its input.
struct ForwardPass {
  let batch: PackedBatch
  let angles: RotaryAngles
  /// The layer at work, which is the layer of the caches.
  var layer = 0
}

/// Keeps what a forward pass computes on its way, for those who look inside: pass one and read it afterwards.
///
/// Nothing is captured unless a recorder is given.
public final class ActivationRecorder {
  /// The embeddings that enter the first layer, then each layer's output, before any final norm.
  public internal(set) var hiddenStates: [Tensor] = []

  /// A recorder that has seen nothing.
  public init() {}
}
