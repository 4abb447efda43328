extension Tensor {
  /// What `body` makes of this tensor, keeping none of what is computed on the way: the backward pass computes it again
  /// (Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost").
  ///
  /// Values and gradients are those of `body(self)`, bit for bit.
  /// - Parameter body: Gives the same result whenever it is called with the same tensor.
  public func checkpointed(_ body: @escaping @Sendable (Tensor) -> Tensor) -> Tensor {
    let result = body(unrecorded())
    // What was recorded in the body lives no longer than this call.
    guard isRecorded || result.isRecorded else { return result }
    return result.unrecorded().remembering(Step(Checkpoint(x: self, body: body)))
  }

  /// The same values, not recorded: what is computed from them does not lead back to where they come from.
  public func unrecorded() -> Tensor { Tensor(self, origin: nil) }
}

/// A computation whose intermediate results are not kept.
private struct Checkpoint: RecordableOperation {
  let x: Tensor
  let body: @Sendable (Tensor) -> Tensor
  var operands: [Tensor] { [x] }
  /// The body may read recorded tensors besides its operand.
  var isRecorded: Bool { true }

  func forward(on processor: Processor) -> Tensor { body(x.unrecorded()) }

  func backward(_ gradients: [Tensor?], _ pass: BackwardPass) throws(GradientError) {
    guard let gradient = gradients[0] else { return }
    let input = x.isRecorded ? x.unrecorded().recorded() : x
    let result = body(input)
    guard result.isRecorded else { return }
    try pass.run(from: result, gradient: gradient)
    if x.isRecorded, let gradient = pass.take(input) { pass.add(gradient, to: x) }
  }
}
