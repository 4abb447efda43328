import MartletKernels

/// One step of AdamW (Loshchilov and Hutter 2017, "Decoupled Weight Decay Regularization", algorithm 2), in the arithmetic of
/// torch's `AdamW`.
public struct AdamWStep: Sendable, Equatable {
  /// The number of the step, from 1 on: the means of the first ones are corrected for having begun at 0.
  public let number: Int
  /// The learning rate.
  public let rate: Double
  /// How much of the mean of gradients is kept.
  public let beta1: Double
  /// How much of the mean of squared gradients is kept.
  public let beta2: Double
  /// What is added to the root of the mean square.
  public let epsilon: Double
  /// The share of a value that is taken away, times the learning rate.
  public let decay: Double
  /// What gradients are multiplied by first: less than 1 where they are clipped.
  public let gradientFactor: Double

  /// A step.
  /// - Precondition: `number` is positive.
  public init(
    number: Int, rate: Double, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    decay: Double = 0, gradientFactor: Double = 1
  ) {
    precondition(number > 0, "a step before the first")
    (self.number, self.rate, self.beta1, self.beta2) = (number, rate, beta1, beta2)
    (self.epsilon, self.decay, self.gradientFactor) = (epsilon, decay, gradientFactor)
  }

  fileprivate var kernel: martlet_adamw_step {
    func power(_ base: Double) -> Double {
      var (result, factor, left) = (1.0, base, number)
      while left > 0 {
        if left & 1 == 1 { result *= factor }
        (factor, left) = (factor * factor, left >> 1)
      }
      return result
    }
    return martlet_adamw_step(
      rate: Float(rate), beta2: Float(beta2), epsilon: Float(epsilon), decay: Float(decay),
      mean_share: Float(1 - beta1), square_share: Float(1 - beta2),
      mean_correction: Float(1 - power(beta1)), square_correction: Float(1 - power(beta2)),
      gradient_factor: Float(gradientFactor))
  }
}

/// One step of gradient descent with momentum, in the arithmetic of torch's `SGD`.
public struct SGDStep: Sendable, Equatable {
  /// The learning rate.
  public let rate: Double
  /// How much of the sum of earlier gradients is kept.
  public let momentum: Double
  /// The share of a value that is added to its gradient.
  public let decay: Double
  /// What gradients are multiplied by first: less than 1 where they are clipped.
  public let gradientFactor: Double

  /// A step.
  public init(rate: Double, momentum: Double = 0, decay: Double = 0, gradientFactor: Double = 1) {
    (self.rate, self.momentum, self.decay, self.gradientFactor) = (rate, momentum, decay, gradientFactor)
  }

  fileprivate var kernel: martlet_sgd_step {
    martlet_sgd_step(
      rate: Float(rate), momentum: Float(momentum), decay: Float(decay),
      gradient_factor: Float(gradientFactor))
  }
}

extension Tensor {
  /// Makes the values those after a step of AdamW.
  ///
  /// Values and moments are written in place where nobody else has them, so that a step takes no memory; where somebody has,
  /// these keep what they have.
  /// - Parameters:
  ///   - step: The step.
  ///   - gradient: The loss's gradient by these values.
  ///   - mean: The running mean of gradients; zeros before the first step.
  ///   - square: The running mean of their squares; zeros before the first step.
  /// - Precondition: All have the shape of the values.
  public mutating func take(
    _ step: AdamWStep, gradient: Tensor, mean: inout Tensor, square: inout Tensor
  ) {
    precondition(
      hasShape(of: gradient) && hasShape(of: mean) && hasShape(of: square), "moments of another shape")
    makeUnique()
    mean.makeUnique()
    square.makeUnique()
    let (values, kernel) = (pointer, step.kernel)
    let (gradients, means, squares) = (gradient.pointer, mean.pointer, square.pointer)
    device.processor.parallelElements(count) { range in
      let first = range.lowerBound
      martlet_adamw(
        kernel, gradients + first, means + first, squares + first, values + first, range.count)
    }
    withExtendedLifetime((self, gradient, mean, square)) {}
  }

