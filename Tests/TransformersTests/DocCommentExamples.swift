import MartletCheckpoints
import MartletTensors
import MartletTokenizers
import MartletTransformers
import Testing

// The code in doc comments, word for word: `make lint` looks for it here.

@Suite("Examples in doc comments")
struct DocCommentExamples {
  @Test("CausalTransformer.loss(of:divisor:checkpoints:): the gradient by one weight")
  func loss() throws {
    let model = try PretrainedModels.loadDecoder(
      Checkpoint.open(Reference.fixtures.appending(path: "qwen3").path()), precision: .float32,
      device: Device(threads: 1))
    guard let norm = model.parameters["model.norm.weight"] else { return }
    let weight = try norm.values().recorded()
    let trained = try model.adapted(by: [:], replacing: [norm.name: weight])
    let loss = try trained.loss(of: [TrainingSequence([1, 5, 9, 2])])
    let gradient = try loss.gradients()[weight]
    #expect(gradient?.columns == model.shape.width)
  }

  @Test("InitialModel: a model from nothing")
  func initialModel() throws {
    func make(_ tokenizer: Tokenizer) throws -> any CausalTransformer {
      let members = try Checkpoint.configurationMembers(ofFile: "config.json")
      let initial = try InitialModel(configuration: members, tokenizer: tokenizer, seed: 1)
      let model = try initial.makeTransformer(device: Device())
      try initial.write(to: "model-folder")
      return model
    }
    _ = make
  }

  static func adapter(_ model: any CausalTransformer) throws -> any CausalTransformer {
    let adapter = try ModelAdapter(directory: "my-adapter", device: model.device)
    let tuned = try model.adapted(by: [ScaledAdapter(adapter)])
    return tuned
  }
}
