import MartletCheckpoints
import MartletJSON
import MartletPrompting

extension Experiment {
  /// Everything that the numbers of a run depend on: the prompt with its strategy and examples, the tests with their
  /// assertions, the model, how outputs are drawn, and who judges.
  /// - Parameters:
  ///   - prompt: How the tests are asked.
  ///   - tests: Those that are asked.
  ///   - model: Who is asked.
  ///   - settings: How often.
  ///   - judge: The model that judges, with its fingerprint; nil where none does.
  ///   - embedder: The model that compares texts, with its fingerprint; nil where none does.
  ///   - program: The program that runs, with its version.
  public func recipe(
    of prompt: PromptVariant, tests: [ExperimentTest], model: RunRecipe.Model,
    settings: ExperimentRunner.Settings, judge: String? = nil, embedder: String? = nil, program: String
  ) -> RunRecipe {
    var task: JSONObject = [
      "task": .string(name), "version": .string(version), "prompt": Self.definition(of: prompt),
      "questions": JSON(tests.count),
      "questions_sha256": .string(TaskData(["questions": tests.map(\.document)]).sha256),
      "generation": [
        "max_gen_toks": JSON(prompt.generation.maximumTokens),
        "temperature": JSON(prompt.generation.temperature),
      ],
    ]
    if let judge { task["judge"] = .string(judge) }
    if let embedder { task["embedder"] = .string(embedder) }
    return RunRecipe(
      task: .object(task), taskName: name, model: model, data: nil,
      generation: [
        "repeats": JSON(settings.repeats), "temperature": "task",
        "seed": settings.seed.map { JSON(Int(clamping: $0)) } ?? .null,
      ], program: program)
  }

  /// A prompt as recipes tell it: with a digest in place of its examples, where they are many.
  public static func definition(of prompt: PromptVariant) -> JSON {
    let prompt = prompt.json
    guard var object = prompt.objectValue, var selection = object["examples"]?.objectValue,
      let examples = selection["examples"]?.arrayValue, examples.count > 20
    else { return prompt }
    let digest = TaskData(["examples": examples.compactMap(\.objectValue)]).sha256
    selection["examples"] = ["count": JSON(examples.count), "sha256": .string(digest)]
    object["examples"] = .object(selection)
    return .object(object)
  }
}

extension RunRecipe {
  /// The prompt's name, where the run is of an experiment.
  public var promptName: String? { task["prompt"]?["name"]?.stringValue }
}
