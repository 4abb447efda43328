import Foundation
import MartletCheckpoints
import MartletJSON
import MartletTensors
import MartletTransformers
import Testing

@testable import MartletFineTuning

/// What torch and peft made of the tiny models (Fixtures/make_training.py).
struct TrainingReference {
  static let names = [
    "gpt2 lora", "gpt2 full", "llama-linear lora", "llama-linear full", "llama-linear qlora q4_0.gguf",
    "llama-linear qlora q8_0.gguf", "qwen2 lora", "qwen2 full", "qwen3 lora", "qwen3 full",
  ]
  static let json = Result { () throws -> JSON in
    try JSON(parsing: [UInt8](Data(contentsOf: fixtures.appending(path: "training.json"))))
  }
  static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures")
  static let models = fixtures.deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "TransformersTests/Fixtures")

  let run: JSON
  let recipe: TrainingRecipe

  init(_ name: String) throws {
    let json = try Self.json.get()
    let parts = name.split(separator: " ").map(String.init)
    run = try #require(
      json["runs"]?.arrayValue?.first { run in
        run["model"]?.stringValue == parts[0] && run["kind"]?.stringValue == parts[1]
          && run["file"]?.stringValue == (parts.count > 2 ? parts[2] : nil)
      })
    var recipe = TrainingRecipe()
    recipe.length = .steps(try #require(json["steps"]?.intValue))
    recipe.batchSize = try #require(json["batch_size"]?.intValue)
    recipe.weightDecay = try #require(json["weight_decay"]?.doubleValue)
    recipe.maximumGradientNorm = try #require(json["max_grad_norm"]?.doubleValue)
    recipe.learningRate = try #require(run["rate"]?.doubleValue)
    recipe.schedule = try #require(LearningRateSchedule.Shape(rawValue: run["schedule"]?.stringValue ?? ""))
    recipe.warmup = .steps(try #require(run["warmup"]?.intValue))
    if run["optimizer"]?.stringValue == "sgd" {
      recipe.optimizer = .sgd(momentum: try #require(run["momentum"]?.doubleValue))
    }
    recipe.shuffles = false
    self.recipe = recipe
  }

  func numbers(_ key: String) throws -> [Double] {
    try #require(run[key]?.arrayValue).compactMap(\.doubleValue)
  }

  /// The model before training.
  func model(_ device: Device) throws -> any CausalTransformer {
    try Self.model(
      try #require(run["model"]?.stringValue), file: run["file"]?.stringValue, device: device)
  }

  static func model(_ name: String, file: String? = nil, device: Device) throws -> any CausalTransformer {
    let path = models.appending(path: name).path() + (file.map { "/" + $0 } ?? "")
    return try PretrainedModels.loadDecoder(Checkpoint.open(path), precision: .float32, device: device)
  }

  /// What trains, with the reference's first values.
  func weights(_ device: Device) throws -> TrainableWeights {
    let model = try model(device)
    guard run["kind"]?.stringValue != "full" else { return try TrainableWeights(allOf: model) }
    var configuration = AdapterConfiguration(
      rank: try #require(run["rank"]?.intValue), alpha: try #require(run["alpha"]?.doubleValue),
      targets: .names(try #require(run["targets"]?.arrayValue).compactMap(\.stringValue)))
    configuration.usesRankStabilizedScaling = run["rslora"]?.boolValue ?? false
    configuration.modulesToSave = run["save"]?.arrayValue?.compactMap(\.stringValue) ?? []
    var adapter = try ModelAdapter.initialized(configuration, for: model.parameters, seed: 0)
    func values(_ tensor: Tensor) throws -> Tensor {
      let numbers = (0..<tensor.rows * tensor.columns).map { Float(($0 * 37) % 19 - 9) / 50 }
      return try Tensor(numbers, rows: tensor.rows, columns: tensor.columns, device: device)
    }
    for (path, factors) in adapter.factors {
      adapter.factors[path] = ModelAdapter.Factors(a: try values(factors.a), b: try values(factors.b))
    }
    return try TrainableWeights(adapter, on: model)
  }

  /// The examples of all runs.
  static func examples() throws -> [TrainingExample] {
    try #require(json.get()["examples"]?.arrayValue).map { example in
      let tokens = try #require(example["tokens"]?.arrayValue).compactMap { $0.intValue.map(Int32.init) }
      let first = try #require(example["first"]?.intValue)
      return try TrainingExample(tokens: tokens, counts: tokens.indices.map { $0 >= first }, text: "")
    }
  }
}

/// Training of a tiny model that has not begun.
func tinyTrainer(
  _ name: String = "llama-linear", dropout: Double = 0, threads: Int = 2,
  examples: [TrainingExample]? = nil, full: Bool = false,
  _ change: (inout TrainingRecipe) -> Void = { _ in }
) throws -> Trainer {
  let device = try Device(threads: threads)
  let model = try TrainingReference.model(name, device: device)
  let configuration = AdapterConfiguration(rank: 4, alpha: 8, dropout: dropout)
  let weights =
    full
    ? try TrainableWeights(allOf: model)
    : try TrainableWeights(
      ModelAdapter.initialized(configuration, for: model.parameters, seed: 7), on: model)
  var recipe = TrainingRecipe()
  recipe.length = .steps(12)
  (recipe.batchSize, recipe.learningRate) = (3, 0.01)
  change(&recipe)
  return try Trainer(weights, examples: examples ?? TrainingReference.examples(), recipe: recipe)
}

extension Trainer {
  /// The losses of so many steps, or of all that are left.
  mutating func losses(_ count: Int? = nil) throws -> [Double] {
    try (0..<(count ?? totalSteps - completedSteps)).map { _ in try step().loss }
  }
}
