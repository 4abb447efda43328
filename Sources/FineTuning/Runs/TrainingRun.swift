import MartletCheckpoints
import MartletJSON
import MartletTensors
import MartletTransformers

/// When a run is measured and saved.
public struct RunOptions: Sendable {
  /// What the model is measured with, and does not learn from; empty for none.
  public var heldOut: [TrainingExample] = []
  /// After how many steps the model is measured; nil for each time over the examples.
  public var evaluateEvery: Int?
  /// The run ends after so many evaluations in a row without a lower loss; nil for never.
  public var patience: Int?
  /// After how many steps a checkpoint is saved. One is also saved after each evaluation and at the end.
  public var saveEvery = 50

  /// No held-out examples, a checkpoint every 50 steps.
  public init() {}
}

/// Training that is kept in a folder: what it is in `config.json`, its losses in `metrics.jsonl` and `loss.svg`, the run at
/// its last and at its best step in `checkpoints`, and the trained adapter (or, in `model`, the trained model) for use.
///
/// Every file is written beside its place and moved there once it is on the disk, so that a run which is killed, or whose disk
/// is full, has its last checkpoint; from there it goes on as if nothing had happened.
public struct TrainingRun: Sendable {
  /// What a run reports on its way.
  public enum Event: Sendable {
    /// The held-out examples were measured before the first step.
    case start(EvaluationReport)
    /// A step was taken, and after it the held-out examples may have been measured.
    case step(StepReport, EvaluationReport?)
    /// A checkpoint was saved.
    case saved(step: Int)
  }

  /// How a run ended.
  public enum Ending: Sendable, Equatable {
    /// All steps were taken.
    case complete
    /// The loss of the held-out examples did not fall any more.
    case patience
    /// It was asked to stop.
    case interrupted
  }

  /// The folder.
  public let path: String
  /// The training.
  public private(set) var trainer: Trainer
  /// When it is measured and saved.
  public let options: RunOptions
  private var progress = RunProgress()
  private let model: Checkpoint?
  private var metrics: MetricsFile { MetricsFile(path: "\(path)/metrics.jsonl") }

  /// The loss of the held-out examples before the first step; nil without such.
  public var firstLoss: Double? { progress.firstLoss }
  /// The lowest loss of the held-out examples, and after how many steps it was; nil without such.
  public var best: (loss: Double, step: Int)? {
    guard let loss = progress.bestLoss, let step = progress.bestStep else { return nil }
    return (loss, step)
  }

  /// A run that is about to begin, in a new folder.
  /// - Parameters:
  ///   - trainer: The training, before its first step.
  ///   - path: The folder, which must not be there or be empty.
  ///   - description: What the run's `config.json` says beside the recipe.
  ///   - model: The files of the model: full fine-tuning writes a model with their tokenizer. Adapters need none.
  ///   - options: When the model is measured and saved.
  /// - Throws: ``TrainingError`` where the folder is there already, or cannot be made.
  public init(
    _ trainer: Trainer, path: String, description: RunDescription, model: Checkpoint? = nil,
    options: RunOptions = RunOptions()
  ) throws(TrainingError) {
    try Self.checkNew(path)
    (self.trainer, self.path, self.options, self.model) = (trainer, path, options, model)
    do throws(CheckpointError) {
      try FileSystem.makeFolder("\(path)/checkpoints")
      try NewFile.write(description.text(trainer, options), to: "\(path)/config.json")
    } catch { throw .file(error) }
  }

  /// A run that goes on at its last checkpoint.
  /// - Parameters:
  ///   - path: The folder.
  ///   - trainer: The training as it was before the first step.
  ///   - description: What the training is now; model and data must be those that the run began with.
  ///   - model: The files of the model.
  ///   - options: When the model is measured and saved.
  /// - Throws: ``TrainingError`` where there is no such run, or it is another one.
  public init(
    resuming path: String, _ trainer: Trainer, description: RunDescription, model: Checkpoint? = nil,
    options: RunOptions = RunOptions()
  ) throws(TrainingError) {
    let (earlier, members) = try RunDescription.reading(run: path)
    if earlier.modelFingerprint != description.modelFingerprint {
      throw .otherRun(
        path: path, what: "the weights of \(description.model) are not those that it began with")
    }
    if earlier.dataFingerprint != description.dataFingerprint {
      throw .otherRun(path: path, what: "the examples are not those that it began with")
    }
    if earlier.heldOutFingerprint != description.heldOutFingerprint {
      throw .otherRun(path: path, what: "the held-out examples are not those that it began with")
    }
    for (key, value) in description.members(trainer, options) where !RunDescription.mayDiffer.contains(key) {
      guard let begun = members[key], begun != value else { continue }
      throw .otherRun(path: path, what: "\(key) was \(begun.serialized()) and is \(value.serialized()) now")
    }
    (self.trainer, self.path, self.options, self.model) = (trainer, path, options, model)
    let last = "\(path)/checkpoints/last.safetensors"
    if FileSystem.size(last) != nil {
      let device = trainer.weights.device
      let checkpoint = try RunCheckpoint.read(last, like: trainer.state, device: device)
      self.trainer.state = checkpoint.trainer
      progress = checkpoint.progress
    }
    guard self.trainer.completedSteps < self.trainer.totalSteps, !hasLostPatience else {
      throw .runIsComplete(path: path, steps: self.trainer.completedSteps)
    }
    try metrics.cut(after: self.trainer.completedSteps)
    if self.trainer.completedSteps == 0 { try metrics.cut(after: -1) }
  }

  /// The folder in a run's folder where a model of random weights is that the run begins with.
  public static let initialModelFolder = "initial"

