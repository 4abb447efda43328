import MartletEvaluation
import MartletJSON

private let number = Parameter<Int>.argument(
  "RUN", .integer("RUN", atLeast: 1), default: 0, help: "The run's number; ‘martlet eval list’ shows them.")
private let wrong = Parameter<Bool>.flag("wrong", help: "Only the items that the model got wrong.")
private let item = Parameter<String?>.option(
  "item", .text("ID"), shownAs: "all", help: "One item, with its whole prompt.")

extension Command {
  /// One run with its recipe and items.
  static let evalShow: Command = Command(
    name: "eval show",
    summary: "Show a run: its recipe, its scores and each item.",
    discussion: """
      --item ID shows one item with its prompt as the model saw it, its output, and what was read in it. --json prints \
      an object as ‘eval run --json’ does; each item has "prompt" and "document", too.
      """,
    parameters: [
      number.definition, wrong.definition, item.definition, EvaluateOptions.runs.definition,
      StoreParameters.json.definition,
    ],
    examples: [
      .init("martlet eval show 12 --wrong", "What went wrong:"),
      .init("martlet eval show 12 --item 3", "One item with its prompt:"),
    ]
  ) { arguments, console in
    let store = try EvaluateOptions.store(arguments)
    let found = try store.run(arguments[number])
    var records = try store.records(of: found.id)
    let results = records.map(\.result)
    if let id = arguments[item] {
      records = records.filter { $0.result.id == id }
      guard !records.isEmpty else {
        throw UsageError(
          "Run \(found.id) has no item ‘\(id)’.", advice: "‘martlet eval show \(found.id)’ lists them.")
      }
    }
    if arguments[wrong] { records = records.filter { $0.result.correct == false } }
    if arguments[StoreParameters.json] {
      var object = found.json.objectValue ?? [:]
      object["recipe"] = found.recipe.json
      object["repeats"] = RepeatScores.json(of: results)
      object["warnings"] = .array(RunWarnings.texts(of: results).map { .string($0) })
      object["items"] = .array(records.map(\.json))
      return try console.result(JSON.object(object).serialized() + "\n")
    }
    if arguments[item] != nil {
      return try console.prose(
        records.map { detail(of: $0, console.style) }.joined(separator: "\n"), hanging: 0)
    }
    try console.result(overview(of: found, results, console))
    if arguments[wrong], records.isEmpty { console.note("No item is wrong.\n") }
    let rows = records.map { record in
      [
        printable(record.result.id), mark(of: record.result), answer(of: record),
        printable(record.result.expected),
      ]
    }
    if !rows.isEmpty {
      let table = TextTable(headings: ["item", "", "answer", "expected"], rows: rows)
      try console.result("\n" + table.text(console.style, width: console.resultWidth))
    }
  }
}

private func overview(of run: EvaluationRun, _ results: [ItemResult], _ console: Console) -> String {
  let facts =
    run.recipe.facts + [
      ("items", run.isFinished ? "\(run.itemCount)" : "\(run.resultCount) of \(run.itemCount), not finished"),
      ("time", formatDuration(run.seconds)),
    ] + RunWarnings.texts(of: results).map { ("warning", $0) }
  let scores = run.scores.isEmpty ? "" : "\n" + ScoreTable(scores: run.scores, names: []).text(console.style)
  return "Run \(run.id)\n" + FactList(facts: facts).text(console) + scores
    + RepeatScores.text(of: results, console)
}

private func mark(of result: ItemResult) -> String {
  if let correct = result.correct { return correct ? "right" : "wrong" }
  return result.scores.sorted { $0.key < $1.key }.first.map { formatDecimal($0.value, 3) } ?? ""
}

/// The choice, or the beginning of what the model wrote.
private func answer(of record: ItemRecord) -> String {
  if let choice = record.result.choice {
    let continuations = record.prompt["continuations"]?.arrayValue?.map { $0.stringValue ?? "" } ?? []
    return printable(shortened(chosen(choice, of: continuations, in: record.document), to: 60))
  }
  return printable(shortened(record.result.output ?? "", to: 60))
}

private func detail(of record: ItemRecord, _ style: Style) -> String {
  var text = style.bold("Item \(printable(record.result.id))") + "\n\n"
  func add(_ title: String, _ body: String) { text += style.bold(title) + "\n" + printable(body) + "\n\n" }
  for member in ["context", "prompt"] {
    guard let prompt = record.prompt[member] else { continue }
    let messages = prompt.arrayValue?.map { message in
      "[\(message["role"]?.stringValue ?? "")] \(message["content"]?.stringValue ?? "")"
    }
    add("Prompt", prompt.stringValue ?? messages?.joined(separator: "\n") ?? prompt.serialized())
  }
  for (index, continuation) in (record.prompt["continuations"]?.arrayValue ?? []).enumerated() {
    let values = record.result.logLikelihoods ?? []
    let score = values.indices.contains(index) ? formatDecimal(values[index], 3) : ""
    text += "\(index)  \(score)  \(printable(continuation.stringValue ?? ""))\n"
  }
  if record.prompt["continuations"] != nil { text += "\n" }
  let outputs = record.result.outputs ?? []
  for (index, output) in outputs.enumerated() {
    let verdicts = (record.result.repeats ?? [:]).sorted { $0.key < $1.key }.compactMap { name, verdicts in
      verdicts.indices.contains(index) ? "\(name) \(verdicts[index] ? 1 : 0)" : nil
    }
    add(outputs.count == 1 ? "Output" : "Output \(index + 1): \(verdicts.joined(separator: ", "))", output)
    // Samples that voted, or the steps of a chain.
    let completions = record.result.completions ?? []
    if completions.indices.contains(index), completions[index].count > 1 {
      let count = completions[index].count
      for (number, text) in completions[index].enumerated() {
        add("Completion \(number + 1) of \(count)", text)
      }
    }
    let checks = record.result.checks ?? []
    if checks.indices.contains(index) { add("Assertions", checks[index].map(line).joined(separator: "\n")) }
  }
  for (name, value) in (record.result.extracted ?? [:]).sorted(by: { $0.key < $1.key })
  where value != outputs.first?.trimmingSpace {
    add("Extracted (\(name))", value)
  }
  add("Expected", record.result.expected)
  let scores = record.result.scores.sorted { $0.key < $1.key }.map {
    "\($0.key) \(formatDecimal($0.value, 4))"
  }
  return text + scores.joined(separator: ", ") + "\n"
}

/// An assertion with whether it holds, and why.
private func line(_ outcome: AssertionOutcome) -> String {
  let name = outcome.name.map { " (\($0))" } ?? ""
  return "\(outcome.holds ? "holds" : "fails")  \(outcome.assertion)\(name)"
    + (outcome.detail.map { ": \($0)" } ?? "")
}

extension ItemRecord {
  /// The item with its prompt, for programs.
  fileprivate var json: JSON {
    var object = result.json.objectValue ?? [:]
    object["prompt"] = prompt
    object["document"] = .object(document)
    return .object(object)
  }
}
