import Foundation
import MartletTensors
import MartletTransformers

/// Trains a model step by step. Each step is decided by its number, so that the same weights, examples, recipe and state give
/// the same steps, bit for bit, on any number of threads.
///
/// ```swift
/// let adapter = try ModelAdapter.initialized(AdapterConfiguration(), for: model.parameters, seed: 42)
/// var recipe = TrainingRecipe()
/// recipe.length = .steps(20)
/// var trainer = try Trainer(TrainableWeights(adapter, on: model), examples: examples, recipe: recipe)
/// while trainer.completedSteps < trainer.totalSteps {
///   print(try trainer.step().loss)
/// }
/// ```
public struct Trainer: Sendable {
  /// What trains.
  public private(set) var weights: TrainableWeights
  /// How it trains.
  public let recipe: TrainingRecipe
  /// What it learns from.
  public let examples: [TrainingExample]
  /// The steps taken.
  public private(set) var completedSteps = 0
  /// The steps of the whole run.
  public let totalSteps: Int
  private var optimizer: any Optimizer
  private var order: ExampleOrder
  private let schedule: LearningRateSchedule

  /// Training that is about to begin.
  /// - Throws: ``TrainingError`` where nothing can be learned from the examples, or the recipe cannot be used.
  public init(
    _ weights: TrainableWeights, examples: [TrainingExample], recipe: TrainingRecipe
  ) throws(TrainingError) {
    try recipe.check()
    guard examples.contains(where: { $0.countedTokens > 0 }) else {
      throw .emptyTrainingSet(examples: examples.count)
    }
    try Self.check(examples, weights.base)
    (self.weights, self.examples, self.recipe) = (weights, examples, recipe)
    totalSteps = recipe.steps(examples: examples.count)
    schedule = recipe.schedule(steps: totalSteps)
    order = ExampleOrder(examples: examples.count, recipe: recipe)
    optimizer = recipe.optimizer.made()
  }

