import MartletFineTuning
import MartletTensors
import MartletTransformers

/// What `tune` takes beside its data (``TuneDataOptions``).
enum TuneOptions {
  /// With what numbers a model trains, as the command line says it.
  enum TrainingPrecision: String, CaseIterable, Sendable {
    case float32, bfloat16

    var precision: Precision { self == .float32 ? .float32 : .fast }
  }

  enum OptimizerName: String, CaseIterable, Sendable { case adamw, sgd }

  private static let defaults = TrainingRecipe()

  static let model = Parameter<String?>.argument(
    "MODEL", .path("MODEL", completing: .models(.generation)),
    help:
      "The model: a name from the catalogue (see martlet models), a GGUF file, or a Hugging Face folder.")
  static let output = Parameter<String?>.option(
    "output", short: "o", .path("RUN", completing: .folders), help: "The folder of the run, which is made.")
  static let resume = Parameter<String?>.option(
    "resume", .path("RUN", completing: .folders),
    help: "Continue the run in this folder at its last checkpoint. It needs no other option.")

  static let rank = Parameter<Int>.option(
    "lora-r", .integer(in: 1...(1 << 20)), default: 8, help: "The rank of the adapter's matrices.")
  static let alpha = Parameter<Double>.option(
    "lora-alpha", .number(in: 0...1e9), default: 16,
    help: "The adapter's product is multiplied by this, divided by the rank.")
  static let dropout = Parameter<Double>.option(
    "lora-dropout", .number(in: 0...0.999), default: 0,
    help: "The share of the values that an adapter reads which are dropped while training.")
  static let target = Parameter<String?>.option(
    "target", .text("LAYERS"), shownAs: "peft's for the architecture",
    help: """
      The layers that get an adapter: names or ends of names with commas between them, a regular expression for whole \
      names, or all-linear.
      """)
  static let stabilized = Parameter<Bool>.flag(
    "rslora", help: "Divide --lora-alpha by the root of the rank (rank-stabilized LoRA).")
  static let rankPatterns = Parameter<[String]>.options(
    "rank-pattern", .text("PATTERN=N"), help: "Another rank for the layers whose name a pattern matches.")
  static let alphaPatterns = Parameter<[String]>.options(
    "alpha-pattern", .text("PATTERN=X"), help: "Another alpha for the layers whose name a pattern matches.")
  static let modulesToSave = Parameter<String?>.option(
    "modules-to-save", .text("NAMES"),
    help: "Modules that train as a whole beside the adapter, such as lm_head, with commas between them.")
  static let quantized = Parameter<Bool>.flag(
    "qlora", help: "Require a quantized base, whose weights stay as they are.")
  static let full = Parameter<Bool>.flag("full", help: "Train the model's own weights instead of an adapter.")
  static let freeze = Parameter<[String]>.options(
    "freeze", .text("PATTERN"),
    help: "With --full or --init: weights in whose name this regular expression is found do not train.")
  static let fromAdapter = Parameter<String?>.option(
    "from-adapter", .path("PATH", completing: .folders),
    help: "Begin with this adapter, and with its settings, in place of a new one.")

