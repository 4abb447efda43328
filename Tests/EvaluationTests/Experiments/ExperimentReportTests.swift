import Foundation
import MartletEvaluation
import MartletJSON
import MartletPrompting
import MartletScriptedModels
import Testing

@Suite("Reports of experiments")
struct ExperimentReportTests {
  /// Ten sums: one prompt gets all of them right, the other two.
  private func withReport(_ body: (ExperimentReport, RunStore) throws -> Void) async throws {
    let tests = (0..<10).map { "  - {question: \"<b>\($0)</b>+1=?\", number: \($0 + 1)}" }.joined(
      separator: "\n")
    let experiment = try Experiment(
      text: """
        experiment: sums
        prompts:
          - {name: poor, prompt: "{{question}}"}
          - {name: good, prompt: "Add: {{question}}"}
        tests:
        \(tests)
        """)
    let model = ScriptedModel { request in
      let text = request.prompt.lines.last ?? ""
      let digit = text.compactMap(\.wholeNumberValue).first ?? 0
      return text.contains("Add") || digit < 2 ? "\"It is\", <i>\(digit + 1)" : "=0,\n0"
    }
    let poor = try await SampleExperiments.records(of: experiment, prompt: 0, model: model)
    let good = try await SampleExperiments.records(of: experiment, prompt: 1, model: model)
    try withTemporaryFolder { folder in
      let store = try RunStore(at: folder.appending(path: "runs.sqlite").path)
      let runs = [
        try SampleExperiments.keep(experiment, prompt: 0, records: poor, in: store),
        try SampleExperiments.keep(experiment, prompt: 1, records: good, in: store),
      ]
      try body(try ExperimentReport(runs), store)
    }
  }

  @Test func theBestIsComparedWithTheOthersOnTheSameTests() async throws {
    try await withReport { report, _ in
      #expect(report.rows.map(\.prompt) == ["poor", "good"] && report.rows.map(\.accuracy) == [0.2, 1])
      #expect(report.rows.map(\.isBest) == [false, true])
      let row = report.rows[0]
      #expect(abs(row.interval.low - 0.0567) < 1e-4 && abs(row.interval.high - 0.5098) < 1e-4)
      #expect(
        row.completionTokens == 1.4 && row.latency == 0.5 && row.seconds == 0.1 && row.usage.cost == nil)
      let pair = try #require(report.comparisons.first)
      #expect(report.comparisons.count == 1 && pair.best == 1 && pair.other == 0)
      // Eight tests changed, all of them for the better: 2 / 2^8.
      #expect(abs(pair.comparison.pValue - 2.0 / 256) < 1e-12 && pair.comparison.isSignificant)
      #expect(report.tests.count == 10 && report.tests.filter(\.differs).count == 8)
    }
  }

  @Test func everyOutputIsALineOfCSVWithItsQuotes() async throws {
    try await withReport { report, _ in
      let csv = report.csv
      #expect(
        csv.hasPrefix("run,prompt,model,test,question,expected,repeat,passed,answer,output,prompt_tokens"))
      #expect(
        csv.contains(
          "1,poor,scripted,1,<b>0</b>+1=?,1,1,true,\"\"\"It is\"\", <i>1\",\"\"\"It is\"\", <i>1\",1.0,"))
      #expect(csv.contains("\"=0,\n0\"") && csv.components(separatedBy: "\r\n").count == 22)
    }
  }

  @Test func thePageNeedsNothingButItselfAndEscapesEverything() async throws {
    try await withReport { report, _ in
      let page = report.page.file
      #expect(
        page.contains("&lt;i&gt;") && page.contains("&lt;b&gt;") && !page.contains("<i>")
          && !page.contains("<b>"))
      #expect(!page.contains("http:") && !page.contains("https:") && !page.contains("<script"))
      #expect(page.contains("★ good") && page.contains("<svg") && page.contains("prefers-color-scheme:dark"))
    }
  }

  @Test func programsGetRowsComparisonsAndTests() async throws {
    try await withReport { report, _ in
      let json = report.json
      #expect(json["rows"]?[1]?["accuracy"] == 1.0 && json["rows"]?[1]?["best"] == true)
      #expect(json["comparisons"]?[0]?["test"] == "McNemar's exact test")
      #expect(json["tests"]?[5]?["results"]?[0]?["checks"]?[0]?[0]?["holds"] == false)
      #expect(json["tests"]?.arrayValue?.count == 10)
    }
  }

  @Test func runsOfSomethingElseAreRefused() async throws {
    try await withReport { report, store in
      let other = try store.begin(SampleRuns.recipe(), itemCount: 1)
      #expect(throws: ExperimentError.notOfAnExperiment(run: other.id)) {
        try ExperimentReport([(try store.run(other.id), [])])
      }
      #expect(throws: ExperimentError.self) { try ExperimentReport([]) }
      // The leaderboard keeps prompts apart.
      let columns = try Leaderboard(store.runs().filter(\.isFinished)).columns.map(\.title)
      #expect(columns == ["sums acc (prompt good)", "sums acc (prompt poor)"])
      let recipe = report.rows[0].run.recipe
      #expect(
        try store.latest(like: recipe, itemCount: 10)?.id == 1
          && store.unfinished(like: recipe, itemCount: 10) == nil)
    }
  }
}
