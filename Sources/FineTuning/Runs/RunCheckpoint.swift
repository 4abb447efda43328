import MartletCheckpoints
import MartletJSON
import MartletTensors

/// A run at one step, in one safetensors file: the weights that train, what the optimizer remembers, and how far the run is.
struct RunCheckpoint: Sendable {
  var trainer: TrainerState
  var progress: RunProgress

  private static let (weights, optimizer, member) = ("weights.", "optimizer.", "martlet_run")

  func write(to path: String) throws(TrainingError) {
    let values = trainer.values.map { (Self.weights + $0.key, $0.value) }
    let moments = trainer.optimizer.tensors.map { (Self.optimizer + $0.key, $0.value) }
    let entries = (values + moments).sorted { $0.0 < $1.0 }.map { name, tensor in
      TensorFile.Entry(name: name, shape: [tensor.rows, tensor.columns], values: tensor)
    }
    let state: JSON = [
      "step": JSON(trainer.steps), "optimizer_steps": JSON(trainer.optimizer.steps),
      "best_loss": progress.bestLoss.map { JSON($0) } ?? .null,
      "best_step": progress.bestStep.map { JSON($0) } ?? .null,
      "first_loss": progress.firstLoss.map { JSON($0) } ?? .null,
      "evaluations_without_improvement": JSON(progress.evaluationsWithoutImprovement),
    ]
    try TensorFile.write(entries, metadata: [Self.member: state.serialized()], to: path)
  }

  /// - Parameter like: The state of a run of the same recipe, whose shapes the file's tensors must have.
  static func read(_ path: String, like: TrainerState, device: Device) throws(TrainingError) -> RunCheckpoint
  {
    let (tensors, metadata) = try TensorFile.read(path, device: device)
    func malformed(_ problem: String) -> TrainingError {
      .file(.malformed(file: path, field: "__metadata__", offset: nil, problem: problem))
    }
    guard let text = metadata[member]?.stringValue, let state = try? JSON(parsing: text),
      let step = state["step"]?.intValue, let optimizerSteps = state["optimizer_steps"]?.intValue
    else { throw malformed("it is no checkpoint of a run") }
    var values: [String: Tensor] = [:]
    var moments: [String: Tensor] = [:]
    for (name, tensor) in tensors {
      if name.hasPrefix(weights) { values[String(name.dropFirst(weights.count))] = tensor }
      if name.hasPrefix(optimizer) { moments[String(name.dropFirst(optimizer.count))] = tensor }
    }
    for (name, tensor) in like.values {
      guard let value = values[name], value.rows == tensor.rows, value.columns == tensor.columns else {
        throw malformed("its weights are not those that train: \(name) is missing or has another shape")
      }
    }
    guard values.count == like.values.count else { throw malformed("it has weights that do not train") }
    var progress = RunProgress()
    progress.bestLoss = state["best_loss"]?.doubleValue
    progress.bestStep = state["best_step"]?.intValue
    progress.firstLoss = state["first_loss"]?.doubleValue
    progress.evaluationsWithoutImprovement = state["evaluations_without_improvement"]?.intValue ?? 0
    return RunCheckpoint(
      trainer: TrainerState(
        steps: step, values: values, optimizer: OptimizerState(steps: optimizerSteps, tensors: moments)),
      progress: progress)
  }
}

/// What a run knows of its held-out examples.
struct RunProgress: Sendable, Equatable {
  /// The loss before the first step.
  var firstLoss: Double?
  /// The lowest loss, and after how many steps it was.
  var bestLoss: Double?
  var bestStep: Int?
  /// How many evaluations in a row brought no lower one.
  var evaluationsWithoutImprovement = 0
}
