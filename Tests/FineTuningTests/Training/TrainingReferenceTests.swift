import MartletTensors
import Testing

@testable import MartletFineTuning

@Suite("Fifty steps have the losses of torch and peft")
struct TrainingReferenceTests {
  @Test("Losses within a thousandth, norms and learning rates", arguments: TrainingReference.names)
  func losses(name: String) throws {
    let reference = try TrainingReference(name)
    var trainer = try Trainer(
      reference.weights(Device(threads: 2)), examples: TrainingReference.examples(), recipe: reference.recipe)
    #expect(trainer.weights.trainableCount == reference.run["trainable"]?.intValue)
    #expect(trainer.weights.totalCount == reference.run["total"]?.intValue)
    let (losses, norms) = (try reference.numbers("losses"), try reference.numbers("norms"))
    var worst = 0.0
    for (index, rate) in try reference.numbers("rates").enumerated() {
      let step = try trainer.step()
      let difference = abs(step.loss - losses[index]) / losses[index]
      worst = max(worst, difference)
      #expect(difference < 1e-3, "\(name), step \(step.step): \(step.loss) and \(losses[index])")
      #expect(
        abs(step.gradientNorm - norms[index]) < 5e-3 * norms[index],
        "\(name), step \(step.step): norm \(step.gradientNorm) and \(norms[index])")
      #expect(abs(step.learningRate - rate) < 1e-8 * max(rate, 1e-6), "\(name), step \(step.step)")
    }
    let after = try #require(reference.run["after"]?.doubleValue)
    let loss = try trainer.evaluate(on: TrainingReference.examples()).loss
    #expect(abs(loss - after) < 1e-3 * after)
    print("\(name): the largest relative difference of a loss is \(worst)")
  }
}
