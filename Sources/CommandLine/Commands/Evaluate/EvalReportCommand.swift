import MartletEvaluation
import MartletInspection

private let numbers = Parameter<[Int]>.arguments(
  "RUN", .integer("RUN", atLeast: 1), help: "The runs; without any, all finished ones.")
private let output = Parameter<String?>.option(
  "output", short: "o", .path("FILE"), shownAs: "the terminal",
  help: "Write a page (.html) or a Markdown table (.md).")
private let markdown = Parameter<Bool>.flag("markdown", help: "Print the table in Markdown.")

private enum ReportFile: String, CaseIterable { case html, md }

extension Command {
  /// Runs side by side.
  static let evalReport: Command = Command(
    name: "eval report",
    summary: "Put runs side by side: a leaderboard in the terminal, in Markdown or as a page.",
    discussion: """
      A row for each model, a column for each task and score; of several runs of one model and task the latest counts. \
      Runs with other numbers of examples, limits or chat templates have columns of their own, since their scores \
      cannot be compared; so have runs over other data, with other temperatures or numbers of repeats. The page has a chart with 95% intervals for each column, and fetches nothing.
      """,
    parameters: [
      numbers.definition, markdown.definition, output.definition, InsideOptions.force.definition,
      EvaluateOptions.runs.definition,
    ],
    examples: [
      .init("martlet eval report", "All finished runs:"),
      .init("martlet eval report 3 4 7 -o models.html", "Some of them, as a page:"),
    ]
  ) { arguments, console in
    let file = try InsideOptions.output(output, arguments, as: ReportFile.self)
    let store = try EvaluateOptions.store(arguments)
    let runs = try arguments[numbers].isEmpty ? store.runs() : arguments[numbers].map(store.run)
    let board = try Leaderboard(runs)
    if let file {
      var written = try NewFile(file.path, replaces: arguments[InsideOptions.force])
      try written.append(file.kind == .html ? board.page.file : board.markdown)
      try written.finish()
      let models = board.rows.count == 1 ? "1 model" : "\(board.rows.count) models"
      return console.note(printable("\(models) written to \(file.path).\n"))
    }
    if arguments[markdown] { return try console.result(board.markdown) }
    // A score a line: models in columns would not fit a terminal.
    var rows: [[String]] = []
    for (index, column) in board.columns.enumerated() {
      let entries = board.rows.compactMap { row in row.entries[index].map { (row.model, $0) } }
      for (model, entry) in entries.sorted(by: { $0.1.summary.mean > $1.1.summary.mean }) {
        rows.append([
          printable(column.title), printable(model), Leaderboard.text(entry.summary),
          "\(entry.summary.count)",
          "\(entry.run.id)",
        ])
      }
    }
    let table = TextTable(
      headings: ["task and score", "model", "percent", "items", "run"], rows: rows, rightAligned: [2, 3, 4])
    try console.result(table.text(console.style, width: console.resultWidth))
  }
}
