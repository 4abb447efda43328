import MartletEvaluation
import MartletJSON

/// Shows a run: its scores, and where there are few items, each of them.
struct EvalRunPrinter {
  let run: EvaluationRun
  let task: PreparedTask
  let results: [ItemResult]
  let console: Console

  /// More items than these are shown by `eval show` alone.
  private static let fewItems = 20

  func print(json: Bool, warnings: [String]) throws {
    if json {
      try console.result(object(warnings).serialized() + "\n")
    } else {
      try console.result(text)
    }
  }

  private func object(_ warnings: [String]) -> JSON {
    [
      "run": JSON(run.id), "task": .string(run.recipe.taskName), "recipe": run.recipe.json,
      "scores": run.scores.json,
      "groups": .array(
        task.scores(of: results).groups.map { group in
          [
            "name": .string(group.name), "category": group.category.map { .string($0) } ?? .null,
            "scores": group.scores.json,
          ]
        }),
      "items": .array(results.map(\.json)), "seconds": JSON(run.seconds),
      "warnings": .array(warnings.map { .string($0) }),
    ]
  }

  private var text: String {
    var text = printable("\(run.recipe.taskName) \(task.task.version), \(run.recipe.model.name), ")
    text += "\(run.recipe.model.precision), \(task.shots) shots, \(results.count) items\n\n"
    if results.count <= Self.fewItems, task.task.dataset == nil { text += items + "\n" }
    text += ScoreTable(scores: run.scores, names: task.task.scoreNames).text(console.style)
    let categories = task.scores(of: results).groups.filter { $0.category == nil }
    if categories.count > 1, let name = task.task.scoreNames.first {
      let rows = categories.compactMap { group in
        group.scores[name].map { [printable(group.name)] + ScoreTable.cells($0) }
      }
      text += "\n"
        + TextTable(headings: [name + " by group"] + ScoreTable.headings, rows: rows, rightAligned: [1, 2, 3])
        .text(console.style)
    }
    text += "\nRun \(run.id), \(formatDecimal(run.seconds, 1)) s. ‘martlet eval show \(run.id)’ has each item.\n"
    return text
  }

  private var items: String {
    let rows = zip(task.items, results).map { item, result in
      [
        result.correct == true ? "right" : "wrong",
        printable(item.document["question"]?.stringValue ?? result.id),
        printable(result.output?.trimmingSpace ?? result.choice.map { "choice \($0)" } ?? ""),
        printable(result.expected),
      ]
    }
    return TextTable(headings: ["", "question", "answer", "expected"], rows: rows)
      .text(console.style, width: console.resultWidth)
  }
}

/// Scores with their errors and intervals.
struct ScoreTable {
  let scores: [String: ScoreSummary]
  /// The most important first; further ones come after them by name.
  let names: [String]

  static let headings = ["value", "stderr", "n"]

  static func cells(_ score: ScoreSummary) -> [String] {
    [
      formatDecimal(score.mean, 4), score.standardError.map { formatDecimal($0, 4) } ?? "-", "\(score.count)",
    ]
  }

  func text(_ style: Style) -> String {
    let order = names + scores.keys.sorted().filter { !names.contains($0) }
    let rows = order.compactMap { name in scores[name].map { [printable(name)] + Self.cells($0) } }
    return TextTable(headings: ["score"] + Self.headings, rows: rows, rightAligned: [1, 2, 3]).text(style)
  }
}

extension [String: ScoreSummary] {
  /// The scores for programs, by name.
  var json: JSON { .object(JSONObject(sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) })) }
}
