import MartletTensors
import MartletTransformers

/// A vector for each token of a text, in one or more layers.
public struct HiddenStates: Sendable {
  /// The text and its tokens.
  public let text: InspectedText
  /// The width of a vector.
  public let width: Int
  /// The layers, in their order.
  public let layers: [Layer]

  /// One layer's vectors.
  public struct Layer: Sendable {
    /// Its number, as an index of transformers' `hidden_states`: 0 is the embedding as it enters the first layer, n the
    /// output of the n-th layer, and the last one comes after the model's final norm.
    public let number: Int
    /// tokens × width.
    public let states: Tensor
    /// Whether all values are finite numbers.
    public var isFinite: Bool {
      (0..<states.rows).allSatisfy { states.withRow($0) { $0.allSatisfy(\.isFinite) } }
    }
  }

  /// The shape of a layer in words: "6 tokens × 768".
  public var shapeInWords: String {
    "\(text.tokens.count) token\(text.tokens.count == 1 ? "" : "s") × \(width)"
  }
}

extension InspectedModel {
  /// The hidden states of a text. They take layers × tokens × width floats, and no more time than a forward pass.
  /// - Throws: ``InspectionError/noSuchLayer(_:layers:)`` or ``InspectionError/tooLarge(what:bytes:maximum:)``, or `ModelError` where a weight cannot be read from its file any
  ///   more.
  public func hiddenStates(of text: InspectedText, layers: LayerSelection = .last) throws -> HiddenStates {
    let numbers = try layers.layers(in: hiddenStateLayers)
    try check("The hidden states", floats: [numbers.count, text.tokens.count, shape.width])
    let inner = Set(numbers).subtracting([shape.layers])
    let recorder = ActivationRecorder(hiddenStates: .only(inner))
    let last = try run(text, inner.isEmpty ? nil : recorder)
    let kept = numbers.compactMap { number in
      (number == shape.layers ? last : recorder.hiddenStates[number]).map {
        HiddenStates.Layer(number: number, states: $0)
      }
    }
    return HiddenStates(text: text, width: shape.width, layers: kept)
  }

  /// One layer's hidden states of several texts, which go through the model together: tokens × width for each text.
  func states(of texts: [InspectedText], layer: Int) throws -> [Tensor] {
    var batch = PackedBatch()
    for text in texts { batch.append(text.ids) }
    let recorder = layer == shape.layers ? nil : ActivationRecorder(hiddenStates: .only([layer]))
    let last = try run(batch, recorder)
    let states = recorder?.hiddenStates[layer] ?? last
    return batch.sequences.map { states.gatherRows(Array($0.rows)) }
  }
}
