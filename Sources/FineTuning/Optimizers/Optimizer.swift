import MartletTensors

/// What changes weights by their gradients, and what it remembers from step to step.
public protocol Optimizer: Sendable {
  /// The name in files: `adamw`, `sgd`.
  static var name: String { get }
  /// What is remembered, to be kept in a checkpoint and put back.
  var state: OptimizerState { get set }

  /// Takes one step.
  /// - Parameters:
  ///   - values: The weights by name, which become those after the step: in place where nobody else has their memory.
  ///   - gradients: The loss's gradients by all of them. They are taken out one after the other, so that each one's memory is
  ///     free once it was used.
  ///   - update: What holds for this step.
  mutating func update(
    _ values: inout [String: Tensor], _ gradients: inout [String: Tensor], _ update: OptimizerUpdate)
}

/// What holds for one step of an ``Optimizer``.
public struct OptimizerUpdate: Sendable, Equatable {
  /// The learning rate.
  public var rate: Double
  /// The weight decay.
  public var decay: Double
  /// The names of the weights that do not decay: norms and biases, as in transformers' `Trainer`.
  public var undecayed: Set<String>
  /// What gradients are multiplied by: less than 1 where they are clipped.
  public var gradientFactor: Double

  /// What holds for a step.
  public init(rate: Double, decay: Double = 0, undecayed: Set<String> = [], gradientFactor: Double = 1) {
    (self.rate, self.decay, self.undecayed) = (rate, decay, undecayed)
    self.gradientFactor = gradientFactor
  }

  func decay(of name: String) -> Double { undecayed.contains(name) ? 0 : decay }
}

/// What an optimizer remembers from step to step.
public struct OptimizerState: Sendable {
  /// The steps taken.
  public var steps: Int
  /// Tensors in the shape of the weights, by the weight's name and what they are: `NAME.exp_avg`.
  public var tensors: [String: Tensor]

  /// What is remembered.
  public init(steps: Int = 0, tensors: [String: Tensor] = [:]) {
    (self.steps, self.tensors) = (steps, tensors)
  }
}

extension Tensor {
  /// Zeros in the shape of the tensor.
  func zeros() -> Tensor { .zeros(rows: rows, columns: columns, device: device) }
}
