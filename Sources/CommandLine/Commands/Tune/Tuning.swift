import Foundation
import MartletCheckpoints
import MartletFineTuning
import MartletGeneration
import MartletJSON
import MartletTensors
import MartletTransformers

/// A model that `tune` trains, from its options to its run.
struct Tuning {
  private let arguments: Arguments
  private let console: Console
  private let name: String
  private let checkpoint: Checkpoint
  private let recipe: TrainingRecipe
  /// The run that goes on; nil for a new one.
  private let resumed: String?
  /// Whether the model's own weights train.
  private let trainsAll: Bool

  init(_ arguments: Arguments, resuming run: String?, _ console: Console) throws {
    let configuration = arguments[TuneInitialModel.configuration]
    guard let name = arguments[TuneOptions.model] ?? configuration else {
      throw UsageError(
        "MODEL is missing.",
        advice: "Name the model to train, or continue a run with --resume RUN; ‘martlet models’ lists models."
      )
    }
    (self.arguments, self.console, self.name, resumed) = (arguments, console, name, run)
    trainsAll = arguments[TuneOptions.full] || configuration != nil
    recipe = TuneOptions.recipe(arguments)
    let isRun = !arguments[TuneOptions.dryRun] && !arguments.has(TuneDataOptions.preview)
    if isRun, run == nil {
      guard let output = arguments[TuneOptions.output] else {
        throw UsageError("A folder for the run is missing.", advice: "Name one with -o.")
      }
      try TrainingRun.checkNew(output)
    }
    if let configuration {
      checkpoint = try TuneInitialModel.open(
        arguments, configuration, run: isRun ? run ?? arguments[TuneOptions.output] : nil, isNew: run == nil,
        seed: recipe.seed, console)
    } else {
      checkpoint = try OpenModel.checkpoint(name)
    }
    let isQuantized = checkpoint.tensors.tensors.contains { $0.format.elementsPerBlock > 1 }
    if arguments[TuneOptions.quantized], !isQuantized {
      throw UsageError(
        "\(name) is not quantized, and --qlora is for models that are.",
        advice: "Quantize it first: martlet quantize \(name) model.gguf --type Q4_0. Or leave --qlora out.")
    }
    guard isRun else { return }
    try PretrainedModels.warnings(checkpoint).forEach(console.warn)
    if isQuantized, trainsAll {
      console.note("Training starts from the dequantized values of \(name).\n")
    } else if isQuantized {
      console.note("The weights of \(name) stay quantized while the adapter trains (QLoRA).\n")
    }
    warnOfDropout()
  }

  /// A model's own dropout is not applied, which is told where there is some.
  private func warnOfDropout() {
    let keys = ["attention_dropout", "attn_pdrop", "embd_pdrop", "resid_pdrop", "hidden_dropout"]
    let asked = keys.filter { (checkpoint.configuration[$0]?.doubleValue ?? 0) > 0 }
    guard !asked.isEmpty else { return }
    console.warn(
      "\(name) asks for dropout while it trains (\(asked.joined(separator: ", "))), which is not applied.")
  }

  // MARK: What would be done

  /// `--dry-run`.
  func describe() throws {
    let weights = try weights(loadDecoder())
    let duplicate = checkpoint.repeatsEmbedding ? duplicateHead(weights) : 0
    let total = weights.totalCount - duplicate
    let longest = try TuneDataOptions.maximumLength(arguments, weights.shape.context)
    let memory = TrainingMemory(weights, recipe: recipe, longestExample: longest).byteCount
    if arguments[TuneOptions.json] {
      let object: JSON = [
        "trainable": JSON(weights.trainableCount), "total": JSON(total),
        "modules": .array(weights.modules.map { .string($0) }), "memory_bytes": JSON(memory),
      ]
      return try console.result(object.serialized() + "\n")
    }
    let share = formatDecimal(100 * Double(weights.trainableCount) / Double(max(1, total)), 4)
    try console.result(
      """
      trainable parameters: \(weights.trainableCount) of \(total) (\(share)%)
      in: \(count(weights.modules.count, trainsAll ? "weight" : "layer"))
      memory: about \(formatBytes(memory))

      """)
  }

  /// An output head that a GGUF file holds a second time.
  private func duplicateHead(_ weights: TrainableWeights) -> Int {
    checkpoint.headName.flatMap { checkpoint.tensors.description(of: $0)?.elementCount } ?? 0
  }

