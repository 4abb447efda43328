import MartletTransformers

/// About how much memory training takes.
public struct TrainingMemory: Sendable, Equatable {
  /// The model's weights, as they are held.
  public let weights: Int
  /// The weights that train in float32, their gradients, and what the optimizer remembers.
  public let training: Int
  /// What goes through the model in one pass.
  public let activations: Int

  /// The sum.
  public var byteCount: Int { weights + training + activations }

  /// An estimate.
  /// - Parameters:
  ///   - trainable: What trains.
  ///   - recipe: How it trains.
  ///   - longestExample: The most tokens of an example.
  public init(_ trainable: TrainableWeights, recipe: TrainingRecipe, longestExample: Int) {
    let (shape, parameters) = (trainable.base.shape, trainable.base.parameters)
    // Of weights that train themselves nothing but their float32 values is held.
    let isFull = if case .full = trainable.method { true } else { false }
    weights = parameters.reduce(0) { sum, parameter in
      isFull && trainable.values[parameter.name] != nil ? sum : sum + parameter.byteCount
    }
    let copies =
      switch recipe.optimizer {
      case .adamW: 4
      case .sgd(let momentum): momentum > 0 ? 3 : 2
      }
    training = 4 * copies * trainable.trainableCount
    let tokens = min(max(recipe.tokensPerPass, longestExample), recipe.batchSize * longestExample)
    // The widest result of a linear layer other than the head's is that of the feed-forward network.
    let inner =
      parameters.linearLayers.filter { $0.path != "lm_head" }.map(\.outputs).max() ?? 4 * shape.width
    // Between the passes what enters each block is kept; in the backward pass one block has all its results and their
    // gradients, and the head a strip of logits.
    let kept = shape.layers * shape.width
    let block = 2 * (8 * shape.width + 4 * inner)
    activations = 4 * tokens * (kept + block) + 4 * 4 << 20
  }
}