  static let epochs = Parameter<Double?>.option(
    "epochs", .number("N", above: 0, atMost: 100_000), shownAs: "3", help: "How often to go over the data.")
  static let steps = Parameter<Int?>.option(
    "steps", .integer(atLeast: 1), help: "How many steps to take, in place of --epochs.")
  static let batchSize = Parameter<Int>.option(
    "batch-size", .integer(in: 1...(1 << 20)), default: defaults.batchSize, help: "The examples of a batch.")
  static let accumulation = Parameter<Int>.option(
    "accumulation", .integer(in: 1...(1 << 20)), default: defaults.accumulation,
    help: "The batches of a step, whose gradients are those of one large batch.")
  static let learningRate = Parameter<Double>.option(
    "learning-rate", .number(in: 0...1000), default: defaults.learningRate, help: "The highest learning rate."
  )
  static let schedule = Parameter<LearningRateSchedule.Shape>.option(
    "schedule", .choice("SHAPE"), default: defaults.schedule,
    help: "How the learning rate falls after the warm-up.")
  static let warmup = Parameter<Double>.option(
    "warmup", .number(in: 0...1e9), default: 0,
    help: "The steps in which the learning rate rises; a number below 1 is a share of all steps.")
  static let optimizer = Parameter<OptimizerName>.option(
    "optimizer", .choice("NAME"), default: .adamw, help: "What changes the weights by their gradients.")
  static let momentum = Parameter<Double>.option(
    "momentum", .number(in: 0...0.9999), default: 0, help: "The momentum of sgd.")
  static let weightDecay = Parameter<Double>.option(
    "weight-decay", .number(in: 0...1000), default: defaults.weightDecay,
    help: "The decay of weights; norms and biases have none.")
  static let maximumNorm = Parameter<Double>.option(
    "max-grad-norm", .number(in: 0...1e9), default: defaults.maximumGradientNorm ?? 0,
    help: "What the norm of all gradients is clipped to; 0 clips nothing.")
  static let seed = Parameter<UInt64>.option(
    "seed", .unsigned(), default: defaults.seed,
    help:
      "Decides the adapter's first values, the order of examples, what dropout drops, and what is held out.")
  static let noShuffle = Parameter<Bool>.flag("no-shuffle", help: "Keep the order of the examples.")
  static let noPacking = Parameter<Bool>.flag(
    "no-packing",
    help: "Compute each example by itself, and not those of a batch end to end. The losses are the same.")
  static let precision = Parameter<TrainingPrecision>.option(
    "precision", .choice("PRECISION"), default: .float32,
    help: "With what numbers products with frozen weights are computed.")

  static let evaluateEvery = Parameter<Int?>.option(
    "eval-every", .integer(atLeast: 1), shownAs: "once an epoch",
    help: "After how many steps the held-out examples are measured.")
  static let patience = Parameter<Int?>.option(
    "patience", .integer(atLeast: 1), shownAs: "no limit",
    help: "Stop after so many measurements in a row that found no lower loss.")
  static let saveEvery = Parameter<Int>.option(
    "save-every", .integer(atLeast: 1), default: RunOptions().saveEvery,
    help: "After how many steps a checkpoint is saved.")
  static let dryRun = Parameter<Bool>.flag(
    "dry-run", help: "Say what would train and what memory it would take, and stop. It needs no data.")
  static let json = Parameter<Bool>.flag("json", help: "Print one JSON object a step.")

  static let ofAdapters = [
    rank.definition, alpha.definition, dropout.definition, target.definition, stabilized.definition,
    rankPatterns.definition, alphaPatterns.definition, modulesToSave.definition,
  ]

  /// The parameters, in the order of the help.
  static let definitions =
    [
      model.definition, TuneInitialModel.configuration.definition, TuneInitialModel.tokenizer.definition,
    ] + TuneDataOptions.definitions + [output.definition, resume.definition] + ofAdapters + [
      quantized.definition, full.definition, freeze.definition, fromAdapter.definition, epochs.definition,
      steps.definition, batchSize.definition, accumulation.definition, learningRate.definition,
      schedule.definition, warmup.definition, optimizer.definition, momentum.definition,
      weightDecay.definition, maximumNorm.definition, seed.definition, noShuffle.definition,
      noPacking.definition, precision.definition, evaluateEvery.definition, patience.definition,
      saveEvery.definition, dryRun.definition, ModelParameters.threads.definition, json.definition,
    ]

  /// Refuses options that exclude each other, or that nothing would follow.
  static func check(_ arguments: Arguments) throws(UsageError) {
    if arguments.has(epochs), arguments.has(steps) {
      throw UsageError("--epochs and --steps exclude each other.", advice: "Leave one of them out.")
    }
    let startsFromNothing = arguments.has(TuneInitialModel.configuration)
    if startsFromNothing, arguments.has(model) {
      throw UsageError(
        "--init begins with random weights, and \(arguments[model] ?? "MODEL") has some.",
        advice: "Leave one of them out.")
    }
    if arguments.has(TuneInitialModel.tokenizer), !startsFromNothing {
      throw UsageError("--tokenizer is for --init; a model has its own.", advice: "Leave it out.")
    }
    if arguments[full] || startsFromNothing {
      for option in ofAdapters + [quantized.definition, fromAdapter.definition] where arguments.has(option) {
        throw UsageError(
          "\(option.spelling) is for adapters, and \(startsFromNothing ? "--init" : "--full") trains the model's own weights.",
          advice: "Leave one of them out.")
      }
    } else if arguments.has(freeze) {
      throw UsageError(
        "--freeze is for --full and --init; an adapter's base is frozen anyway.", advice: "Leave it out.")
    }
    if arguments.has(fromAdapter), let option = ofAdapters.first(where: { arguments.has($0) }) {
      throw UsageError(
        "\(option.spelling) is what the adapter of --from-adapter says itself.", advice: "Leave it out.")
    }
    if arguments.has(momentum), arguments[optimizer] == .adamw {
      throw UsageError("--momentum is for --optimizer sgd.", advice: "Leave it out.")
    }
    let measures = arguments.has(TuneDataOptions.heldOut) || arguments.has(TuneDataOptions.heldOutData)
    for option in [evaluateEvery.definition, patience.definition] where arguments.has(option) && !measures {
      throw UsageError(
        "\(option.spelling) is for held-out examples, and there are none.",
        advice: "Hold some out with --held-out 0.1, or name a file of others with --eval-data.")
    }
  }