  /// `--preview`.
  func preview() throws {
    try TuneDataOptions.preview(
      arguments, PromptEncoder(checkpoint, name: name), contextLength: checkpoint.contextLength ?? 1 << 20,
      seed: recipe.seed, asJSON: arguments[TuneOptions.json], console)
  }

  // MARK: Training

  func train() throws {
    let data = try readData()
    let trainer = try Trainer(weights(loadDecoder()), examples: data.training.examples, recipe: recipe)
    var options = RunOptions()
    options.heldOut = data.heldOut?.examples ?? []
    options.evaluateEvery = arguments[TuneOptions.evaluateEvery]
    options.patience = arguments[TuneOptions.patience]
    options.saveEvery = arguments[TuneOptions.saveEvery]
    var run = try run(trainer, options)
    let progress = TuneProgress(
      firstStep: run.trainer.completedSteps, steps: run.trainer.totalSteps,
      printsJSON: arguments[TuneOptions.json],
      console)
    progress.begin(run.trainer, examples: data.training.report)
    let ending = try Interruption.shared.announcing(on: console) {
      try run.train(shouldStop: { Task.isCancelled }) { try progress.report($0) }
    }
    progress.end()
    try finish(run, ending)
  }

  private func run(_ trainer: Trainer, _ options: RunOptions) throws -> TrainingRun {
    let description = RunDescription(
      version: Program.version, model: name, modelFingerprint: try checkpoint.fingerprint(),
      dataFingerprint: TrainingExample.fingerprint(of: trainer.examples),
      heldOutFingerprint: options.heldOut.isEmpty ? nil : TrainingExample.fingerprint(of: options.heldOut),
      precision: arguments[TuneOptions.precision].rawValue, arguments: arguments.words,
      directory: FileManager.default.currentDirectoryPath)
    guard let resumed else {
      return try TrainingRun(
        trainer, path: arguments[TuneOptions.output] ?? "", description: description, model: checkpoint,
        options: options)
    }
    let run = try TrainingRun(
      resuming: resumed, trainer, description: description, model: checkpoint, options: options)
    console.note("Continuing after step \(run.trainer.completedSteps) of \(run.trainer.totalSteps).\n")
    return run
  }

  private func finish(_ run: TrainingRun, _ ending: TrainingRun.Ending) throws {
    let path = printable(run.path)
    switch ending {
    case .interrupted:
      console.note(
        """
        Saved after step \(run.trainer.completedSteps) of \(run.trainer.totalSteps). Continue with:
          martlet tune --resume \(path)

        """)
      throw CancellationError()
    case .patience: console.note("The held-out loss did not fall any more: stopped.\n")
    case .complete: break
    }
    if let first = run.firstLoss, let best = run.best {
      console.note(
        """
        Held-out loss: \(formatDecimal(first, 4)) before, \(formatDecimal(best.loss, 4)) after step \(best.step), \
        which is kept.

        """)
    }
    let use =
      trainsAll
      ? "martlet generate -m \(path)/model" : "martlet generate -m \(printable(name)) --adapter \(path)"
    console.note(
      """
      \(path): \(count(run.trainer.completedSteps, "step")), \(count(run.trainer.weights.trainableCount, "parameter")) trained. \
      The losses are in loss.svg. Use it with:
        \(use) "…"

      """)
  }

  // MARK: What is trained

  private func readData() throws -> TuneDataOptions.Examples {
    try TuneDataOptions.read(
      arguments, PromptEncoder(checkpoint, name: name), contextLength: checkpoint.contextLength ?? 1 << 20,
      seed: recipe.seed, console)
  }

  private func loadDecoder() throws -> any CausalTransformer {
    try PretrainedModels.loadDecoder(
      checkpoint, precision: arguments[TuneOptions.precision].precision,
      device: Device(threads: arguments[ModelParameters.threads]))
  }

  private func weights(_ model: any CausalTransformer) throws -> TrainableWeights {
    if trainsAll {
      return try TrainableWeights(allOf: model, freezing: arguments[TuneOptions.freeze])
    }
    if let path = arguments[TuneOptions.fromAdapter] {
      let adapter = try ModelAdapter(directory: path, device: model.device)
      adapter.warnings.forEach(console.warn)
      return try TrainableWeights(adapter, on: model)
    }
    let adapter = try ModelAdapter.initialized(
      TuneOptions.adapter(arguments, base: name), for: model.parameters, seed: recipe.seed)
    return try TrainableWeights(adapter, on: model)
  }
}