  /// Makes the values those after a step of gradient descent.
  ///
  /// As with ``take(_:gradient:mean:square:)``, nothing is copied where nobody else has the values.
  /// - Parameters:
  ///   - step: The step.
  ///   - gradient: The loss's gradient by these values.
  ///   - momentum: The running sum of gradients; zeros before the first step.
  /// - Precondition: All have the shape of the values.
  public mutating func take(_ step: SGDStep, gradient: Tensor, momentum: inout Tensor) {
    precondition(hasShape(of: gradient) && hasShape(of: momentum), "momentum of another shape")
    makeUnique()
    momentum.makeUnique()
    let (values, gradients, sums, kernel) = (pointer, gradient.pointer, momentum.pointer, step.kernel)
    device.processor.parallelElements(count) { range in
      let first = range.lowerBound
      martlet_sgd(kernel, gradients + first, sums + first, values + first, range.count)
    }
    withExtendedLifetime((self, gradient, momentum)) {}
  }

  /// Makes the values those after a step of gradient descent without momentum, which `step` is taken to have none of.
  /// - Precondition: The gradient has the shape of the values.
  public mutating func take(_ step: SGDStep, gradient: Tensor) {
    precondition(hasShape(of: gradient), "a gradient of another shape")
    makeUnique()
    let (values, gradients, kernel) = (pointer, gradient.pointer, step.kernel)
    device.processor.parallelElements(count) { range in
      martlet_sgd(kernel, gradients + range.lowerBound, nil, values + range.lowerBound, range.count)
    }
    withExtendedLifetime((self, gradient)) {}
  }

  /// Adds the values of another tensor of this shape, in place where nobody else has these.
  public mutating func add(_ other: Tensor) {
    precondition(hasShape(of: other), "a sum of tensors of different shapes")
    makeUnique()
    let (values, added, processor) = (pointer, other.pointer, device.processor)
    processor.parallelElements(count) { range in
      let first = range.lowerBound
      processor.kernels.add(values + first, added + first, values + first, range.count)
    }
    withExtendedLifetime((self, other)) {}
  }

  /// The sum of the squares of all values, in double precision; the same on any number of threads.
  public var squaredNorm: Double {
    let chunks = (count + Processor.elementsPerChunk - 1) / Processor.elementsPerChunk
    var sums = [Double](repeating: 0, count: chunks)
    let values = pointer
    sums.withUnsafeMutableBufferPointer { sums in
      nonisolated(unsafe) let sums = sums
      device.processor.parallel(chunks) { chunk in
        let first = chunk * Processor.elementsPerChunk
        sums[chunk] = martlet_squared_norm(values + first, min(Processor.elementsPerChunk, count - first))
      }
    }
    withExtendedLifetime(self) {}
    return sums.reduce(0, +)
  }

  /// A tensor of zeros.
  /// - Precondition: Neither size is negative.
  public static func zeros(rows: Int, columns: Int, device: Device) -> Tensor {
    let zeros = Tensor(uninitializedRows: rows, columns: columns, device: device)
    zeros.pointer.update(repeating: 0, count: zeros.count)
    return zeros
  }

  private func hasShape(of other: Tensor) -> Bool { rows == other.rows && columns == other.columns }
}

extension Processor {
  fileprivate static let elementsPerChunk = 65_536

  /// Calls `body` with ranges that cover `0..<count`, on all threads at once.
  fileprivate func parallelElements(_ count: Int, _ body: (Range<Int>) -> Void) {
    let chunks = (count + Self.elementsPerChunk - 1) / Self.elementsPerChunk
    parallel(chunks) { chunk in
      body(chunk * Self.elementsPerChunk..<min(count, (chunk + 1) * Self.elementsPerChunk))
    }
  }
}
