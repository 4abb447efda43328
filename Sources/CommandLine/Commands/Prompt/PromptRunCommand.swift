import MartletEvaluation

extension Command {
  /// Runs the prompts of an experiment.
  static let promptRun: Command = Command(
    name: "prompt run",
    summary: "Put the tests of an experiment to each of its prompts, and compare them.",
    discussion: """
      FILE is an experiment in YAML or JSON: its prompts with their strategies (zero_shot, few_shot, chain_of_thought, \
      self_consistency, chain), tests with variables, and what outputs must be (equals, contains, regex, number, \
      similar, rubric, json_schema, latency, cost, each also under not). -m replaces the models that it names.

      The table has the share of tests that pass all assertions, with its 95% interval, and what an output takes: tokens \
      of the prompt and generated ones, seconds, and the provider's cost. The best prompt of each model is then compared \
      with the others on the same tests, by McNemar's exact test, or with repeats by a paired bootstrap.

      Each prompt with each model is a run that is kept. What was stopped goes on when the same command is given again, \
      and what is finished is not asked again; --fresh asks everything.

      --json prints "experiment", "rows" ("run", "prompt", "model", "best", "tests", "accuracy", "low", "high", \
      "scores", "repeats", "prompt_tokens", "completion_tokens", "seconds", "latency", "cost", "replayed", \
      "warnings"), "comparisons" and "tests" with each answer.

      \(ProviderParameters.discussion)
      """,
    parameters: PromptRunOptions.definitions,
    examples: [
      .init("martlet prompt run Examples/prompts/tip.yaml", "The experiment of the examples:"),
      .init(
        "martlet prompt run Examples/prompts/tip.yaml -m smollm2-135m-instruct --limit 20 --html tip.html",
        "With one model, its first tests, as a page:"),
    ]
  ) { arguments, console in
    try await PromptRun(arguments, console).run()
  }
}

/// The parameters of `prompt run`.
enum PromptRunOptions {
  static let file = Parameter<String>.argument(
    "FILE", .path("FILE"), default: "", help: "The experiment, in YAML or JSON.")
  static let models: Parameter<[String]> = {
    var definition = ModelParameters.answerers.definition
    definition.help =
      "A model, in place of those that the experiment names: a name from the catalogue, a GGUF file, a Hugging Face "
      + "folder, or a model behind an API. Several are compared."
    definition.defaultText = "the experiment's, else \(ModelParameters.defaultAnswerer)"
    return Parameter(definition: definition, fallback: [])
  }()
  static let limit = Parameter<Int?>.option(
    "limit", .integer(in: 1...(1 << 30)), shownAs: "all", help: "At most so many tests, in their order.")
  static let only = Parameter<[String]>.options(
    "prompt", .text("NAME"), help: "Only this prompt of the experiment.")
  static let repeats = Parameter<Int?>.option(
    "repeats", .integer(in: 1...1000), shownAs: "the experiment's",
    help: "How often each test is asked; more than once needs a temperature above 0.")
  static let judge = Parameter<String?>.option(
    "judge", .path("MODEL", completing: .models(.generation)), shownAs: "the experiment's",
    help: "The model that judges by rubrics.")
  static let concurrency = Parameter<Int>.option(
    "concurrency", .integer(in: 1...256), default: 16,
    help: "How many requests are made at once; a model that runs here decodes them together.")
  static let fresh = Parameter<Bool>.flag(
    "fresh", help: "Ask everything, even where a run of the same recipe is kept.")

  static let definitions =
    [
      file.definition, models.definition, limit.definition, only.definition, repeats.definition,
      judge.definition, concurrency.definition, fresh.definition, PromptOptions.answers.definition,
      PromptOptions.csv.definition, PromptOptions.html.definition, PromptOptions.force.definition,
      ModelParameters.precision.definition, ModelParameters.context.definition,
      ModelParameters.threads.definition, EvaluateOptions.runs.definition, StoreParameters.json.definition,
    ] + ProviderParameters.definitions
}
