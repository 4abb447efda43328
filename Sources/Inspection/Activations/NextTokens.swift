import Foundation
import MartletTensors
import MartletTokenizers
import MartletTransformers

/// A token that may come next.
public struct NextToken: Sendable, Equatable {
  /// Its number in the vocabulary.
  public let id: TokenID
  /// The text that it stands for.
  public let text: String
  /// What the model's head gives it.
  public let logit: Float
  /// The softmax of the logits over the whole vocabulary, at temperature 1.
  public let probability: Double
}

/// The most probable next tokens as one layer sees them: its hidden state through the model's final norm and head (the
/// "logit lens", nostalgebraist 2020).
public struct LayerGuess: Sendable, Equatable {
  /// The number of the hidden state: 0 is the embedding, the last one is what the model says.
  public let layer: Int
  /// The most probable first.
  public let next: [NextToken]
}

extension InspectedModel {
  /// The most probable tokens after a text, the first ones first; of equals the lower ids.
  /// - Throws: ``InspectionError/noNextToken(model:)``, or ``InspectionError/notFinite(what:)``.
  public func nextTokens(after text: InspectedText, count: Int) throws -> [NextToken] {
    let model = try decoder()
    let states = try run(text, nil)
    return try best(count, of: model.logits(of: states.gatherRows([states.rows - 1])), row: 0)
  }

  /// What each layer would say comes after a text.
  /// - Returns: A guess for each hidden state, the embedding's first. The last one is that of
  ///   ``nextTokens(after:count:)``.
  /// - Throws: ``InspectionError/noNextToken(model:)``, or ``InspectionError/notFinite(what:)``.
  public func logitLens(after text: InspectedText, count: Int) throws -> [LayerGuess] {
    let model = try decoder()
    let states = try hiddenStates(of: text, layers: .all)
    return try states.layers.map { layer in
      let last = layer.states.gatherRows([layer.states.rows - 1])
      let normalized = layer.number == shape.layers ? last : model.normalized(last)
      return LayerGuess(layer: layer.number, next: try best(count, of: model.logits(of: normalized), row: 0))
    }
  }

  private func decoder() throws(InspectionError) -> any CausalTransformer {
    guard case .decoder(let model) = network else { throw .noNextToken(model: name) }
    return model
  }

  private func best(_ count: Int, of logits: Tensor, row: Int) throws(InspectionError) -> [NextToken] {
    let logits = logits[row: row]
    guard let largest = logits.max(), largest.isFinite, logits.allSatisfy({ !$0.isNaN }) else {
      throw .notFinite(what: "A logit")
    }
    let sum = logits.reduce(0.0) { $0 + exp(Double($1) - Double(largest)) }
    let order = logits.indices.sorted { (logits[$1], $0) < (logits[$0], $1) }
    return order.prefix(count).map { index in
      NextToken(
        id: TokenID(index), text: tokenizer.decode([TokenID(index)], skipSpecialTokens: false),
        logit: logits[index], probability: exp(Double(logits[index]) - Double(largest)) / sum)
    }
  }
}
