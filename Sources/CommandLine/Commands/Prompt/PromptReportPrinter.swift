import Foundation
import MartletEvaluation
import MartletJSON

/// Shows how the prompts of an experiment compare.
struct PromptReportPrinter {
  /// Which answers are shown.
  enum Answers { case none, different, all }

  private let report: ExperimentReport
  private let console: Console

  /// More tests than these are shown with --answers alone.
  private static let fewTests = 5

  init(_ report: ExperimentReport, _ console: Console) { (self.report, self.console) = (report, console) }

  func print(json: Bool, answers: Answers) throws {
    if json { return try console.result(report.json.serialized() + "\n") }
    try console.result(tables + significance + repeats)
    let tests = report.tests.filter { answers == .all || $0.differs }
    switch answers {
    case .none: break
    case .all: try show(tests)
    case .different:
      guard !tests.isEmpty, report.rows.count > 1 else { break }
      try console.result("\n" + console.style.bold("Tests on which they differ") + "\n")
      try show(Array(tests.prefix(Self.fewTests)))
      if tests.count > Self.fewTests {
        try console.result("\nand \(tests.count - Self.fewTests) more; --answers shows all tests.\n")
      }
    }
  }

  // MARK: Numbers

  private var models: [String] {
    report.rows.reduce(into: []) { if !$0.contains($1.model) { $0.append($1.model) } }
  }

  private var tables: String {
    let counts = Set(report.rows.map(\.records.count)).sorted().map(String.init).joined(separator: " or ")
    var text = printable("\(report.name): \(counts) \(counts == "1" ? "test" : "tests")\n")
    // Columns that say nothing are left out: what runs here costs nothing.
    let hasCost = report.rows.contains { $0.usage.cost != nil }
    let names = report.scoreNames
    var headings = ["", "prompt", "right", "95% interval"]
    headings += names.map { printable(ExperimentReport.title($0)) }
    headings += ["in", "out", "s"] + (hasCost ? ["cost"] : []) + ["run"]
    for model in models {
      let rows = report.rows.filter { $0.model == model }.map { cells(of: $0, names, hasCost: hasCost) }
      text += "\n" + console.style.bold(printable(model)) + "\n"
      text += TextTable(
        headings: headings, rows: rows, rightAligned: Set(2..<headings.count)
      ).text(console.style, width: console.resultWidth)
    }
    let mark = report.rows.contains(where: \.isBest) ? "* the best; " : ""
    let cost = hasCost ? "; cost: of all outputs" : ""
    return text + wrapped("\(mark)in and out: tokens for an output; s: seconds for an output\(cost)\n")
  }

  private func cells(of row: ExperimentReport.Row, _ names: [String], hasCost: Bool) -> [String] {
    var cells = [row.isBest ? "*" : "", printable(row.prompt), percent(row.accuracy)]
    cells.append(range(row.interval.low, row.interval.high))
    for name in names { cells.append(row.scores.first { $0.name == name }.map { percent($0.value) } ?? "-") }
    cells.append(formatDecimal(row.promptTokens, 0))
    cells.append(formatDecimal(row.completionTokens, 0))
    cells.append(formatDecimal(row.seconds, 2))
    if hasCost { cells.append(row.usage.cost.map { "$" + formatDecimal($0, 4) } ?? "-") }
    return cells + ["\(row.run.id)"]
  }

  private var significance: String {
    guard !report.comparisons.isEmpty else { return "" }
    var text = ""
    var rows: [[String]] = []
    for (index, pair) in report.comparisons.enumerated() {
      let values = pair.comparison
      let (best, other) = (report.rows[pair.best], report.rows[pair.other])
      let isByPrompt = best.model == other.model
      rows.append([
        printable(isByPrompt ? other.prompt : other.model), signed(values.difference.difference),
        "\(signed(values.difference.interval.low)) to \(signed(values.difference.interval.high))",
        values.pValue < 0.0001 ? "< 0.0001" : formatDecimal(values.pValue, 4),
        values.isSignificant ? "better" : "may be chance",
      ])
      let next = report.comparisons.indices.contains(index + 1) ? report.comparisons[index + 1].best : nil
      guard next != pair.best else { continue }
      let title =
        isByPrompt
        ? "\(best.prompt) with \(best.model), against" : "\(best.model) with \(best.prompt), against"
      text += "\n" + console.style.bold(printable(title)) + "\n"
      text += TextTable(
        headings: [isByPrompt ? "prompt" : "model", "points", "95% interval", "p", ""], rows: rows,
        rightAligned: [1, 2, 3]
      ).text(console.style, width: console.resultWidth)
      rows = []
    }
    let isExact = report.comparisons.allSatisfy { $0.comparison.mcNemar != nil }
    return text + wrapped("p: \(isExact ? "McNemar's exact test" : "paired bootstrap"), on the same tests\n")
  }

  private var repeats: String {
    var text = ""
    for row in report.rows {
      guard let spread = row.repeats else { continue }
      let others = row.scores.filter { $0.name.hasPrefix("pass") && !$0.name.contains(",") }
        .map { "\($0.name) \(percent($0.value))" }
      text += wrapped(
        printable("\(row.prompt), \(row.model): ")
          + "\(spread.means.count) repeats, mean \(percent(spread.mean)), standard deviation "
          + "\(percent(spread.standardDeviation)); \(others.joined(separator: ", "))\n")
    }
    return text.isEmpty ? "" : "\n" + text
  }

  // MARK: Answers

  private func show(_ tests: [ExperimentReport.Comparand]) throws {
    for test in tests {
      try console.prose(
        printable("\n\(test.id)  \(shortened(test.question, to: 200))") + "\n"
          + printable("   expected: \(shortened(test.expected, to: 200))") + "\n", hanging: 3)
      let rows = zip(report.rows, test.results).compactMap { row, result -> [String]? in
        guard let result else { return nil }
        let mark = result.correct.map { $0 ? "right" : "wrong" } ?? percent(result.scores["acc"] ?? 0)
        let name = models.count > 1 ? "\(row.prompt), \(row.model)" : row.prompt
        return [mark, printable(name), printable(answer(of: result))]
      }
      let table = TextTable(headings: ["", "prompt", "answer"], rows: rows)
      try console.result(table.text(console.style, width: console.resultWidth))
    }
  }

  /// The answer and where it was found, or that there is none.
  private func answer(of result: ItemResult) -> String {
    let output = excerpt(result.output ?? "")
    guard let answer = result.extracted?["answer"] else { return output + " (no answer found)" }
    let short = excerpt(answer)
    return short == output ? output : "\(short) (from: \(output))"
  }

  /// A text in one line, its middle left out where it is long: a final answer stands at the end.
  private func excerpt(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.count > 160 ? "\(line.prefix(80)) … \(line.suffix(77))" : line
  }

  // MARK: Texts

  private func wrapped(_ text: String) -> String {
    console.resultWidth.map { WordWrapper.wrap(text, width: $0, hanging: 2) } ?? text
  }

  private func percent(_ share: Double) -> String { formatDecimal(share * 100, 1) + "%" }

  private func range(_ low: Double, _ high: Double) -> String {
    "\(formatDecimal(low * 100, 1)) to \(percent(high))"
  }

  private func signed(_ share: Double) -> String { (share > 0 ? "+" : "") + formatDecimal(share * 100, 1) }
}
