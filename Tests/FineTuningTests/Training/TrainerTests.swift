import MartletSeededRandom
import MartletTensors
import MartletTransformers
import Testing

@testable import MartletFineTuning

@Suite("A trainer's steps")
struct TrainerTests {
  @Test("The same seed gives the same losses, bit for bit, on any number of threads; another gives others")
  func seeds() throws {
    var (first, second) = (
      try tinyTrainer(dropout: 0.2, threads: 1), try tinyTrainer(dropout: 0.2, threads: 3)
    )
    let losses = try first.losses()
    #expect(try second.losses() == losses)
    for (name, value) in first.weights.values { #expect(second.weights.values[name]?.values == value.values) }
    var other = try tinyTrainer(dropout: 0.2) { $0.seed = 43 }
    #expect(try other.losses() != losses)
  }

  @Test("Gradients of accumulated batches are those of one large batch", arguments: [false, true])
  func accumulation(full: Bool) throws {
    var one = try tinyTrainer(full: full) {
      ($0.batchSize, $0.learningRate) = (8, 1e-3)
    }
    var accumulated = try tinyTrainer(full: full) {
      ($0.batchSize, $0.accumulation, $0.learningRate, $0.tokensPerPass) = (2, 4, 1e-3, 20)
    }
    #expect(one.totalSteps == accumulated.totalSteps)
    for _ in 0..<5 {
      let (a, b) = (try one.step(), try accumulated.step())
      #expect(abs(a.loss - b.loss) < 1e-5 * a.loss)
      #expect(abs(a.gradientNorm - b.gradientNorm) < 1e-4 * a.gradientNorm)
      #expect(a.tokens == b.tokens && a.countedTokens == b.countedTokens)
    }
  }

  @Test("Packed examples do not see each other: the loss is the mean of theirs by their tokens")
  func packing() throws {
    let examples = try TrainingReference.examples()
    let packed = try tinyTrainer(), separate = try tinyTrainer { $0.packs = false }
    let together = try packed.evaluate(on: examples).loss
    #expect(abs(together - (try separate.evaluate(on: examples).loss)) < 1e-6 * together)
    var (sum, tokens) = (0.0, 0)
    for example in examples {
      sum += try packed.evaluate(on: [example]).loss * Double(example.countedTokens)
      tokens += example.countedTokens
    }
    #expect(abs(together - sum / Double(tokens)) < 1e-6 * together)
    var (a, b) = (packed, separate)
    for (x, y) in zip(try a.losses(), try b.losses()) { #expect(abs(x - y) < 1e-4 * x) }
  }

  @Test("Dropout drops other values at each step and in each layer")
  func dropout() throws {
    var (with, without) = (try tinyTrainer(dropout: 0.5), try tinyTrainer())
    // B is zero at first, so that what A reads changes nothing yet.
    #expect(try with.step().loss == without.step().loss)
    #expect(try with.step().loss != without.step().loss)
    let examples = try TrainingReference.examples()
    #expect(try with.evaluate(on: examples) == with.evaluate(on: examples))
    let seeds = ["a", "b"].flatMap { name in (0..<3).map { mixed(mixed(1, UInt64($0)), name) } }
    #expect(Set(seeds).count == 6)
  }

  @Test("Each epoch has every example once, in an order of its own unless that of the file is kept")
  func order() throws {
    var recipe = TrainingRecipe()
    recipe.batchSize = 4
    var order = ExampleOrder(examples: 10, recipe: recipe)
    let epochs = (0..<3).map { epoch in (0..<3).map { order.examples(ofStep: 3 * epoch + $0) } }
    for epoch in epochs {
      #expect(epoch.map(\.count) == [4, 4, 2] && epoch.joined().sorted() == Array(0..<10))
    }
    #expect(epochs[0] != epochs[1] && epochs[1] != epochs[2])
    #expect(order.examples(ofStep: 1) == epochs[0][1])
    recipe.shuffles = false
    var kept = ExampleOrder(examples: 10, recipe: recipe)
    #expect(kept.examples(ofStep: 5) == [8, 9])
    recipe.length = .epochs(1.5)
    #expect(recipe.steps(examples: 10) == 5)
  }

  @Test("Frozen weights stay as they are, and patterns that freeze nothing are refused")
  func freezing() throws {
    let model = try TrainingReference.model("qwen3", device: Device(threads: 2))
    let weights = try TrainableWeights(allOf: model, freezing: ["embed_tokens", #"layers\.0\."#])
    #expect(weights.values["model.embed_tokens.weight"] == nil)
    #expect(weights.values.keys.allSatisfy { !$0.contains("layers.0.") } && !weights.values.isEmpty)
    #expect(throws: TrainingError.self) { try TrainableWeights(allOf: model, freezing: ["nothing"]) }
    #expect(throws: TrainingError.self) { try TrainableWeights(allOf: model, freezing: ["("]) }
    #expect(throws: TrainingError.nothingToTrain) { try TrainableWeights(allOf: model, freezing: [""]) }
  }

  @Test("A loss that is not finite stops before the step, which it names")
  func notFinite() throws {
    var trainer = try tinyTrainer { ($0.learningRate, $0.maximumGradientNorm) = (1e30, nil) }
    var values = trainer.weights.values
    let error = #expect(throws: TrainingError.self) {
      while true {
        values = trainer.weights.values
        _ = try trainer.step()
      }
    }
    guard case .notFinite(let step, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(step == trainer.completedSteps + 1)
    for (name, value) in trainer.weights.values {
      #expect(values[name]?.values.map(\.bitPattern) == value.values.map(\.bitPattern))
    }
  }

  @Test("What nothing can be learned from is refused before the first step")
  func refused() throws {
    #expect(throws: TrainingError.emptyTrainingSet(examples: 0)) { try tinyTrainer(examples: []) }
    let mute = try TrainingExample(tokens: [1, 5], counts: [true, false], text: "")
    #expect(throws: TrainingError.emptyTrainingSet(examples: 1)) { try tinyTrainer(examples: [mute]) }
    let long = try TrainingExample(
      tokens: [Int32](repeating: 5, count: 5000), counts: [Bool](repeating: true, count: 5000), text: "")
    let error = #expect(throws: TrainingError.self) { try tinyTrainer(examples: [long]) }
    guard case .exampleTooLong(number: 1, tokens: 5000, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(throws: TrainingError.self) { try tinyTrainer { $0.batchSize = 0 } }
    #expect(throws: TrainingError.self) { try tinyTrainer { $0.learningRate = .nan } }
    #expect(throws: TrainingError.self) { try tinyTrainer { $0.length = .steps(0) } }
  }

  @Test("A step writes weights in place, and leaves alone what somebody else has")
  func values() throws {
    var trainer = try tinyTrainer()
    let (copy, before) = (trainer.weights.values, trainer.weights.values.mapValues(\.values))
    _ = try trainer.losses(3)
    for (name, value) in copy { #expect(value.values == before[name]) }
    #expect(trainer.weights.values.contains { $0.value.values != before[$0.key] })
  }
}
