/// How a model is trained: all that decides, with the model and the data, what comes out.
public struct TrainingRecipe: Sendable, Equatable {
  /// How long training goes on.
  public enum Length: Sendable, Equatable {
    /// So many times over all examples; a part of a time is rounded up to whole steps.
    case epochs(Double)
    /// So many steps of the optimizer.
    case steps(Int)
  }

  /// How many steps the learning rate takes to rise.
  public enum Warmup: Sendable, Equatable {
    /// So many.
    case steps(Int)
    /// A share of all, rounded up.
    case share(Double)
  }

  /// What changes the weights.
  public enum OptimizerKind: Sendable, Equatable {
    /// ``AdamW``.
    case adamW(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8)
    /// ``SGD``.
    case sgd(momentum: Double = 0)

    /// One that has taken no step.
    func made() -> any Optimizer {
      switch self {
      case .adamW(let beta1, let beta2, let epsilon): AdamW(beta1: beta1, beta2: beta2, epsilon: epsilon)
      case .sgd(let momentum): SGD(momentum: momentum)
      }
    }
  }

  /// How long training goes on.
  public var length = Length.epochs(3)
  /// The examples of a batch.
  public var batchSize = 4
  /// How many batches give the gradients of one step, which are those of one batch of all their examples: each token counts
  /// the same, whatever batch it is in.
  public var accumulation = 1
  /// The highest learning rate.
  public var learningRate = 2e-4
  /// How the rate changes.
  public var schedule = LearningRateSchedule.Shape.linear
  /// How long the rate rises first.
  public var warmup = Warmup.steps(0)
  /// What changes the weights.
  public var optimizer = OptimizerKind.adamW()
  /// The decay of weights that are neither norms nor biases.
  public var weightDecay = 0.01
  /// What the norm of all gradients together is clipped to (Pascanu et al. 2013); nil clips nothing.
  public var maximumGradientNorm: Double? = 1
  /// Decides the order of examples, and what dropout drops.
  public var seed: UInt64 = 42
  /// Whether each epoch has an order of its own, and not that of the examples.
  public var shuffles = true
  /// Whether the examples of a batch go through the model end to end, without seeing each other; else each goes by itself.
  /// The losses are the same but for rounding.
  public var packs = true
  /// The most tokens that go through the model at once, but for a single longer example: what a step's memory depends on.
  public var tokensPerPass = 2048

  /// transformers' and torch's defaults, with a learning rate for LoRA.
  public init() {}

  /// The examples of a step.
  public var examplesPerStep: Int { batchSize * accumulation }

  /// How many steps there are with so many examples.
  public func steps(examples: Int) -> Int {
    switch length {
    case .steps(let count): count
    case .epochs(let count): max(1, Int((count * Double(stepsPerEpoch(examples: examples))).rounded(.up)))
    }
  }

  /// How many steps go once over so many examples. The last may have fewer than the others.
  public func stepsPerEpoch(examples: Int) -> Int {
    max(1, (examples + examplesPerStep - 1) / examplesPerStep)
  }

  /// The schedule of a run of so many steps.
  public func schedule(steps: Int) -> LearningRateSchedule {
    switch warmup {
    case .steps(let count): LearningRateSchedule(schedule, warmupSteps: count)
    case .share(let share):
      LearningRateSchedule(schedule, warmupSteps: Int((share * Double(steps)).rounded(.up)))
    }
  }

  /// Refuses numbers that no run can have.
  func check() throws(TrainingError) {
    func require(_ isTrue: Bool, _ problem: String) throws(TrainingError) {
      guard isTrue else { throw .unusableRecipe(problem) }
    }
    switch length {
    case .steps(let count): try require(count > 0, "there are no steps")
    case .epochs(let count): try require(count > 0 && count < 1e6, "\(count) is no number of epochs")
    }
    try require(batchSize > 0 && accumulation > 0, "a batch has no examples")
    try require(batchSize < 1 << 24 && accumulation < 1 << 24, "a batch has too many examples")
    try require(learningRate >= 0 && learningRate.isFinite, "\(learningRate) is no learning rate")
    try require(weightDecay >= 0 && weightDecay.isFinite, "\(weightDecay) is no weight decay")
    if let norm = maximumGradientNorm { try require(norm > 0, "\(norm) is no norm to clip to") }
    switch warmup {
    case .steps(let count): try require(count >= 0, "a warm-up of \(count) steps")
    case .share(let share): try require((0...1).contains(share), "\(share) is no share of the steps")
    }
    switch optimizer {
    case .adamW(let beta1, let beta2, let epsilon):
      try require((0..<1).contains(beta1) && (0..<1).contains(beta2), "betas are from 0 up to 1")
      try require(epsilon >= 0, "\(epsilon) is no epsilon")
    case .sgd(let momentum): try require((0..<1).contains(momentum), "\(momentum) is no momentum")
    }
    try require(tokensPerPass > 0, "no token may go through the model")
  }
}
