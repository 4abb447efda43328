import MartletTensors

/// Stochastic gradient descent with momentum, in torch's arithmetic: decay is added to the gradient.
public struct SGD: Optimizer {
  /// `sgd`.
  public static var name: String { "sgd" }
  /// How much of the sum of earlier gradients is kept.
  public let momentum: Double
  private var steps = 0
  private var sums: [String: Tensor] = [:]

  /// An optimizer that has taken no step.
  public init(momentum: Double = 0) { self.momentum = momentum }

  /// The sums of gradients: `NAME.momentum_buffer`, as torch calls them.
  public var state: OptimizerState {
    get {
      let tensors = sums.map { ($0.key + ".momentum_buffer", $0.value) }
      return OptimizerState(
        steps: steps, tensors: Dictionary(tensors, uniquingKeysWith: { first, _ in first }))
    }
    set {
      (steps, sums) = (newValue.steps, [:])
      for (name, tensor) in newValue.tensors where name.hasSuffix(".momentum_buffer") {
        sums[String(name.dropLast(16))] = tensor
      }
    }
  }

  /// Takes one step.
  public mutating func update(
    _ values: inout [String: Tensor], _ gradients: inout [String: Tensor], _ update: OptimizerUpdate
  ) {
    steps += 1
    for name in values.keys.sorted() {
      guard let gradient = gradients.removeValue(forKey: name) else { continue }
      let step = SGDStep(
        rate: update.rate, momentum: momentum, decay: update.decay(of: name),
        gradientFactor: update.gradientFactor)
      if momentum == 0 {
        values[name]?.take(step, gradient: gradient)
      } else {
        values[name]?.take(
          step, gradient: gradient, momentum: &sums[name, default: gradient.zeros()])
      }
    }
  }
}
