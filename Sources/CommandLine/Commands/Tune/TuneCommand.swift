import Foundation
import MartletCheckpoints
import MartletFineTuning
import MartletGeneration
import MartletJSON
import MartletTensors
import MartletTransformers

extension Command {
  /// Trains a language model further.
  static let tune: Command = Command(
    name: "tune",
    summary: "Fine-tune a language model on your examples: LoRA, QLoRA, or all weights.",
    discussion: """
      It trains a small adapter beside the model (LoRA) with peft's and torch's defaults, and writes it in peft's format. \
      The weights of a GGUF model stay quantized while it trains (QLoRA). --full trains the model's own weights and \
      writes a model.

      RUN gets config.json (all settings), metrics.jsonl and loss.svg (the losses), checkpoints (the last one and, with \
      held-out examples, the best one), and the result: adapter_config.json with adapter_model.safetensors, or with --full \
      the folder model. With held-out examples the result is the best one, else the last. --init CONFIG.json trains a model \
      of random weights, which the run keeps in the folder initial.

      A step learns from --batch-size examples, which go through the model end to end, without padding and without seeing \
      each other. Ctrl-C saves a checkpoint; --resume continues after it, or after a crash, with the same losses as if \
      nothing had happened.

      --json prints an object a step: step, epoch, loss (the mean over the tokens that count, before the update), \
      learning_rate, gradient_norm, tokens, counted_tokens, tokens_per_second, memory_bytes, and after a measurement \
      eval_loss and eval_tokens. --dry-run --json prints trainable, total, modules and memory_bytes. --preview N --json \
      prints an object an example: ids, mask (1 where a token counts) and text.
      """,
    parameters: TuneOptions.definitions,
    examples: [
      .init("martlet tune smollm2-135m-instruct --data train.jsonl -o run", "Three times over the examples:"),
      .init(
        "martlet tune smollm2-135m-instruct --data train.jsonl --held-out 0.1 -o run",
        "Keep the best adapter by the loss of held-out examples:"),
      .init("martlet tune --resume run", "Continue after an interruption:"),
      .init("martlet generate -m smollm2-135m-instruct --adapter run \"Hello\"", "Use it:"),
    ]
  ) { arguments, console in
    let resumed = try ResumedRun(arguments, console)
    let arguments = resumed?.arguments ?? arguments
    try TuneOptions.check(arguments)
    let tuning = try Tuning(arguments, resuming: resumed?.path, console)
    if arguments[TuneOptions.dryRun] { return try tuning.describe() }
    if arguments.has(TuneDataOptions.preview) { return try tuning.preview() }
    try tuning.train()
  }
}

/// A run to continue, with the command line that it began with.
private struct ResumedRun {
  let path: String
  let arguments: Arguments

  /// nil where no run is to be continued.
  init?(_ arguments: Arguments, _ console: Console) throws {
    guard let path = arguments[TuneOptions.resume] else { return nil }
    self.path = path
    if let output = arguments[TuneOptions.output], output != path {
      throw UsageError("--resume continues in its own folder, and -o names another.", advice: "Leave -o out.")
    }
    // A whole command line is taken as it is, and must be that of the run.
    if arguments.has(TuneOptions.model) {
      self.arguments = arguments
      return
    }
    let allowed = [
      TuneOptions.resume.definition, TuneOptions.output.definition, TuneOptions.json.definition,
      TuneOptions.saveEvery.definition, ModelParameters.threads.definition,
    ]
    if let other = TuneOptions.definitions.first(where: { definition in
      arguments.has(definition) && !allowed.contains { $0.spelling == definition.spelling }
    }) {
      throw UsageError(
        "\(other.spelling) cannot change while a run continues.",
        advice: "Leave it out: the run's config.json has all settings.")
    }
    let description = try RunDescription.read(run: path)
    if description.directory != FileManager.default.currentDirectoryPath {
      console.note(
        "The run was started in \(printable(description.directory)); its paths are relative to that folder.\n"
      )
    }
    let parser = CommandLineParser(command: .tune) { Environment[$0] }
    guard case .run(var earlier) = try parser.parse(description.arguments) else {
      throw TrainingError.notARun(path: path, problem: "its config.json has no command line")
    }
    for option in [TuneOptions.json.definition] {
      if arguments.has(option) { earlier.set(option, to: true) } else { earlier.remove(option) }
    }
    if let threads = arguments[ModelParameters.threads] {
      earlier.set(ModelParameters.threads.definition, to: Optional(threads) as any Sendable)
    }
    if arguments.has(TuneOptions.saveEvery) {
      earlier.set(TuneOptions.saveEvery.definition, to: arguments[TuneOptions.saveEvery])
    }
    earlier.words = description.arguments
    self.arguments = earlier
  }
}
