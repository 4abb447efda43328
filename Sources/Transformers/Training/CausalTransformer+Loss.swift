import MartletTensors

extension CausalTransformer {
  /// The mean of -log p over the tokens that count: one value, with gradients by the recorded weights and adapters that the
  /// model was built with (``adapted(by:replacing:)``).
  ///
  /// The sequences are packed end to end and do not see each other. The logits are never there as a whole.
  ///
  /// ```swift
  /// guard let norm = model.parameters["model.norm.weight"] else { return }
  /// let weight = try norm.values().recorded()
  /// let trained = try model.adapted(by: [:], replacing: [norm.name: weight])
  /// let loss = try trained.loss(of: [TrainingSequence([1, 5, 9, 2])])
  /// let gradient = try loss.gradients()[weight]
  /// ```
  /// - Parameters:
  ///   - sequences: What to learn from.
  ///   - divisor: What the sum over the tokens is divided by; nil for the number of those that count here. A step that adds
  ///     up the gradients of several calls gives the number of all its tokens, and so has the gradients of one call.
  ///   - checkpoints: Whether the backward pass computes each block again instead of keeping what it computed: a third
  ///     more time, and memory for one block in place of all.
  /// - Throws: ``ModelError`` where no token counts, a token has no embedding, or a sequence is too long.
  public func loss(
    of sequences: [TrainingSequence], divisor: Int? = nil, checkpoints: Bool = true
  ) throws(ModelError) -> Tensor {
    var batch = PackedBatch()
    batch.checkpointsBlocks = checkpoints
    for sequence in sequences { batch.append(sequence.tokens) }
    let counted = sequences.flatMap(\.targets).enumerated().compactMap { row, target in
      target.map { (row: row, target: $0) }
    }
    guard !counted.isEmpty else { throw .nothingToLearn }
    try check(counted.map(\.target))
    let states = try hiddenStates(of: batch)
    let rows = counted.map(\.row)
    return crossEntropy(
      of: rows.count == states.rows ? states : states.gatherRows(rows), head: head,
      targets: counted.map { Int($0.target) }, divisor: divisor)
  }
}