  /// Refuses a folder that holds anything but ``initialModelFolder``: a run begins in an empty one.
  /// - Throws: ``TrainingError/runExists(path:)``, and what is wrong with the place.
  public static func checkNew(_ path: String) throws(TrainingError) {
    do throws(CheckpointError) {
      guard FileSystem.size(path) == nil else {
        throw CheckpointError.notFound("\(path) is a file", advice: "Name a folder that is not there yet.")
      }
      guard FileSystem.isFolder(path) else { return }
      guard try FileSystem.names(in: path).allSatisfy({ $0 == initialModelFolder }) else {
        throw CheckpointError.cancelled
      }
    } catch .cancelled { throw .runExists(path: path) } catch { throw .file(error) }
  }

  /// Trains until the end.
  /// - Parameters:
  ///   - shouldStop: Asked after each step.
  ///   - report: Told of each event.
  /// - Throws: ``TrainingError``. The last checkpoint is then as it was.
  public mutating func train(
    shouldStop: () -> Bool = { false }, report: (Event) throws -> Void = { _ in }
  ) throws -> Ending {
    if trainer.completedSteps == 0, !options.heldOut.isEmpty {
      let evaluation = try evaluate()
      try metrics.append(evaluation.json)
      try report(.start(evaluation))
    }
    func isDue(_ interval: Int) -> Bool { trainer.completedSteps.isMultiple(of: max(1, interval)) }
    let evaluateEvery =
      options.evaluateEvery ?? trainer.recipe.stepsPerEpoch(examples: trainer.examples.count)
    while trainer.completedSteps < trainer.totalSteps {
      if hasLostPatience { return try ended(.patience) }
      let step = try trainer.step()
      let isLast = trainer.completedSteps == trainer.totalSteps
      let isMeasured = !options.heldOut.isEmpty && (isLast || isDue(evaluateEvery))
      let evaluation = isMeasured ? try evaluate() : nil
      try metrics.append(step.json(evaluation))
      try report(.step(step, evaluation))
      let stops = shouldStop()
      if isLast || stops || isMeasured || isDue(options.saveEvery) {
        try save()
        try report(.saved(step: trainer.completedSteps))
      }
      if stops, !isLast { return try ended(.interrupted) }
    }
    return try ended(.complete)
  }

  /// What is written once, since it takes long: a trained model.
  private func ended(_ ending: Ending) throws(TrainingError) -> Ending {
    if trainer.weights.adapter == nil, options.heldOut.isEmpty { try writeResult() }
    return ending
  }

  private var hasLostPatience: Bool {
    options.patience.map { progress.evaluationsWithoutImprovement >= $0 } ?? false
  }

  /// Measures the held-out examples, and keeps the run as it is now where it is the best so far.
  private mutating func evaluate() throws(TrainingError) -> EvaluationReport {
    let evaluation = try trainer.evaluate(on: options.heldOut)
    if evaluation.step == 0 { progress.firstLoss = evaluation.loss }
    guard evaluation.loss < progress.bestLoss ?? .infinity else {
      progress.evaluationsWithoutImprovement += 1
      return evaluation
    }
    (progress.bestLoss, progress.bestStep) = (evaluation.loss, evaluation.step)
    progress.evaluationsWithoutImprovement = 0
    try checkpoint.write(to: "\(path)/checkpoints/best.safetensors")
    try writeResult()
    return evaluation
  }

  private var checkpoint: RunCheckpoint { RunCheckpoint(trainer: trainer.state, progress: progress) }

  /// Saves the run as it is now.
  private func save() throws(TrainingError) {
    try checkpoint.write(to: "\(path)/checkpoints/last.safetensors")
    if options.heldOut.isEmpty, trainer.weights.adapter != nil { try writeResult() }
    do throws(CheckpointError) {
      try NewFile.write(LossChart(metrics.lines()).picture.file, to: "\(path)/loss.svg")
    } catch { throw .file(error) }
  }

  /// Writes what the training is for, at the top of the folder.
  private func writeResult() throws(TrainingError) {
    let place = "\(path)/.result.partial"
    do throws(CheckpointError) {
      try FileSystem.remove(place)
      guard let adapter = trainer.weights.adapter else {
        guard let model else { return }
        try TrainedModel.write(trainer.weights, of: model, to: place)
        return try moveModel(from: place)
      }
      try FileSystem.makeFolder(place)
      try write(adapter, to: place)
      for name in ["adapter_model.safetensors", "adapter_config.json"] {
        try FileSystem.synchronize("\(place)/\(name)")
        try FileSystem.rename("\(place)/\(name)", to: "\(path)/\(name)")
      }
      try FileSystem.remove(place)
      try FileSystem.synchronize(path)
    } catch {
      try? FileSystem.remove(place)
      throw .file(error)
    }
  }

  private func write(_ adapter: ModelAdapter, to place: String) throws(CheckpointError) {
    do throws(AdapterError) { try adapter.write(to: place) } catch {
      if case .file(let error) = error { throw error }
      throw .malformed(file: place, field: "adapter", offset: nil, problem: "\(error)")
    }
  }

  private func moveModel(from place: String) throws(CheckpointError) {
    for name in try FileSystem.names(in: place) { try FileSystem.synchronize("\(place)/\(name)") }
    let target = "\(path)/model"
    let earlier = "\(path)/.model.replaced"
    try FileSystem.remove(earlier)
    if FileSystem.isFolder(target) { try FileSystem.rename(target, to: earlier) }
    try FileSystem.rename(place, to: target)
    try FileSystem.synchronize(path)
    try FileSystem.remove(earlier)
  }
}
