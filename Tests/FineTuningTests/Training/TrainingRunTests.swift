import Foundation
import MartletCheckpoints
import MartletJSON
import MartletTensors
import MartletTransformers
import Testing

@testable import MartletFineTuning

/// A folder that is deleted with it.
final class TemporaryFolder: Sendable {
  let url = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
  init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(at: url) }
  func path(_ name: String) -> String { url.appending(path: name).path() }
}

@Suite("Runs in folders")
struct TrainingRunTests {
  private let folder: TemporaryFolder
  private let description = RunDescription(
    version: "1", model: "tiny", modelFingerprint: "f", dataFingerprint: "d")
  init() throws { folder = try TemporaryFolder() }

  private func options(heldOut: Int = 0, saveEvery: Int = 50) throws -> RunOptions {
    var options = RunOptions()
    options.heldOut = Array(try TrainingReference.examples().prefix(heldOut))
    (options.saveEvery, options.evaluateEvery) = (saveEvery, 3)
    return options
  }

  private func losses(of path: String) -> [Int: Double] {
    let lines = MetricsFile(path: path + "/metrics.jsonl").lines()
    return Dictionary(
      lines.compactMap { line in
        line["loss"]?.doubleValue.flatMap { loss in line["step"]?.intValue.map { ($0, loss) } }
      }, uniquingKeysWith: { first, _ in first })
  }

