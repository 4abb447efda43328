import MartletTensors
import MartletTransformers

/// How much each token of a text attends to each other one, by layer and head: the softmax of the scores (Vaswani et al.
/// 2017, section 3.2.1), as transformers gives it for `output_attentions=True`.
///
/// Layers and heads are counted from 0, as in transformers. A row sums to 1; in a decoder it is 0 for the tokens behind.
public struct AttentionWeights: Sendable {
  /// The text and its tokens.
  public let text: InspectedText
  /// The numbers of the layers that are here, in their order.
  public let layers: [Int]
  /// The numbers of the heads that are here, in their order.
  public let heads: [Int]

  /// By layer: (all heads · tokens) × tokens, head after head.
  private let weights: [Tensor]

  init(text: InspectedText, layers: [Int], heads: [Int], weights: [Tensor]) {
    (self.text, self.layers, self.heads, self.weights) = (text, layers, heads, weights)
  }

  /// Whether all weights are numbers.
  public var isFinite: Bool {
    weights.allSatisfy { weights in
      (0..<weights.rows).allSatisfy { weights.withRow($0) { $0.allSatisfy(\.isFinite) } }
    }
  }

  /// What one token gives each token of the text.
  /// - Parameters:
  ///   - layer: The index of a layer in ``layers``.
  ///   - head: The index of a head in ``heads``.
  ///   - token: The token that attends.
  ///   - body: Gets as many weights as there are tokens.
  public func withRow<Result>(
    layer: Int, head: Int, token: Int, _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    try weights[layer].withRow(heads[head] * text.tokens.count + token, body)
  }

  /// One head's weights: tokens × tokens, row after row.
  /// - Parameters: Indices in ``layers`` and ``heads``.
  public func matrix(layer: Int, head: Int) -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(text.tokens.count * text.tokens.count)
    for token in text.tokens.indices {
      withRow(layer: layer, head: head, token: token) { values.append(contentsOf: $0) }
    }
    return values
  }

  /// The mean of the heads that are here: tokens × tokens, row after row.
  /// - Parameter layer: An index in ``layers``.
  public func meanOfHeads(layer: Int) -> [Float] {
    let count = text.tokens.count
    var sums = [Float](repeating: 0, count: count * count)
    for head in heads.indices {
      for token in 0..<count {
        withRow(layer: layer, head: head, token: token) { row in
          for (column, weight) in row.enumerated() { sums[token * count + column] += weight }
        }
      }
    }
    let factor = 1 / Float(max(1, heads.count))
    return sums.map { $0 * factor }
  }
}

extension InspectedModel {
  /// The attention weights of a text. They take layers × heads × tokens² floats.
  /// - Throws: ``InspectionError`` where there is no such layer or head, or they would take too much memory, or `ModelError` where a weight cannot be read from
  ///   its file any more.
  public func attention(
    of text: InspectedText, layers: LayerSelection = .all, heads: LayerSelection = .all
  ) throws -> AttentionWeights {
    let layers = try layers.layers(in: attentionLayers)
    let heads = try heads.heads(in: attentionHeads)
    // All heads of a layer are kept, whichever are asked for.
    try check("The attention", floats: [layers.count, shape.heads, text.tokens.count, text.tokens.count])
    let recorder = ActivationRecorder(hiddenStates: .none, attentions: .only(Set(layers)))
    _ = try run(text, recorder)
    // A layer that does not attend has no weights, and is left out with its number.
    let kept = layers.compactMap { layer in recorder.attentions[layer]?.first.map { (layer, $0) } }
    return AttentionWeights(text: text, layers: kept.map(\.0), heads: heads, weights: kept.map(\.1))
  }
}
