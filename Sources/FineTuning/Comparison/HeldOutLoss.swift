import MartletTransformers

/// The loss of a model on examples that it does not learn.
struct HeldOutLoss {
  /// Examples go through the model together up to so many tokens.
  private static let tokensPerBatch = 1024

  let model: any CausalTransformer

  /// The mean of -log p over all tokens that count.
  /// - Parameters:
  ///   - examples: What is to be predicted; those in which nothing counts add nothing.
  ///   - progress: Called after each batch with how many examples are done.
  /// - Throws: `ModelError` where no token counts or an example is too long, or `CancellationError`.
  func mean(of examples: [TrainingExample], progress: (Int) -> Void = { _ in }) throws -> Double {
    let counted = examples.reduce(0) { $0 + $1.countedTokens }
    guard counted > 0 else { throw ModelError.nothingToLearn }
    var sum = 0.0
    var batch: [TrainingSequence] = []
    var tokens = 0
    for (index, example) in examples.enumerated() {
      if example.countedTokens > 0 {
        if tokens + example.tokens.count > Self.tokensPerBatch { sum += try self.sum(of: &batch, &tokens) }
        batch.append(try example.sequence())
        tokens += example.tokens.count
      }
      progress(index + 1)
    }
    sum += try self.sum(of: &batch, &tokens)
    return sum / Double(counted)
  }

  /// The sum, and not the mean, since batches have different numbers of tokens.
  private func sum(of batch: inout [TrainingSequence], _ tokens: inout Int) throws -> Double {
    try Task.checkCancellation()
    guard !batch.isEmpty else { return 0 }
    let loss = try model.loss(of: batch, divisor: 1, checkpoints: false)
    (batch, tokens) = ([], 0)
    return Double(loss.values[0])
  }
}
