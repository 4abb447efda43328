import Foundation
import MartletJSON
import MartletPictures

/// Finished runs side by side: a row for each model, a column for each task and score.
public struct Leaderboard: Sendable {
  /// One number of the table.
  public struct Entry: Sendable {
    /// The run that it is of.
    public let run: EvaluationRun
    /// The score.
    public let summary: ScoreSummary
  }

  /// A task's score.
  public struct Column: Sendable, Hashable {
    /// The task.
    public let task: String
    /// The score's name.
    public let score: String
    /// What the scores of one column have to have in common to be comparable: examples, chat or text, limit, data.
    public let recipe: String

    /// How it is headed.
    public var title: String { "\(task) \(score)" + (recipe.isEmpty ? "" : " (\(recipe))") }
  }

  /// The columns, in the order of their names.
  public let columns: [Column]
  /// The models with their entries, which are in the order of the columns; best first by the mean rank.
  public let rows: [(model: String, entries: [Entry?])]

  /// Puts runs together; of several of one model and column the latest counts.
  /// - Throws: ``ReportError/noRuns``.
  public init(_ runs: [EvaluationRun]) throws {
    let finished = runs.filter(\.isFinished)
    guard !finished.isEmpty else { throw ReportError.noRuns }
    var columns: Set<Column> = []
    var table: [String: [Column: Entry]] = [:]
    let ambiguous = Self.ambiguousConditions(finished)
    for run in finished.sorted(by: { $0.id < $1.id }) {
      var conditions = Self.conditions(of: run)
      if ambiguous.contains([run.recipe.taskName] + conditions) {
        conditions.append(Self.questions(of: run))
      }
      for (score, summary) in run.scores {
        let column = Column(
          task: run.recipe.taskName, score: score, recipe: conditions.joined(separator: ", "))
        columns.insert(column)
        table[Self.model(of: run), default: [:]][column] = Entry(run: run, summary: summary)
      }
    }
    let order = columns.sorted { ($0.task, $0.score, $0.recipe) < ($1.task, $1.score, $1.recipe) }
    self.columns = order
    let rows = table.map { model, entries in (model: model, entries: order.map { entries[$0] }) }
    let ranks = order.indices.map { column in
      rows.compactMap { $0.entries[column]?.summary.mean }.sorted(by: >)
    }
    func meanRank(_ entries: [Entry?]) -> Double {
      let own = entries.enumerated().compactMap { column, entry in
        entry.flatMap { ranks[column].firstIndex(of: $0.summary.mean) }.map(Double.init)
      }
      return own.isEmpty ? .infinity : own.reduce(0, +) / Double(own.count)
    }
    self.rows = rows.sorted { (meanRank($0.entries), $0.model) < (meanRank($1.entries), $1.model) }
  }

  private static func model(of run: EvaluationRun) -> String {
    let model = run.recipe.model
    return model.name + (model.adapter.map { " + \($0)" } ?? "")
      + (model.precision.map { $0 == "float32" ? "" : ", \($0)" } ?? "")
  }

  /// Conditions under which runs have asked other questions, so that the conditions must name version and data as well.
  private static func ambiguousConditions(_ runs: [EvaluationRun]) -> Set<[String]> {
    let digests = Dictionary(grouping: runs) { [$0.recipe.taskName] + conditions(of: $0) }
      .mapValues { Set($0.map(questions)) }
    return Set(digests.filter { $0.value.count > 1 }.keys)
  }

  /// What tells a run's version of the task and its questions from others.
  private static func questions(of run: EvaluationRun) -> String {
    let task = run.recipe.task
    let digest = run.recipe.data?.sha256 ?? task["questions_sha256"]?.stringValue
    return "version \(task["version"]?.stringValue ?? "?")" + (digest.map { ", data \($0.prefix(8))" } ?? "")
  }

  /// What scores of one column have in common, as far as it is not the same for all runs of a task.
  private static func conditions(of run: EvaluationRun) -> [String] {
    let task = run.recipe.task
    var parts = run.recipe.promptName.map { ["prompt \($0)"] } ?? []
    if let shots = task["num_fewshot"]?.intValue, shots > 0 {
      parts.append(shots == 1 ? "1 shot" : "\(shots) shots")
    }
    if task["chat"]?.boolValue == true { parts.append("chat") }
    if let limit = task["limit"]?.intValue { parts.append("limit \(limit)") }
    let generation = run.recipe.generation
    if let temperature = generation["temperature"]?.doubleValue {
      parts.append("temperature \(JSON(temperature).serialized())")
    }
    if let repeats = generation["repeats"]?.intValue, repeats > 1 { parts.append("\(repeats) repeats") }
    return parts
  }

  // MARK: Text

  /// The number as it stands in tables: percent with its standard error.
  public static func text(_ summary: ScoreSummary) -> String {
    let error = summary.standardError.map { " ± " + percent($0) } ?? ""
    return percent(summary.mean) + error
  }

  private static func percent(_ share: Double) -> String {
    String(format: "%.2f", locale: Locale(identifier: "en_US_POSIX"), share * 100)
  }

  /// The table in Markdown, in percent, with the runs' numbers.
  public var markdown: String {
    var lines = ["| model | " + columns.map { Self.escaped($0.title) }.joined(separator: " | ") + " |"]
    lines.append("|---|" + columns.map { _ in "--:|" }.joined())
    for row in rows {
      let cells = row.entries.map { entry in entry.map { Self.text($0.summary) + " (run \($0.run.id))" } ?? ""
      }
      lines.append("| " + Self.escaped(row.model) + " | " + cells.joined(separator: " | ") + " |")
    }
    return lines.joined(separator: "\n") + "\n\nIn percent, with standard errors.\n"
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("|", with: "\\|").replacing("\n", with: " ")
  }

  // MARK: Pictures

  /// The table with a chart for each column, as a page that needs nothing but itself.
  public var page: HTMLPage {
    var page = HTMLPage(title: "Evaluation")
    let head = Markup(
      "tr", [:],
      [Markup("th", text: "model")] + columns.map { Markup("th", ["class": "number"], text: $0.title) })
    let body = rows.map { row in
      Markup(
        "tr", [:],
        [Markup("th", ["scope": "row"], [Markup("span", text: row.model)])]
          + row.entries.map {
            Markup("td", ["class": "number"], text: $0.map { Self.text($0.summary) } ?? "")
          })
    }
    page.body.append(Markup("p", ["class": "quiet"], text: "In percent, with standard errors."))
    page.body.append(Markup("div", ["class": "wide"], [Markup("table", [:], [head] + body)]))
    for (index, column) in columns.enumerated() {
      let entries = rows.compactMap { row in row.entries[index].map { (row.model, $0) } }
      let chart = IntervalChart(
        title: column.title,
        bars: entries.map { model, entry in
          let summary = entry.summary
          return .init(
            label: model, value: summary.mean, low: summary.interval?.lowerBound,
            high: summary.interval?.upperBound, text: Self.text(summary))
        }, range: 0...max(1, entries.map { $0.1.summary.interval?.upperBound ?? 0 }.max() ?? 1))
      page.body.append(Markup("h2", text: column.title))
      page.body.append(Markup("div", ["class": "wide"], [chart.picture().element]))
      let details = entries.map { model, entry in
        Markup(
          "li",
          text: "\(model): run \(entry.run.id), \(entry.summary.count) items, \(entry.run.recipe.program)")
      }
      page.body.append(Markup("ul", ["class": "quiet"], details))
    }
    return page
  }
}