  @Test("A run leaves its settings, its losses, a chart, checkpoints, and an adapter that loads")
  func files() throws {
    let path = folder.path("run")
    var run = try TrainingRun(
      tinyTrainer(), path: path, description: description, options: options(heldOut: 3))
    var events: [TrainingRun.Event] = []
    #expect(try run.train(report: { events.append($0) }) == .complete)
    #expect(losses(of: path).count == 12)
    #expect(try RunDescription.read(run: path) == description)
    let names = try Set(FileManager.default.contentsOfDirectory(atPath: path))
    #expect(
      names == [
        "config.json", "metrics.jsonl", "loss.svg", "checkpoints", "adapter_config.json",
        "adapter_model.safetensors",
      ])
    let checkpoints = try FileManager.default.contentsOfDirectory(atPath: path + "/checkpoints")
    #expect(checkpoints.sorted() == ["best.safetensors", "last.safetensors"])
    let best = try #require(run.best)
    #expect(best.loss < (try #require(run.firstLoss)))
    let device = try Device(threads: 2)
    let adapter = try ModelAdapter(directory: path, device: device)
    let model = try TrainingReference.model("llama-linear", device: device)
    let trainer = try Trainer(
      TrainableWeights(adapter, on: model), examples: TrainingReference.examples(), recipe: TrainingRecipe())
    #expect(try trainer.evaluate(on: options(heldOut: 3).heldOut).loss == best.loss)
  }

  @Test(
    "A run that was stopped anywhere continues with the same losses and weights, bit for bit",
    arguments: [1, 4, 5, 11], [false, true])
  func resumes(stop: Int, full: Bool) throws {
    func trainer() throws -> Trainer {
      try tinyTrainer(dropout: full ? 0 : 0.3, full: full) { $0.learningRate = full ? 1e-3 : 0.01 }
    }
    let model = try Checkpoint.open(TrainingReference.models.appending(path: "llama-linear").path())
    var whole = try TrainingRun(
      trainer(), path: folder.path("whole"), description: description, model: model,
      options: options(heldOut: 3))
    #expect(try whole.train() == .complete)
    let path = folder.path("part")
    var first = try TrainingRun(
      trainer(), path: path, description: description, model: model, options: options(heldOut: 3))
    var steps = 0
    #expect(
      try first.train(shouldStop: { steps == stop }) { if case .step = $0 { steps += 1 } } == .interrupted)
    // What a killed process may leave: lines of steps that were not saved, and half a line.
    let metrics = MetricsFile(path: path + "/metrics.jsonl")
    try metrics.append(["step": JSON(stop + 1), "loss": 1])
    let handle = try #require(FileHandle(forWritingAtPath: metrics.path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(#"{"step": 99, "lo"#.utf8))
    try handle.close()
    var second = try TrainingRun(
      resuming: path, trainer(), description: description, model: model, options: options(heldOut: 3))
    #expect(second.trainer.completedSteps == stop)
    #expect(try second.train() == .complete)
    #expect(losses(of: path) == losses(of: folder.path("whole")))
    #expect(second.best?.loss == whole.best?.loss && second.best?.step == whole.best?.step)
    for (name, value) in whole.trainer.weights.values {
      #expect(second.trainer.weights.values[name]?.values == value.values, "\(name)")
    }
  }

  @Test(
    "Trained weights become a model that loads and predicts the same",
    arguments: ["gpt2", "llama-linear", "gemma3"])
  func fullModel(name: String) throws {
    let source = try Checkpoint.open(TrainingReference.models.appending(path: name).path())
    let path = folder.path("run")
    var run = try TrainingRun(
      tinyTrainer(name, full: true) { ($0.length, $0.learningRate) = (.steps(3), 1e-3) }, path: path,
      description: description, model: source)
    #expect(try run.train() == .complete)
    let model = try Checkpoint.open(path + "/model")
    let decoder = try PretrainedModels.loadDecoder(model, precision: .float32, device: Device(threads: 2))
    let again = try Trainer(
      TrainableWeights(allOf: decoder), examples: TrainingReference.examples(), recipe: TrainingRecipe())
    let (a, b) = (
      try again.evaluate(on: TrainingReference.examples()).loss,
      try run.trainer.evaluate(on: TrainingReference.examples()).loss
    )
    #expect(abs(a - b) < 1e-5 * b)
    #expect(!FileManager.default.fileExists(atPath: path + "/adapter_config.json"))
  }

  @Test("A run stops once the held-out loss does not fall any more, and keeps the best step")
  func patience() throws {
    var options = try options(heldOut: 3)
    (options.evaluateEvery, options.patience) = (1, 2)
    var run = try TrainingRun(
      tinyTrainer { ($0.length, $0.learningRate, $0.schedule) = (.steps(60), 0.3, .constant) },
      path: folder.path("run"), description: description, options: options)
    #expect(try run.train() == .patience)
    #expect(run.trainer.completedSteps == (try #require(run.best)).step + 2)
    #expect(throws: TrainingError.self) {
      try TrainingRun(
        resuming: run.path,
        tinyTrainer { ($0.length, $0.learningRate, $0.schedule) = (.steps(60), 0.3, .constant) },
        description: description, options: options)
    }
  }

  @Test("A loss that is not finite leaves the last checkpoint")
  func notFinite() throws {
    let path = folder.path("run")
    func trainer() throws -> Trainer {
      try tinyTrainer { ($0.learningRate, $0.maximumGradientNorm, $0.schedule) = (1e19, nil, .constant) }
    }
    var run = try TrainingRun(trainer(), path: path, description: description, options: options(saveEvery: 1))
    let error = #expect(throws: TrainingError.self) { _ = try run.train() }
    guard case .notFinite(let step, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(step > 1)
    let again = try TrainingRun(
      resuming: path, trainer(), description: description, options: options(saveEvery: 1))
    #expect(again.trainer.completedSteps == step - 1)
  }

  @Test("Folders that are there, other data, another model and other settings are refused")
  func refused() throws {
    let path = folder.path("run")
    var run = try TrainingRun(tinyTrainer(), path: path, description: description)
    #expect(throws: TrainingError.runExists(path: path)) {
      try TrainingRun(tinyTrainer(), path: path, description: description)
    }
    var calls = 0
    _ = try run.train(shouldStop: {
      calls += 1
      return calls == 2
    })
    var other = description
    other.dataFingerprint = "e"
    #expect(throws: TrainingError.self) { try TrainingRun(resuming: path, tinyTrainer(), description: other) }
    other = description
    other.modelFingerprint = "e"
    #expect(throws: TrainingError.self) { try TrainingRun(resuming: path, tinyTrainer(), description: other) }
    let error = #expect(throws: TrainingError.self) {
      try TrainingRun(resuming: path, tinyTrainer { $0.learningRate = 0.5 }, description: description)
    }
    #expect(error == .otherRun(path: path, what: "learning_rate was 0.01 and is 0.5 now"))
    #expect(throws: TrainingError.self) {
      try TrainingRun(resuming: folder.path("nothing"), tinyTrainer(), description: description)
    }
    var resumed = try TrainingRun(resuming: path, tinyTrainer(), description: description)
    #expect(try resumed.train() == .complete)
    #expect(throws: TrainingError.runIsComplete(path: path, steps: 12)) {
      try TrainingRun(resuming: path, tinyTrainer(), description: description)
    }
  }
}
