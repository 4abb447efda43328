import MartletCheckpoints
import MartletJSON
import MartletTransformers

/// What a run's `config.json` says: how to do the same again, and what the run must find when it is resumed.
public struct RunDescription: Sendable, Equatable {
  /// The program's version.
  public var version: String
  /// The model, as it was named.
  public var model: String
  /// `Checkpoint.fingerprint()` of the model.
  public var modelFingerprint: String
  /// ``TrainingExample/fingerprint(of:)`` of what is learned, and of what is measured with.
  public var dataFingerprint, heldOutFingerprint: String?
  /// How products are computed: `float32` or `bfloat16`.
  public var precision: String
  /// The command line that began the run, without the program's name, and the folder that it was given in.
  public var arguments: [String]
  /// The folder that the command line was given in.
  public var directory: String

  /// A description.
  public init(
    version: String, model: String, modelFingerprint: String, dataFingerprint: String? = nil,
    heldOutFingerprint: String? = nil, precision: String = "float32", arguments: [String] = [],
    directory: String = ""
  ) {
    (self.version, self.model, self.modelFingerprint) = (version, model, modelFingerprint)
    (self.dataFingerprint, self.heldOutFingerprint) = (dataFingerprint, heldOutFingerprint)
    (self.precision, self.arguments, self.directory) = (precision, arguments, directory)
  }

  /// The description in a run's folder.
  /// - Throws: ``TrainingError/notARun(path:problem:)`` where there is none.
  public static func read(run path: String) throws(TrainingError) -> RunDescription {
    try reading(run: path).description
  }

  /// The same, and all members of the file.
  static func reading(
    run path: String
  ) throws(TrainingError) -> (description: RunDescription, members: JSONObject) {
    let json: JSON
    do throws(CheckpointError) { json = try JSON.reading(MappedFile("\(path)/config.json")) } catch {
      throw .notARun(path: path, problem: "its config.json cannot be read (\(error))")
    }
    guard let version = json["martlet_version"]?.stringValue, let model = json["model"]?.stringValue,
      let fingerprint = json["model_fingerprint"]?.stringValue, let members = json.objectValue
    else { throw .notARun(path: path, problem: "its config.json is not that of a run") }
    let description = RunDescription(
      version: version, model: model, modelFingerprint: fingerprint,
      dataFingerprint: json["data_fingerprint"]?.stringValue,
      heldOutFingerprint: json["held_out_fingerprint"]?.stringValue,
      precision: json["precision"]?.stringValue ?? "float32",
      arguments: json["arguments"]?.arrayValue?.compactMap(\.stringValue) ?? [],
      directory: json["directory"]?.stringValue ?? "")
    return (description, members)
  }

  /// The members of `config.json` that may be others when the run is resumed.
  static let mayDiffer: Set<String> = ["martlet_version", "model", "arguments", "directory"]

  /// The text of `config.json`, with the facts of the training that is described.
  func text(_ trainer: Trainer, _ options: RunOptions) -> String {
    JSON.object(members(trainer, options)).serialized(pretty: true) + "\n"
  }

  /// The members of `config.json`.
  func members(_ trainer: Trainer, _ options: RunOptions) -> JSONObject {
    func text(_ value: String?) -> JSON { value.map { .string($0) } ?? .null }
    var members: JSONObject = [
      "martlet_version": .string(version), "model": .string(model),
      "model_fingerprint": .string(modelFingerprint), "data_fingerprint": text(dataFingerprint),
      "held_out_fingerprint": text(heldOutFingerprint), "precision": .string(precision),
      "arguments": .array(arguments.map { .string($0) }), "directory": .string(directory),
    ]
    members["examples"] = JSON(trainer.examples.count)
    members["held_out_examples"] = JSON(options.heldOut.count)
    members["steps"] = JSON(trainer.totalSteps)
    members["trainable_parameters"] = JSON(trainer.weights.trainableCount)
    members["total_parameters"] = JSON(trainer.weights.totalCount)
    for (key, value) in trainer.weights.method.json { members[key] = value }
    members["modules"] = .array(trainer.weights.modules.map { .string($0) })
    for (key, value) in trainer.recipe.json { members[key] = value }
    members["eval_every"] = options.evaluateEvery.map { JSON($0) } ?? .null
    members["patience"] = options.patience.map { JSON($0) } ?? .null
    return members
  }
}

extension TrainableWeights.Method {
  /// What trains, as `config.json` has it. All of an adapter's settings are in `adapter_config.json`.
  var json: JSONObject {
    switch self {
    case .full: return ["method": "full"]
    case .adapter(let configuration):
      return [
        "method": "lora", "lora_r": JSON(configuration.rank), "lora_alpha": JSON(configuration.alpha),
        "lora_dropout": JSON(configuration.dropout),
        "use_rslora": .bool(configuration.usesRankStabilizedScaling),
      ]
    }
  }
}

extension TrainingRecipe {
  /// The recipe under the names of the command line's options.
  public var json: JSONObject {
    var members: JSONObject = [:]
    switch length {
    case .epochs(let count): members["epochs"] = JSON(count)
    case .steps(let count): members["max_steps"] = JSON(count)
    }
    members["batch_size"] = JSON(batchSize)
    members["accumulation"] = JSON(accumulation)
    members["learning_rate"] = JSON(learningRate)
    members["schedule"] = .string(schedule.rawValue)
    switch warmup {
    case .steps(let count): members["warmup_steps"] = JSON(count)
    case .share(let share): members["warmup_share"] = JSON(share)
    }
    switch optimizer {
    case .adamW(let beta1, let beta2, let epsilon):
      members["optimizer"] = .string(AdamW.name)
      members["betas"] = .array([JSON(beta1), JSON(beta2)])
      members["epsilon"] = JSON(epsilon)
    case .sgd(let momentum):
      members["optimizer"] = .string(SGD.name)
      members["momentum"] = JSON(momentum)
    }
    members["weight_decay"] = JSON(weightDecay)
    members["max_grad_norm"] = maximumGradientNorm.map { JSON($0) } ?? .null
    members["seed"] = .number(JSONNumber(Int(clamping: seed)))
    members["shuffle"] = .bool(shuffles)
    members["packing"] = .bool(packs)
    members["tokens_per_pass"] = JSON(tokensPerPass)
    return members
  }
}

extension TrainingExample {
  /// A SHA-256 over the tokens of examples and which of them count: what a run learns from.
  public static func fingerprint(of examples: [TrainingExample]) -> String {
    var digest = SHA256()
    for example in examples {
      withUnsafeBytes(of: Int64(example.tokens.count).littleEndian) { digest.update($0) }
      example.tokens.withUnsafeBytes { digest.update($0) }
      example.counts.withUnsafeBytes { digest.update($0) }
    }
    return digest.hexadecimal()
  }
}
