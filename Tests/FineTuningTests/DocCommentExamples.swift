import MartletFineTuning
import MartletTensors
import MartletTransformers
import Testing

/// The code in doc comments of the module, which lint compares with these lines: it compiles, and what it says is so.
@Suite struct DocCommentExamples {
  @Test func examples() throws {
    let example = try TrainingExample(tokens: [5, 8, 2], counts: [false, true, true], text: "Q: A.")
    let learned = example.countedTokens
    #expect(learned == 2)
  }

  @Test func parts() throws {
    let example = try TrainingExample(tokens: [5, 8, 2], counts: [false, true, true], text: "Q: A.")
    let set = TrainingSet(Array(repeating: example, count: 10))
    let (training, heldOut) = try set.split(heldOut: 0.2, seed: 7)
    print(training.examples.count, heldOut.examples.count, training.report.countedTokens)
    #expect(training.report.countedTokens == 16)
  }

  @Test func schedules() {
    let schedule = LearningRateSchedule(.linear, warmupSteps: 2)
    let factors = (0..<6).map { schedule.factor(at: $0, of: 6) }
    #expect(factors == [0, 0.5, 1, 0.75, 0.5, 0.25])
  }

  @Test func training() throws {
    let model = try TrainingReference.model("qwen2", device: Device(threads: 2))
    let examples = try TrainingReference.examples()
    let adapter = try ModelAdapter.initialized(AdapterConfiguration(), for: model.parameters, seed: 42)
    var recipe = TrainingRecipe()
    recipe.length = .steps(20)
    var trainer = try Trainer(TrainableWeights(adapter, on: model), examples: examples, recipe: recipe)
    while trainer.completedSteps < trainer.totalSteps {
      print(try trainer.step().loss)
    }
    #expect(trainer.completedSteps == 20)
  }
}
