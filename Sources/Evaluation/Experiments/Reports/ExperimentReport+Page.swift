import Foundation
import MartletPictures

extension ExperimentReport {
  /// The report as a page that needs nothing but itself: the table, a chart with intervals for each model, who is better
  /// by how much, and all answers side by side.
  public var page: HTMLPage {
    var page = HTMLPage(title: "Prompts: \(name)")
    page.body.append(Markup("h2", text: "How often they are right"))
    page.body.append(Markup("div", ["class": "wide"], [table]))
    page.body.append(
      Markup(
        "p", ["class": "quiet"],
        text: "★ is the best of its group. Tokens, seconds: for one output. Cost: of all outputs."))
    for model in models {
      let rows = rows.filter { $0.model == model }
      let chart = IntervalChart(
        title: model,
        bars: rows.map {
          .init(
            label: $0.prompt, value: $0.accuracy, low: $0.interval.low, high: $0.interval.high,
            text: Self.percent($0.accuracy))
        })
      page.body.append(Markup("h3", text: model))
      page.body.append(Markup("div", ["class": "wide"], [chart.picture().element]))
    }
    if !comparisons.isEmpty {
      page.body.append(Markup("h2", text: "Whether the best is better"))
      page.body.append(Markup("div", ["class": "wide"], [differences]))
    }
    let warnings = rows.flatMap { row in row.warnings.map { "\(row.prompt), \(row.model): \($0)" } }
    if !warnings.isEmpty {
      page.body.append(Markup("h2", text: "What makes numbers doubtful"))
      page.body.append(Markup("ul", [:], warnings.map { Markup("li", text: $0) }))
    }
    page.body.append(Markup("h2", text: "Answers side by side"))
    page.body += tests.map(details)
    return page
  }

  private var models: [String] {
    rows.reduce(into: []) { if !$0.contains($1.model) { $0.append($1.model) } }
  }

  private var table: Markup {
    let scores = scoreNames
    // What runs here costs nothing.
    let hasCost = rows.contains { $0.usage.cost != nil }
    let names =
      ["right", "95% interval"] + scores.map(Self.title) + ["tokens in", "tokens out", "seconds"]
      + (hasCost ? ["cost"] : []) + ["tests", "run"]
    let head = ["prompt", "model"].map { Markup("th", text: $0) } + names.map(Self.numberHead)
    let body = rows.map { row in
      var cells = [
        Self.percent(row.accuracy), "\(Self.percent(row.interval.low)) to \(Self.percent(row.interval.high))",
      ]
      cells += scores.map { name in row.scores.first { $0.name == name }.map { Self.percent($0.value) } ?? ""
      }
      cells += [
        Self.decimal(row.promptTokens, 0), Self.decimal(row.completionTokens, 0),
        Self.decimal(row.seconds, 2),
      ]
      if hasCost { cells.append(row.usage.cost.map { "$" + Self.decimal($0, 4) } ?? "") }
      cells += ["\(row.records.count)", "\(row.run.id)"]
      return Markup(
        "tr", [:],
        [
          Markup("th", ["scope": "row", "class": "name"], text: (row.isBest ? "★ " : "") + row.prompt),
          Markup("td", ["class": "name"], text: row.model),
        ] + cells.map { Markup("td", ["class": "number"], text: $0) })
    }
    return Markup("table", [:], [Markup("tr", [:], head)] + body)
  }

  private var differences: Markup {
    let head =
      ["best", "other", "model"].map { Markup("th", text: $0) }
      + ["difference", "95% interval", "p"].map(Self.numberHead) + [Markup("th", text: "")]
    let body = comparisons.map { pair in
      let values = pair.comparison
      let cells = [
        Self.points(values.difference.difference),
        "\(Self.points(values.difference.interval.low)) to \(Self.points(values.difference.interval.high))",
        values.pValue < 0.0001 ? "< 0.0001" : Self.decimal(values.pValue, 4),
      ]
      let model = rows[pair.best].model
      let other = rows[pair.other].model
      return Markup(
        "tr", [:],
        [rows[pair.best].prompt, rows[pair.other].prompt, model == other ? model : "\(model), \(other)"]
          .map { Markup("td", ["class": "name"], text: $0) }
          + cells.map { Markup("td", ["class": "number"], text: $0) }
          + [Markup("td", ["class": "mark"], text: values.isSignificant ? "better" : "may be chance")])
    }
    return Markup("table", [:], [Markup("tr", [:], head)] + body)
  }

  /// A test that opens: the answers of all prompts.
  private func details(of test: Comparand) -> Markup {
    let passed = test.results.count { $0?.scores["acc"] == 1 }
    let head = "\(test.id). \(test.question) (\(passed) of \(test.results.compactMap { $0 }.count) right)"
    let answers = zip(rows, test.results).compactMap { row, result -> Markup? in
      guard let result else { return nil }
      let mark = result.correct.map { $0 ? "right" : "wrong" } ?? Self.percent(result.scores["acc"] ?? 0)
      let failed = (result.checks ?? []).joined().filter { !$0.holds }.map { check in
        "\(check.assertion)" + (check.detail.map { ": \($0)" } ?? "")
      }
      return Markup(
        "tr", [:],
        [
          Markup("th", ["scope": "row", "class": "name"], text: "\(row.prompt), \(row.model)"),
          Markup("td", ["class": "mark"], text: mark),
          Markup(
            "td", ["class": "text"],
            (result.outputs ?? []).map { Markup("pre", ["class": "wide"], text: $0) }
              + (failed.isEmpty
                ? [] : [Markup("p", ["class": "quiet"], text: "Fails: " + failed.joined(separator: "; "))])),
        ])
    }
    return Markup(
      "details", [:],
      [
        Markup("summary", text: head),
        Markup("p", ["class": "quiet"], text: "Expected: \(test.expected)"),
        Markup("div", ["class": "wide"], [Markup("table", [:], answers)]),
      ])
  }

  // MARK: Texts

  /// The names of the scores of assertions, in the order of the first row that has them.
  public var scoreNames: [String] {
    rows.reduce(into: []) { names, row in
      for score in row.scores where score.name.hasPrefix("acc,") && !names.contains(score.name) {
        names.append(score.name)
      }
    }
  }

  /// `acc,anywhere` is headed `anywhere`.
  public static func title(_ score: String) -> String {
    score.hasPrefix("acc,") ? String(score.dropFirst(4)) : score
  }

  private static func numberHead(_ text: String) -> Markup { Markup("th", ["class": "number"], text: text) }

  private static func percent(_ share: Double) -> String { decimal(share * 100, 1) + "%" }

  private static func points(_ share: Double) -> String { (share > 0 ? "+" : "") + decimal(share * 100, 1) }

  private static func decimal(_ number: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", locale: Locale(identifier: "en_US_POSIX"), number)
  }
}