  /// Takes one step.
  /// - Throws: ``TrainingError/notFinite(step:what:)`` where the loss or a gradient is none; the weights are then those
  ///   before the step.
  public mutating func step() throws(TrainingError) -> StepReport {
    let start = ContinuousClock.now
    let batch = order.examples(ofStep: completedSteps).map { examples[$0] }
    let number = completedSteps + 1
    var (loss, gradients) = try gradients(of: batch)
    guard loss.isFinite else { throw .notFinite(step: number, what: "the loss") }
    // In the order of names, so that the sum has the same bits each time.
    let squares = gradients.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value.squaredNorm }
    let norm = squares.squareRoot()
    guard norm.isFinite else { throw .notFinite(step: number, what: "a gradient") }
    let factor = recipe.maximumGradientNorm.map { min(1, $0 / (norm + 1e-6)) } ?? 1
    let rate = recipe.learningRate * schedule.factor(at: completedSteps, of: totalSteps)
    optimizer.update(
      &weights.values, &gradients,
      OptimizerUpdate(
        rate: rate, decay: recipe.weightDecay, undecayed: weights.vectors, gradientFactor: factor))
    completedSteps = number
    let time = (ContinuousClock.now - start).components
    return StepReport(
      step: number, epoch: Double(number) / Double(order.stepsPerEpoch), loss: loss, learningRate: rate,
      gradientNorm: norm, tokens: batch.reduce(0) { $0 + $1.tokens.count },
      countedTokens: batch.reduce(0) { $0 + $1.countedTokens },
      seconds: Double(time.seconds) + Double(time.attoseconds) * 1e-18, memoryBytes: ProcessMemory.peakBytes)
  }

  /// The loss of examples, and its gradients by all that trains.
  private func gradients(
    of batch: [TrainingExample]
  ) throws(TrainingError) -> (loss: Double, gradients: [String: Tensor]) {
    let counted = batch.reduce(0) { $0 + $1.countedTokens }
    // A step whose examples have nothing that counts changes nothing but by decay and momentum.
    guard counted > 0 else { return (0, weights.values.mapValues { $0.zeros() }) }
    let recorded = weights.values.mapValues { $0.recorded() }
    let stepSeed = mixed(recipe.seed ^ 0x64_726f_706f_7574, UInt64(completedSteps))
    var (loss, sums) = (0.0, Gradients())
    for (index, pass) in passes(of: batch).enumerated() {
      let model = try weights.recorded(dropoutSeed: mixed(stepSeed, UInt64(index)), recorded)
      let part = try Self.loss(of: pass, model, divisor: counted)
      loss += Double(part.values[0])
      do throws(GradientError) { try part.addGradients(to: &sums) } catch { throw .gradient(error) }
    }
    var gradients: [String: Tensor] = [:]
    for (name, tensor) in recorded { gradients[name] = sums.remove(tensor) }
    return (loss, gradients)
  }

  /// A batch in parts that go through the model one after the other. Examples without a token that counts go through none.
  private func passes(of batch: [TrainingExample]) -> [[TrainingExample]] {
    var (passes, tokens): ([[TrainingExample]], Int) = ([], 0)
    for example in batch where example.countedTokens > 0 {
      let fits = tokens + example.tokens.count <= recipe.tokensPerPass
      if recipe.packs, fits, !passes.isEmpty {
        passes[passes.count - 1].append(example)
        tokens += example.tokens.count
      } else {
        passes.append([example])
        tokens = example.tokens.count
      }
    }
    return passes
  }

  private static func loss(
    of examples: [TrainingExample], _ model: any CausalTransformer, divisor: Int
  ) throws(TrainingError) -> Tensor {
    do throws(ModelError) {
      var sequences: [TrainingSequence] = []
      for example in examples { sequences.append(try example.sequence()) }
      return try model.loss(of: sequences, divisor: divisor)
    } catch { throw .model(error) }
  }

  private static func check(
    _ examples: [TrainingExample], _ model: any CausalTransformer
  ) throws(TrainingError) {
    let context = model.shape.context
    if let index = examples.firstIndex(where: { $0.tokens.count > context }) {
      throw .exampleTooLong(number: index + 1, tokens: examples[index].tokens.count, context: context)
    }
    do throws(ModelError) { for example in examples { try model.check(example.tokens) } } catch {
      throw .model(error)
    }
  }

  /// How well the model predicts examples as it is now, without dropout.
  /// - Throws: ``TrainingError`` where nothing of the examples counts, or the loss is not finite.
  public func evaluate(on examples: [TrainingExample]) throws(TrainingError) -> EvaluationReport {
    let counted = examples.reduce(0) { $0 + $1.countedTokens }
    guard counted > 0 else { throw .emptyTrainingSet(examples: examples.count) }
    try Self.check(examples, weights.base)
    let model = try weights.model()
    var loss = 0.0
    for pass in passes(of: examples) {
      loss += Double(try Self.loss(of: pass, model, divisor: counted).values[0])
    }
    guard loss.isFinite else {
      throw .notFinite(step: completedSteps, what: "the loss of the held-out examples")
    }
    return EvaluationReport(step: completedSteps, loss: loss, countedTokens: counted)
  }

  /// What a checkpoint keeps of the training beside its recipe.
  var state: TrainerState {
    get { TrainerState(steps: completedSteps, values: weights.values, optimizer: optimizer.state) }
    set {
      (completedSteps, weights.values) = (newValue.steps, newValue.values)
      optimizer.state = newValue.optimizer
    }
  }
}

/// What changes while a model trains.
struct TrainerState: Sendable {
  var steps: Int
  var values: [String: Tensor]
  var optimizer: OptimizerState
}

extension TrainingExample {
  /// The example as a model takes it.
  func sequence() throws(ModelError) -> TrainingSequence {
    try TrainingSequence(
      tokens: tokens,
      targets: tokens.indices.map { index in
        index + 1 < tokens.count && counts[index + 1] ? tokens[index + 1] : nil
      })
  }
}