  /// How it trains.
  static func recipe(_ arguments: Arguments) -> TrainingRecipe {
    var recipe = TrainingRecipe()
    if let count = arguments[epochs] { recipe.length = .epochs(count) }
    if let count = arguments[steps] { recipe.length = .steps(count) }
    (recipe.batchSize, recipe.accumulation) = (arguments[batchSize], arguments[accumulation])
    (recipe.learningRate, recipe.schedule) = (arguments[learningRate], arguments[schedule])
    let warmup = arguments[warmup]
    recipe.warmup = warmup < 1 && warmup > 0 ? .share(warmup) : .steps(Int(warmup))
    if arguments[optimizer] == .sgd { recipe.optimizer = .sgd(momentum: arguments[momentum]) }
    recipe.weightDecay = arguments[weightDecay]
    recipe.maximumGradientNorm = arguments[maximumNorm] > 0 ? arguments[maximumNorm] : nil
    recipe.seed = arguments[seed]
    (recipe.shuffles, recipe.packs) = (!arguments[noShuffle], !arguments[noPacking])
    return recipe
  }

  /// An adapter's settings.
  static func adapter(_ arguments: Arguments, base: String) throws(UsageError) -> AdapterConfiguration {
    var configuration = AdapterConfiguration(
      rank: arguments[rank], alpha: arguments[alpha], dropout: arguments[dropout],
      targets: arguments[target].map(targets) ?? .architectureDefault)
    configuration.usesRankStabilizedScaling = arguments[stabilized]
    configuration.modulesToSave = arguments[modulesToSave].map(names) ?? []
    configuration.baseModel = base
    for text in arguments[rankPatterns] {
      let (pattern, number) = try override(text, rankPatterns.definition)
      guard let rank = Int(number), rank > 0 else {
        throw UsageError("‘\(number)’ is no rank.", advice: "Write --rank-pattern 'PATTERN=16', for example.")
      }
      configuration.rankOverrides.append(.init(pattern: pattern, value: rank))
    }
    for text in arguments[alphaPatterns] {
      let (pattern, number) = try override(text, alphaPatterns.definition)
      guard let alpha = Double(number), alpha.isFinite else {
        throw UsageError(
          "‘\(number)’ is no alpha.", advice: "Write --alpha-pattern 'PATTERN=32', for example.")
      }
      configuration.alphaOverrides.append(.init(pattern: pattern, value: alpha))
    }
    return configuration
  }

  private static func names(_ text: String) -> [String] {
    text.split(separator: ",").map { String($0.drop { $0 == " " }) }.filter { !$0.isEmpty }
  }

  private static func targets(_ text: String) -> AdapterConfiguration.Targets {
    if text == "all-linear" { return .allLinear }
    // No name of a layer has one of these, and few expressions for several layers do without.
    return text.contains(where: { "*+?()[]|\\^$".contains($0) }) ? .pattern(text) : .names(names(text))
  }

  private static func override(
    _ text: String, _ option: ParameterDefinition
  ) throws(UsageError) -> (pattern: String, number: String) {
    guard let equals = text.lastIndex(of: "="), equals > text.startIndex else {
      throw UsageError(
        "\(option.spelling) needs a pattern and a number, not ‘\(text)’.",
        advice: "Write \(option.spelling) 'layers.0.self_attn.q_proj=16', for example.")
    }
    return (String(text[..<equals]), String(text[text.index(after: equals)...]))
  }
}
