import MartletEvaluation
import MartletJSON
import Testing

@Suite("Repeats, thinking and warnings")
struct RepeatTests {
  private func result(_ outputs: [String], _ line: String = #"{"question": "2+2=?", "number": 4}"#)
    async throws -> ItemResult
  {
    let task = try PreparedTask(EvaluationTask(lines: line, file: "own.jsonl"), chat: true)
    return try await task.result(of: task.items[0], reply: .outputs(outputs)) { _ in false }
  }

  @Test("acc is of the first output; pass@k and pass^N are of all")
  func scores() async throws {
    let result = try await result(["4", "5", "4", "3", "4"])
    #expect(result.repeats == ["acc": [true, false, true, false, true]])
    #expect(result.scores["acc"] == 1 && result.scores["pass^5"] == 0 && result.scores["pass@8"] == nil)
    for (k, expected) in [(1, 0.6), (2, 0.9), (4, 1)] {
      #expect(abs((result.scores["pass@\(k)"] ?? 9) - expected) < 1e-12, "pass@\(k)")
    }
    #expect(try await self.result(["4", "4"]).scores["pass^2"] == 1)
    let single = try await self.result(["4"])
    #expect(single.repeats == nil && single.scores.keys.sorted() == ["acc"])
    #expect(ItemResult(json: result.json) == result)
  }

  @Test("Each filter of a benchmark has its own repeats")
  func filters() async throws {
    let data = TaskData(["test": [["question": "2+2?", "answer": "#### 4"]]])
    let task = try PreparedTask(EvaluationTask.builtIn(named: "gsm8k"), data: data, shots: 0, chat: false)
    let outputs = ItemReply.outputs(["It is 4.", "#### 4", "5"])
    let result = try await task.result(of: task.items[0], reply: outputs) { _ in false }
    #expect(result.repeats?["exact_match,strict-match"] == [false, true, false])
    #expect(result.repeats?["exact_match,flexible-extract"] == [true, true, false])
    #expect(result.scores["exact_match,strict-match"] == 0 && result.scores["pass^3,flexible-extract"] == 0)
    let names = task.scores(of: [result]).overall.keys
    #expect(names.contains("pass@2,strict-match") && names.contains("exact_match,flexible-extract"))
  }

  @Test("The repeats' means and their standard deviation are those of the run done several times")
  func spread() async throws {
    let results = [try await result(["4", "5", "4"]), try await result(["4", "5", "5"])]
    let spread = try #require(RepeatScores.all(of: results).first)
    #expect(spread.name == "acc" && spread.means == [1, 0, 0.5] && spread.mean == 0.5)
    #expect(abs(spread.standardDeviation - 0.5) < 1e-12)
    #expect(RepeatScores.all(of: [try await result(["4"])]).isEmpty)
  }

  @Test("What is thought is not scored, and thinking without an end is counted")
  func thinking() async throws {
    let right = try await result(["<think>5? No.</think>4"])
    #expect(right.correct == true && right.unansweredOutputs == 0)
    let wrong = try await result(["<think>4</think>It is 5."])
    #expect(wrong.correct == false)
    let endless = try await result(["<think>4 4 4"])
    #expect(endless.correct == false && endless.unansweredOutputs == 1)
    #expect(
      RunWarnings.texts(of: [right, endless]).first?.hasPrefix(
        "1 of 2 items have an output without an answer") == true)
  }

  @Test(
    "Cut outputs, cut prompts and log-likelihoods that are not finite are counted; a sound run has no warning"
  )
  func warnings() async throws {
    var cut = try await result(["4"])
    (cut.cutOutputs, cut.cutPromptTokens) = (1, 17)
    let broken = ItemResult(id: "9", expected: "a", logLikelihoods: [.nan, -1])
    let texts = RunWarnings.texts(of: [cut, broken])
    #expect(texts.count == 3 && texts[1].contains("up to 17 tokens") && texts[2].contains("(9)"), "\(texts)")
    #expect(RunWarnings.texts(of: [try await result(["4"])]).isEmpty)
    #expect(ItemResult(json: cut.json) == cut)
  }
}
