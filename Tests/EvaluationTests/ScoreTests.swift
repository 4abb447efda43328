import MartletJSON
import Testing

@testable import MartletEvaluation

@Suite struct ScoreTests {
  @Test func theFirstOfEqualsIsTheLargestAndWhatIsNoNumberIsLargest() {
    #expect(PreparedTask.largest([-2, -1, -1]) == 1)
    #expect(PreparedTask.largest([-1, .nan, 5]) == 1)
    #expect(PreparedTask.largest([-.infinity, -.infinity]) == 0)
  }

  @Test func sharesOfTinyProbabilitiesAreNotLost() {
    #expect(
      abs(PreparedTask.trueShare([-2000, -2000, -2001], [true, false, false]) - 0.4223187982515182) < 1e-12)
    #expect(PreparedTask.trueShare([-.infinity, -1], [true, false]) == 0)
  }

  @Test func severalOutputsGiveTheChanceOfKTries() async throws {
    let text = """
      task: programs
      dataset: {name: programs}
      output_type: generate_until
      test_split: test
      doc_to_text: prompt
      doc_to_target: test
      repeats: 4
      filter_list: [{name: none, filter: [{function: prepend, member: prompt}]}]
      metric_list: [{metric: pass_at_k, k: [1, 2, 8]}]
      """
    let task = try EvaluationTask(yaml: Array(text.utf8), file: "programs.yaml")
    #expect(task.repeats == 4 && task.runsPrograms)
    let prepared = try PreparedTask(
      task, data: TaskData(["test": [["prompt": "p:", "test": "check"]]]), chat: false)
    let result = try await prepared.result(
      of: prepared.items[0], reply: .outputs(["bad", "good", "bad", "bad"])
    ) { $0 == "p:good\ncheck" }
    // There are too few outputs for eight tries, so that there is no such score.
    #expect(result.scores.keys.sorted() == ["pass@1", "pass@2", "pass@4", "pass^4"])
    #expect(result.scores["pass@1"] == 0.25 && abs((result.scores["pass@2"] ?? 0) - 0.5) < 1e-15)
    #expect(result.outputs?.count == 4 && result.output == "bad")
  }

  @Test func oneValueHasNoStandardError() {
    #expect(ScoreSummary(of: [1]) == ScoreSummary(mean: 1, standardError: nil, count: 1))
    let pooled = ScoreSummary(pooling: [ScoreSummary(of: [1, 0, 1]), ScoreSummary(of: [0])])
    #expect(pooled == ScoreSummary(mean: 0.5, standardError: nil, count: 4))
  }

  @Test func resultsAreWrittenAndReadAsJSON() {
    let result = ItemResult(
      id: "1", group: "g", choice: 2, expected: "e\n", correct: false, scores: ["acc": 0, "acc_norm": 1],
      logLikelihoods: [-1.5, -.infinity], outputs: ["a", "b"], extracted: ["strict-match": "[invalid]"])
    #expect(ItemResult(json: result.json) == result)
    #expect(ItemResult(json: ["id": "1"]) == nil)
  }
}
