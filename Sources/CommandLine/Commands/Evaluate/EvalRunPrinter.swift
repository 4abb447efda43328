import Foundation
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
      "scores": run.scores.json, "repeats": RepeatScores.json(of: results),
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
    var text = FactList(facts: run.recipe.facts + [("items", "\(results.count)")]).text(console) + "\n"
    if results.count <= Self.fewItems, task.task.dataset == nil { text += items + "\n" }
    text += ScoreTable(scores: run.scores, names: task.task.scoreNames).text(console.style)
    text += RepeatScores.text(of: results, console)
    let categories = task.scores(of: results).groups.filter { $0.category == nil }
    if categories.count > 1, let name = task.task.scoreNames.first {
      let rows = categories.compactMap { group in
        group.scores[name].map { [printable(group.name)] + ScoreTable.cells($0) }
      }
      text +=
        "\n"
        + TextTable(
          headings: [name + " by group"] + ScoreTable.headings, rows: rows, rightAligned: [1, 2, 3]
        )
        .text(console.style)
    }
    text +=
      "\nRun \(run.id), \(formatDecimal(run.seconds, 1)) s. ‘martlet eval show \(run.id)’ has each item.\n"
    return text
  }

  private var items: String {
    let rows = zip(task.items, results).map { item, result in
      [
        result.correct == true ? "right" : "wrong",
        printable(Self.question(of: item)),
        printable(Self.answer(to: item, result)),
        printable(result.expected),
      ]
    }
    return TextTable(headings: ["", "question", "answer", "expected"], rows: rows)
      .text(console.style, width: console.resultWidth)
  }
}

extension EvalRunPrinter {
  /// The row's question, or where it has none the last turn of the prompt.
  private static func question(of item: EvaluationItem) -> String {
    if let question = item.document["question"]?.stringValue { return shortened(question, to: 100) }
    switch item.prompt {
    case .generation(.messages(let messages, _), _, _, _), .choices(.messages(let messages, _), _):
      return shortened(messages.last?.content ?? item.id, to: 100)
    default: return item.id
    }
  }

  /// The output in one line, or the choice with its text.
  private static func answer(to item: EvaluationItem, _ result: ItemResult) -> String {
    guard let choice = result.choice else { return shortened(result.output ?? "", to: 100) }
    guard case .choices(_, let continuations) = item.prompt else { return "\(choice)" }
    return chosen(choice, of: continuations, in: item.document)
  }
}

/// Names with what they stand for, below each other.
struct FactList {
  let facts: [(name: String, value: String)]

  func text(_ console: Console) -> String {
    let width = (facts.map(\.name.count).max() ?? 0) + 2
    return facts.map { name, value in
      let line = name.padding(toLength: width, withPad: " ", startingAt: 0) + printable(value)
      return (console.resultWidth.map { WordWrapper.wrap(line, width: $0, hanging: width) } ?? line) + "\n"
    }.joined()
  }
}

extension RepeatScores {
  /// The means of the repeats and how much they differ; empty where there is one output for each item.
  static func text(of results: [ItemResult], _ console: Console) -> String {
    let lines = all(of: results).map { score in
      let means = score.means.prefix(8).map { formatDecimal($0, 4) }.joined(separator: ", ")
      let more = score.means.count > 8 ? ", …" : ""
      return printable("\(score.name) of \(score.means.count) repeats: \(means)\(more)")
        + "; mean \(formatDecimal(score.mean, 4)), standard deviation \(formatDecimal(score.standardDeviation, 4))\n"
    }
    let text = lines.joined()
    guard !text.isEmpty else { return "" }
    return "\n" + (console.resultWidth.map { WordWrapper.wrap(text, width: $0, hanging: 2) } ?? text)
  }

  /// The same for programs, by the score's name.
  static func json(of results: [ItemResult]) -> JSON {
    .object(
      JSONObject(
        all(of: results).map { score in
          (
            score.name,
            [
              "means": .array(score.means.map { JSON($0) }), "mean": JSON(score.mean),
              "sd": JSON(score.standardDeviation),
            ]
          )
        }))
  }
}

/// A choice for people: its text, behind its letter where letters were compared.
func chosen(_ choice: Int, of continuations: [String], in document: JSONObject) -> String {
  let text = continuations.indices.contains(choice) ? continuations[choice].trimmingSpace : "choice \(choice)"
  guard text.count == 1, let long = document["choices"]?[choice]?.stringValue else { return text }
  return "\(text). \(long)"
}

/// A text in one line, cut where it is longer than so many characters.
func shortened(_ text: String, to length: Int) -> String {
  let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  return line.count > length ? line.prefix(length - 1) + "…" : line
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
    // pass@2 is before pass@16.
    let others = scores.keys.filter { !names.contains($0) }.sorted {
      $0.compare($1, options: .numeric) == .orderedAscending
    }
    let order = names + others
    let rows = order.compactMap { name in scores[name].map { [printable(name)] + Self.cells($0) } }
    return TextTable(headings: ["score"] + Self.headings, rows: rows, rightAligned: [1, 2, 3]).text(style)
  }
}

extension [String: ScoreSummary] {
  /// The scores for programs, by name.
  var json: JSON { .object(JSONObject(sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) })) }
}
