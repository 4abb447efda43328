import MartletEvaluation
import MartletJSON

extension Command {
  /// Measures a model by a task.
  static let evalRun: Command = Command(
    name: "eval run",
    summary: "Measure a model by a benchmark, or by your own questions.",
    discussion: """
      TASK is a benchmark (\(EvaluationTask.builtInNames.joined(separator: ", "))) or a file of your own: JSON lines or \
      YAML with questions and expected answers. Benchmarks have the prompts, examples and scores of \
      lm-evaluation-harness, and by default its precision, float32. Their rows come from --data, a folder or file of \
      JSON lines, or from ‘martlet data pull’.

      A benchmark's prompts are plain text unless --chat puts them into the model's chat template. One's own questions \
      use the template where the model has one, unless --raw says otherwise.

      With --repeats N each item gets N outputs. Scores such as acc are of the first one; pass@k is the chance that one \
      of k is right, pass^N the share of items of which all N are, and the mean of each repeat is given with their \
      standard deviation.

      Each run is kept with its whole recipe and each item; ‘martlet eval list’, ‘show’, ‘compare’, ‘report’ and \
      ‘export’ read them. A run that was stopped goes on where it was when the same command is given again; --fresh \
      begins a new one.

      \(ProviderParameters.discussion) Its prompts are always messages (--chat) where a text is to be generated, and choices \
      are compared only by servers that give log-probabilities of a prompt, such as vLLM.

      --json prints an object: "run", "task", "recipe", "scores" (by name: "value", "stderr", "low", "high", "n"), \
      "repeats" (by score: "means", "mean", "sd"), "groups", "items" ("id", "choice", "expected", "correct", "scores", \
      and "log_likelihoods" or "outputs" and "extracted"), "seconds" and "warnings".
      """,
    parameters: EvalRunOptions.definitions,
    examples: [
      .init("martlet eval run questions.jsonl", "Your own questions:"),
      .init(
        "martlet eval run hellaswag -m smollm2-135m-instruct --limit 100", "A benchmark's first 100 items:"),
      .init(
        "martlet eval run mmlu --data ./mmlu --shots 5 -m smollm2-135m-instruct",
        "With five examples, from a folder:"),
    ]
  ) { arguments, console in
    try await EvalRun(arguments, console).run()
  }
}

/// The parameters of `eval run`.
enum EvalRunOptions {
  static let task = Parameter<String>.argument(
    "TASK", .path("TASK"), default: "", help: "A benchmark's name, or a file of questions.")
  static let data = Parameter<String?>.option(
    "data", .path("PATH"), shownAs: "what ‘martlet data pull’ fetched",
    help: "The benchmark's rows: a folder of JSON lines by split, or one file.")
  static let limit = Parameter<Int?>.option(
    "limit", .integer(in: 1...(1 << 30)), shownAs: "all",
    help: "The most items, in order; of each subject where the task has subjects.")
  static let shots = Parameter<Int?>.option(
    "shots", .integer(in: 0...100), shownAs: "the task's own", help: "The examples in each prompt.")
  static let chat = Parameter<Bool>.flag(
    "chat", help: "Put prompts into the chat template, as your own questions are by default.")
  static let raw = Parameter<Bool>.flag(
    "raw", help: "Give your own questions as plain text, without a template.")
  static let repeats = Parameter<Int>.option(
    "repeats", .integer(in: 1...1000), default: 1,
    help: "The outputs for each item, drawn one by one; more than one needs a --temperature.")
  static let temperature = Parameter<Double?>.option(
    "temperature", .number("NUMBER", in: 0...100), shownAs: "the task's own",
    help: "How freely outputs are drawn; 0 takes the most probable tokens.")
  static let seed = Parameter<Int>.option(
    "seed", .integer(in: 0...Int(Int32.max)), default: 1234, help: "What examples and outputs are drawn with."
  )
  static let fresh = Parameter<Bool>.flag(
    "fresh", help: "Begin a new run, even where one of the same recipe was stopped.")

  static let definitions =
    [
      task.definition, ModelParameters.answererOrProvider.definition, AdapterOptions.adapters.definition,
      data.definition, limit.definition, shots.definition,
      chat.definition, raw.definition, repeats.definition, temperature.definition, seed.definition,
      ModelParameters.exactPrecision.definition, ModelParameters.context.definition,
      ModelParameters.threads.definition, fresh.definition, EvaluateOptions.runs.definition,
      StoreParameters.json.definition,
    ] + ProviderParameters.definitions
}
