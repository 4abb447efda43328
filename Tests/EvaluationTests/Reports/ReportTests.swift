import Foundation
import MartletJSON
import MartletScriptedModels
import Synchronization
import Testing

@testable import MartletEvaluation

@Suite("Comparisons, leaderboards and exports")
struct ReportTests {
  private func comparison(_ first: [Bool], _ second: [Bool]) throws -> RunComparison {
    let sides = [
      try SampleRuns.run(1, first), try SampleRuns.run(2, second, recipe: SampleRuns.recipe(model: "other")),
    ]
    return try RunComparison(
      (sides[0].run, sides[0].records), (sides[1].run, sides[1].records))
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

  @Test("Items are the same where their questions are, whatever their numbers")
  func pairs() throws {
    let (first, records) = try SampleRuns.run(1, [true, false, true])
    let (second, _) = try SampleRuns.run(2, [true, false, true])
    let turned = zip(records, records.reversed()).map { here, there in
      ItemRecord(
        position: here.position, prompt: there.prompt, document: there.document, result: there.result)
    }
    let comparison = try RunComparison((first, records), (second, turned))
    #expect(comparison.count == 3 && comparison.flips.isEmpty && !comparison.isSignificant)
    let others = records.map { record in
      ItemRecord(
        position: record.position, prompt: record.prompt, document: ["question": "another"],
        result: record.result)
    }
    #expect(throws: ReportError.nothingShared(first: 1, second: 2)) {
      try RunComparison((first, records), (second, others))
    }
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
      try RunComparison((here.run, here.records), (there.run, there.records))
    }
    #expect(throws: ReportError.noSuchScore("f1", known: ["acc"])) {
      try RunComparison(
        (here.run, here.records), (here.run, here.records), score: "f1")
    }
  }

  @Test(
    "A leaderboard takes the latest run of each model, the best model first, and keeps other recipes apart")
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

  @Test(
    "Exports have the members and forms that lm-evaluation-harness 0.4.13 writes",
    arguments: ["picks", "sums"])
  func harnessForm(_ name: String) async throws {
    let fixture = try JSON(
      parsing: [UInt8](Data(contentsOf: Fixture.folder.appending(path: "harness-results.json"))))
    let theirs = try #require(fixture["samples"]?[name]?.arrayValue)
    let head =
      "task: \(name)\ndataset: {name: \(name)}\ntest_split: test\ndoc_to_text: question\nmetadata: {version: 1.0}\n"
    let yaml =
      name == "picks"
      ? """
      output_type: multiple_choice
      doc_to_choice: choices
      doc_to_target: label
      metric_list: [{metric: acc}, {metric: acc_norm}]
      """
      : """
      output_type: generate_until
      doc_to_target: answer
      generation_kwargs: {until: ["\\n"], max_gen_toks: 8, do_sample: false}
      metric_list: [{metric: exact_match}]
      filter_list: [{name: first, filter: [{function: regex, regex_pattern: "(\\\\w+)"}, {function: take_first}]}]
      """
    let task = try EvaluationTask(yaml: Array((head + yaml).utf8), file: "\(name).yaml")
    let rows = theirs.compactMap { $0["doc"]?.objectValue }
    let prepared = try PreparedTask(task, data: TaskData(["test": rows]), chat: false)
    let records = Mutex([ItemRecord]())
    try await Evaluator(model: ScriptedModel { _ in "lol" }, task: prepared) { _ in false }.run { event in
      if case .results(let results, _) = event { records.withLock { $0 += results } }
    }
    let sample = SampleRuns.recipe(task: name)
    let recipe = RunRecipe(
      task: prepared.recipe, taskName: name, model: sample.model, data: sample.data, program: sample.program)
    let items = records.withLock { $0 }.sorted { $0.position < $1.position }
    let run = try SampleRuns.finished(recipe, items, prepared.scores(of: items.map(\.result)).overall)
    let export = HarnessExport(run, records: items)

    for member in ["versions", "n-shot", "n-samples", "higher_is_better"] {
      let (ours, reference) = (export.results[member]?[name], fixture["results"]?[member]?[name])
      #expect(ours?.isSame(as: reference ?? .null) == true, "\(member): \(ours?.serialized() ?? "")")
    }
    let keys = { (json: JSON?) in (json?.objectValue?.keys ?? []).sorted() }
    #expect(keys(export.results["results"]?[name]) == keys(fixture["results"]?["results"]?[name]))
    let all = Set(keys(export.results)).subtracting(["martlet"])
    #expect(all.isSubset(of: Set((fixture["members"]?.arrayValue ?? []).compactMap(\.stringValue))), "\(all)")
    #expect(export.samples.count == theirs.count)
    for (ours, theirs) in zip(export.samples, theirs) {
      #expect(keys(ours) == keys(theirs))
      for member in ["doc_id", "doc", "arguments", "filter", "metrics", "doc_hash", "prompt_hash"] {
        let equal = ours[member].flatMap { value in theirs[member].map { value.isSame(as: $0) } }
        #expect(equal == true, "\(member): \(ours[member]?.serialized() ?? "")")
      }
      #expect(ours["resps"]?.arrayValue?.count == theirs["resps"]?.arrayValue?.count)
      let (first, other) = (ours["filtered_resps"]?[0], theirs["filtered_resps"]?[0])
      #expect(first?.kind == other?.kind && (first?[0] ?? first)?.stringValue != nil)
    }
  }

  @Test("The names of exported files have the day in them, and no path whatever the task is called")
  func exportNames() throws {
    let (run, records) = try SampleRuns.run(1, [true], recipe: SampleRuns.recipe(task: "../my task"))
    let export = HarnessExport(run, records: records)
    #expect(
      export.samplesName.wholeMatch(of: #/samples_\.\._my_task_\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{6}\.jsonl/#)
        != nil)
    #expect(export.resultsName.hasPrefix("results_20") && export.resultsName.hasSuffix(".json"))
  }

  @Test("A leaderboard keeps runs over other data, of another version, or with other draws apart")
  func conditions() throws {
    var other = SampleRuns.recipe(model: "b", data: "/x")
    other.data?.sha256 = "cdef0123456789"
    var drawn = SampleRuns.recipe(model: "c")
    drawn.generation = ["temperature": 0.8, "repeats": 4]
    let board = try Leaderboard([
      try SampleRuns.run(1, [true], recipe: SampleRuns.recipe(data: "/x")).run,
      try SampleRuns.run(2, [true], recipe: other).run, try SampleRuns.run(3, [true], recipe: drawn).run,
    ])
    #expect(
      board.columns.map(\.title) == [
        "sums acc (temperature 0.8, 4 repeats)", "sums acc (version 1.0, data ab)",
        "sums acc (version 1.0, data cdef0123)",
      ])
  }

  @Test(
    "An item that lacks the score in one run is left out and counted, and flips follow the score that is compared"
  )
  func otherScore() throws {
    let (first, records) = try SampleRuns.run(1, [true, true, true])
    let second = try SampleRuns.run(2, [true, true, true]).run
    let here = records.changing("acc_norm", to: [1, 0, 1]), there = records.changing("acc_norm", to: [0, 1])
    let comparison = try RunComparison((first, here), (second, there), score: "acc_norm")
    #expect(comparison.count == 2 && comparison.unmatched == (1, 1))
    #expect(comparison.flips.map(\.isImprovement) == [false, true])
  }

  @Test("An export has lm-evaluation-harness's members")
  func export() throws {
    let (run, records) = try SampleRuns.run(1, [true, false])
    let export = HarnessExport(run, records: records)
    let results = export.results
    #expect(results["results"]?["sums"]?["acc,none"]?.doubleValue == 0.5)
    #expect(results["results"]?["sums"]?["acc_stderr,none"]?.doubleValue == 0.1)
    #expect(
      results["n-samples"]?["sums"]?["effective"] == 2 && results["versions"]?["sums"]?.doubleValue == 1)
    let sample = try #require(export.samples.first)
    #expect(export.samples.count == 2 && sample["doc_id"] == 0 && sample["filter"] == "none")
    #expect(sample["arguments"]?["gen_args_1"]?["arg_1"] != nil && sample["acc"]?.doubleValue == 1)
  }
}

extension [ItemRecord] {
  /// The first records with another value of a score.
  fileprivate func changing(_ score: String, to values: [Double]) -> [ItemRecord] {
    enumerated().map { index, record in
      guard index < values.count else { return record }
      var result = record.result
      result.scores[score] = values[index]
      return ItemRecord(
        position: record.position, prompt: record.prompt, document: record.document, result: result)
    }
  }
}
