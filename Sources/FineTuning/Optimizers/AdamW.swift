import MartletTensors

/// Adam with decoupled weight decay (Loshchilov and Hutter 2017, "Decoupled Weight Decay Regularization"), with torch's
/// defaults and in its arithmetic.
public struct AdamW: Optimizer {
  /// `adamw`.
  public static var name: String { "adamw" }
  /// How much of the mean of gradients is kept.
  public let beta1: Double
  /// How much of the mean of squared gradients is kept.
  public let beta2: Double
  /// What is added to the root of the mean square.
  public let epsilon: Double
  private var steps = 0
  private var means: [String: Tensor] = [:]
  private var squares: [String: Tensor] = [:]

  /// An optimizer that has taken no step.
  public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8) {
    (self.beta1, self.beta2, self.epsilon) = (beta1, beta2, epsilon)
  }

  /// The moments: `NAME.exp_avg` and `NAME.exp_avg_sq`, as torch calls them.
  public var state: OptimizerState {
    get {
      var tensors: [String: Tensor] = [:]
      for (name, mean) in means { tensors[name + ".exp_avg"] = mean }
      for (name, square) in squares { tensors[name + ".exp_avg_sq"] = square }
      return OptimizerState(steps: steps, tensors: tensors)
    }
    set {
      (steps, means, squares) = (newValue.steps, [:], [:])
      for (name, tensor) in newValue.tensors {
        if name.hasSuffix(".exp_avg_sq") { squares[String(name.dropLast(11))] = tensor }
        if name.hasSuffix(".exp_avg") { means[String(name.dropLast(8))] = tensor }
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
      let step = AdamWStep(
        number: steps, rate: update.rate, beta1: beta1, beta2: beta2, epsilon: epsilon,
        decay: update.decay(of: name), gradientFactor: update.gradientFactor)
      values[name]?.take(
        step, gradient: gradient, mean: &means[name, default: gradient.zeros()],
        square: &squares[name, default: gradient.zeros()])
    }
  }
}
