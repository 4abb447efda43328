/// Which values are dropped while training, and by what the others grow (Srivastava et al. 2014, "Dropout: A Simple Way to
/// Prevent Neural Networks from Overfitting").
public struct Dropout: Sendable, Equatable {
  /// The probability that a value becomes 0; the others are multiplied by 1 / (1 - probability).
  public let probability: Float
  /// Decides which: the same seed drops the same values of a tensor of the same shape.
  public let seed: UInt64

  /// - Throws: ``TensorError/invalidProbability(_:)`` unless the probability is in `0..<1`.
  public init(probability: Float, seed: UInt64) throws(TensorError) {
    guard probability >= 0, probability < 1 else { throw .invalidProbability(probability) }
    (self.probability, self.seed) = (probability, seed)
  }

  /// A factor for each of `count` values from number `first` on: 0, or 1 / (1 - probability).
  fileprivate func multiply(
    _ x: UnsafePointer<Float>, first: Int, count: Int, into out: UnsafeMutablePointer<Float>
  ) {
    // A value is dropped where its number, mixed with the seed, is below the probability's share of 2^64: SplitMix64
    // (Steele et al. 2014), of which any element can be had.
    let limit = UInt64(Double(probability) * 0x1p64)
    let factor = 1 / (1 - probability)
    for index in 0..<count {
      var z = seed &+ UInt64(first + index + 1) &* 0x9E37_79B9_7F4A_7C15
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      z ^= z >> 31
      out[index] = z < limit ? 0 : x[index] * factor
    }
  }
}

extension Tensor {
  /// The values with some dropped.
  public func dropped(by dropout: Dropout) -> Tensor {
    dropout.probability == 0 ? self : device.perform(Dropping(x: self, dropout: dropout))
  }
}

private struct Dropping: RecordableOperation {
  let x: Tensor
  let dropout: Dropout
  var operands: [Tensor] { [x] }
  var isRecorded: Bool { x.isRecorded }
  var remembered: Dropping { Dropping(x: x.valueless, dropout: dropout) }

  func forward(on processor: Processor) -> Tensor { result(of: x, processor) }

  func backward(_ gradients: [Tensor?], _ pass: BackwardPass) throws(GradientError) {
    guard let gradient = gradients[0] else { return }
    pass.add(result(of: gradient, pass.processor), to: x)
  }

  private func result(of values: Tensor, _ processor: Processor) -> Tensor {
    processor.mapRows(of: values) { rows, out in
      dropout.multiply(
        values.row(rows.lowerBound), first: rows.lowerBound * values.columns,
        count: rows.count * values.columns, into: out)
    }
  }
}
