import MartletFineTuning
import MartletGeneration
import MartletInspection
import MartletJSON
import MartletTensors
import MartletTransformers

extension Command {
  /// A model before and after it was tuned.
  static let comparison: Command = Command(
    name: "compare",
    summary: "Measure what an adapter changes: losses, and the same prompts answered before and after.",
    discussion: """
      The examples are read as tune reads them; they should be ones that the adapter has not learned. The loss is the \
      mean over the tokens that count, and the perplexity its exponential. Each prompt is answered with the most probable \
      tokens: an answer is exact where its first line is that of the example, and the edit similarity (100% for equal \
      texts) compares whole answers, up to --max-tokens. Text and code without a gap are cut in the middle, and the next \
      line is compared.

      --json prints an object: model, adapter, examples, tokens (those that count), before and after (each loss, \
      perplexity, exact_match, edit_similarity; the last two from 0 to 1), and answers (prompt, expected, before, after).
      """,
    parameters: CompareOptions.definitions,
    examples: [
      .init(
        "martlet compare smollm2-135m-instruct --adapter run --data held-out.jsonl", "What did tuning change?"
      ),
      .init(
        "martlet compare smollm2-135m-instruct --adapter run --data held-out.jsonl --limit 50 --html compare.html",
        "The same for 50 examples, as a page to read:"),
    ]
  ) { arguments, console in
    guard arguments.has(AdapterOptions.adapters) else {
      throw UsageError(
        "--adapter is missing.", advice: "Name the folder of an adapter, such as a run of tune.")
    }
    try AdapterOptions.check(arguments)
    if let path = arguments[CompareOptions.page] {
      try NewFile.check(path, replaces: arguments[CompareOptions.force])
    } else if arguments[CompareOptions.force] {
      throw UsageError("--force goes with --html.", advice: "It replaces a file that is there already.")
    }
    let name = arguments[CompareOptions.model]
    let checkpoint = try OpenModel.checkpoint(name)
    try LocalModel.check(checkpoint, name: name).forEach(console.warn)
    let encoder = try PromptEncoder(checkpoint, name: name)
    let before = try PretrainedModels.loadDecoder(
      checkpoint, precision: arguments[CompareOptions.precision].precision,
      device: Device(threads: arguments[ModelParameters.threads]))
    let adapters = try AdapterOptions.load(arguments, for: name, device: before.device, console)
    let after = try before.adapted(by: adapters)
    let examples = try TuneDataOptions.examples(
      arguments, encoder, contextLength: before.shape.context, limit: arguments[CompareOptions.limit], console
    )
    let progress = ComparisonProgress(console)
    let comparison = try ModelComparison(
      before: before, after: after, tokenizer: encoder.tokenizer, examples: examples,
      maximumTokens: arguments[CompareOptions.maximumTokens],
      maximumAnswers: arguments[CompareOptions.answers],
      progress: progress.update)
    progress.finish()
    if let file = arguments[CompareOptions.page] {
      var page = try NewFile(file, replaces: arguments[CompareOptions.force])
      try page.append(comparison.page(model: name, adapter: adapterNames(arguments)).file)
      try page.finish()
      console.note(printable("The page was written to \(file).\n"))
    }
    if arguments[CompareOptions.json] {
      var object: JSONObject = ["model": .string(name), "adapter": .string(adapterNames(arguments))]
      for (key, value) in comparison.json.objectValue ?? [:] { object[key] = value }
      return try console.result(JSON.object(object).serialized() + "\n")
    }
    try show(comparison, console)
  }
}

/// The adapters as they were named.
private func adapterNames(_ arguments: Arguments) -> String {
  arguments[AdapterOptions.adapters].map { $0.scale == 1 ? $0.path : "\($0.path):\($0.scale)" }
    .joined(separator: ", ")
}

/// The numbers as a table, and the first answers.
private func show(_ comparison: ModelComparison, _ console: Console) throws {
  let table = TextTable(
    headings: ["", "before", "after"],
    rows: comparison.measures.map { [$0.name, $0.before, $0.after] }, rightAligned: [1, 2])
  try console.result(table.text(console.style, width: console.resultWidth))
  let prompts = comparison.answers.count
  try console.result(
    "\(comparison.examples) examples, \(comparison.countedTokens) tokens that count, \(prompts) prompts answered\n"
  )
  let width = console.resultWidth ?? 80
  for (number, answer) in comparison.answers.prefix(3).enumerated() {
    // Of a long prompt, the question is at the end.
    let prompt = answer.prompt.count > 400 ? "…" + answer.prompt.suffix(400) : answer.prompt
    let parts = [
      ("prompt", prompt), ("expected", answer.expected), ("before", answer.before), ("after", answer.after),
    ]
    try console.result("\n")
    for (name, text) in parts {
      let title = name == "prompt" ? "Prompt \(number + 1)" : name
      try console.result(
        console.style.bold(title) + "\n"
          + WordWrapper.wrap(indented(printable(text)), width: width, breaksLongWords: true) + "\n")
    }
  }
  if prompts > 3 { console.note("All answers: --json, or --html FILE.\n") }
}

private func indented(_ text: String) -> String {
  text.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
}

/// Two bars, one after the other.
private struct ComparisonProgress {
  private let scoring: ProgressBar
  private let answering: ProgressBar
  private let console: Console

  init(_ console: Console) {
    self.console = console
    scoring = ProgressBar("Scoring", unit: .count("examples"), console: console)
    answering = ProgressBar("Answering", unit: .count("prompts"), console: console)
  }

  func update(_ progress: ModelComparison.Progress) {
    switch progress {
    case .scored(let done, let total): scoring.update(done: done, total: total)
    case .answered(let done, let total):
      if done == 1 { scoring.finish() }
      answering.update(done: done, total: total)
    }
  }

  func finish() { answering.finish() }
}
