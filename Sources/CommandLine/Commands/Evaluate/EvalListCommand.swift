import Foundation
import MartletEvaluation
import MartletJSON

private let task = Parameter<String?>.option(
  "task", .text("TASK"), shownAs: "all", help: "Only the runs of this task.")

extension Command {
  /// The runs that are kept.
  static let evalList: Command = Command(
    name: "eval list",
    summary: "List the runs that are kept, the latest first.",
    discussion: """
      --json prints an object with "runs": "run", "task", "prompt" (of an experiment), "model", "precision", "items", \
      "results", "started", "finished", "seconds" and "scores".
      """,
    parameters: [task.definition, EvaluateOptions.runs.definition, StoreParameters.json.definition],
    examples: [.init("martlet eval list --task hellaswag", "The runs of one task:")]
  ) { arguments, console in
    let runs = try EvaluateOptions.store(arguments).runs().filter { run in
      arguments[task].map { $0 == run.recipe.taskName } ?? true
    }
    if arguments[StoreParameters.json] {
      let object: JSON = ["runs": .array(runs.map(\.json))]
      return try console.result(object.serialized() + "\n")
    }
    guard !runs.isEmpty else {
      let which = arguments[task].map { "of the task ‘\(printable($0))’ " } ?? ""
      return console.note("There are no runs \(which)yet. ‘martlet eval run’ makes one.\n")
    }
    let rows = runs.map { run in
      [
        "\(run.id)", printable(run.recipe.taskName + (run.recipe.promptName.map { ", \($0)" } ?? "")),
        printable(run.recipe.model.name),
        run.isFinished ? "\(run.itemCount)" : "\(run.resultCount) of \(run.itemCount)",
        run.scores.sorted { $0.key.compare($1.key, options: .numeric) == .orderedAscending }
          .map { printable("\($0.key) \(formatDecimal($0.value.mean, 3))") }.joined(separator: ", "),
        run.started.formatted(.iso8601.year().month().day()),
      ]
    }
    let table = TextTable(
      headings: ["run", "task", "model", "items", "scores", "day"], rows: rows, rightAligned: [0, 3])
    try console.result(table.text(console.style, width: console.resultWidth))
  }
}

extension EvaluationRun {
  /// The run without its items, for programs.
  var json: JSON {
    [
      "run": JSON(id), "task": .string(recipe.taskName),
      "prompt": recipe.promptName.map { .string($0) } ?? .null, "model": .string(recipe.model.name),
      "precision": recipe.model.precision.map { .string($0) } ?? .null, "items": JSON(itemCount),
      "results": JSON(resultCount),
      "started": .string(started.formatted(.iso8601)),
      "finished": finished.map { .string($0.formatted(.iso8601)) } ?? .null, "seconds": JSON(seconds),
      "scores": scores.json,
    ]
  }
}
