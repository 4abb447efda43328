import MartletEvaluation
import MartletJSON
import Testing

@Suite("Comparisons, leaderboards and exports")
struct ReportTests {
  private func comparison(_ first: [Bool], _ second: [Bool]) throws -> RunComparison {
    let sides = [try SampleRuns.run(1, first), try SampleRuns.run(2, second, recipe: SampleRuns.recipe(model: "other"))]
    return try RunComparison(
      (sides[0].run, sides[0].records.map(\.result)), (sides[1].run, sides[1].records.map(\.result)))
  }

  @Test("A comparison has the difference, the items that changed, and what differs in the recipes")
  func compares() throws {
    let comparison = try comparison([true, true, false, false], [true, false, true, true])
    #expect(comparison.count == 4 && comparison.score == "acc")
    #expect(comparison.means.first == 0.5 && comparison.means.second == 0.75)
    #expect(comparison.difference.difference == 0.25)
    #expect(comparison.flips.map(\.first.id) == comparison.flips.map(\.second.id))
    #expect(comparison.flips.map(\.isImprovement) == [false, true, true])
    #expect(comparison.mcNemar?.firstOnly == 1 && comparison.mcNemar?.secondOnly == 2)
    #expect(comparison.recipeDifferences.map(\.path) == ["model.name"])
    #expect(!comparison.isWorse)
  }

  @Test("A run is worse where chance does not explain it")
  func worse() throws {
    let good = [Bool](repeating: true, count: 100)
    let bad = (0..<100).map { !$0.isMultiple(of: 3) }
    #expect(try comparison(good, bad).isWorse)
    #expect(try !comparison(bad, good).isWorse)
    #expect(try !comparison(good, good).isWorse)
  }

  @Test("Runs of two tasks, or without a common score, are refused by name")
  func refusals() throws {
    let here = try SampleRuns.run(1, [true])
    let there = try SampleRuns.run(2, [true], recipe: SampleRuns.recipe(task: "other"))
    #expect(throws: ReportError.otherTask(first: 1, second: 2, tasks: "sums", "other")) {
      try RunComparison((here.run, here.records.map(\.result)), (there.run, there.records.map(\.result)))
    }
    #expect(throws: ReportError.noSuchScore("f1", known: ["acc"])) {
      try RunComparison(
        (here.run, here.records.map(\.result)), (here.run, here.records.map(\.result)), score: "f1")
    }
  }

  @Test("A leaderboard takes the latest run of each model, the best model first, and keeps other recipes apart")
  func leaderboard() throws {
    let runs = [
      try SampleRuns.run(1, [false, false]).run, try SampleRuns.run(2, [true, false]).run,
      try SampleRuns.run(3, [true, true], recipe: SampleRuns.recipe(model: "better")).run,
      try SampleRuns.run(4, [true, true], recipe: SampleRuns.recipe(model: "better", shots: 5)).run,
    ]
    let board = try Leaderboard(runs)
    #expect(board.columns.map(\.title) == ["sums acc", "sums acc (5 shots)"])
    #expect(board.rows.map(\.model) == ["better", "tiny"])
    #expect(board.rows[1].entries[0]?.run.id == 2 && board.rows[1].entries[1] == nil)
    #expect(board.markdown.contains("| tiny | 50.00 ± 10.00 (run 2) |  |"))
    let page = board.page.file
    #expect(page.contains("<svg") && !page.contains("<script") && !page.contains("http"))
    #expect(throws: ReportError.noRuns) { try Leaderboard([]) }
  }

  @Test("An export has lm-evaluation-harness's members")
  func export() throws {
    let (run, records) = try SampleRuns.run(1, [true, false])
    let export = HarnessExport(run, records: records)
    let results = export.results
    #expect(results["results"]?["sums"]?["acc,none"]?.doubleValue == 0.5)
    #expect(results["results"]?["sums"]?["acc_stderr,none"]?.doubleValue == 0.1)
    #expect(results["n-samples"]?["sums"]?["effective"] == 2 && results["versions"]?["sums"]?.doubleValue == 1)
    let sample = try #require(export.samples.first)
    #expect(export.samples.count == 2 && sample["doc_id"] == 0 && sample["filter"] == "none")
    #expect(sample["arguments"]?["gen_args_1"]?["arg_1"] != nil && sample["acc"]?.doubleValue == 1)
  }
}
