import MartletTensors

/// Keeps what a forward pass computes on its way, for those who look inside: pass one and read it afterwards.
///
/// Nothing is kept unless a recorder asks for it. The names are Hugging Face's (`output_hidden_states`,
/// `output_attentions`). One thread owns a recorder: it is not `Sendable`.
public final class ActivationRecorder {
  /// Some of a model's layers.
  public enum Layers: Sendable, Equatable {
    /// Every layer.
    case all
    /// The layers with these numbers.
    case only(Set<Int>)
    /// No layer.
    public static let none = Layers.only([])

    func contains(_ layer: Int) -> Bool {
      switch self {
      case .all: true
      case .only(let layers): layers.contains(layer)
      }
    }
  }

  /// Hidden states by their number, each tokens × width: 0 is what enters the first layer, n the output of the n-th layer,
  /// before any final norm.
  public private(set) var hiddenStates: [Int: Tensor] = [:]
  /// Attention weights by layer, the first being 0: one tensor for each sequence of the batch, with
  /// (heads · tokens) × positions values. Row `head · tokens + token` is what that head gave each position.
  public private(set) var attentions: [Int: [Tensor]] = [:]

  private let wantedStates, wantedAttentions: Layers

  /// A recorder that has seen nothing.
  /// - Parameters:
  ///   - hiddenStates: The numbers of the hidden states to keep, counted as in ``hiddenStates``.
  ///   - attentions: The layers whose attention weights to keep. They take heads × tokens × positions floats a layer.
  public init(hiddenStates: Layers = .all, attentions: Layers = .none) {
    (wantedStates, wantedAttentions) = (hiddenStates, attentions)
  }

  func keep(hiddenStates states: Tensor, layer: Int) {
    if wantedStates.contains(layer) { hiddenStates[layer] = states }
  }

  func wantsAttentions(ofLayer layer: Int) -> Bool { wantedAttentions.contains(layer) }

  func keep(attentions weights: [Tensor], layer: Int) { attentions[layer] = weights }
}
