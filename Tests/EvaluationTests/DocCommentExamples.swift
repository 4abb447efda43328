import MartletEvaluation
import Testing

/// The code in doc comments of the module, which lint compares with these lines: it compiles, and what it says is so.
@Suite struct DocCommentExamples {
  @Test func tasks() throws {
    let task = try EvaluationTask.builtIn(named: "arc_easy")
    let own = try EvaluationTask(lines: #"{"question": "2+2=?", "number": 4}"#, file: "sums.jsonl")
    #expect(task.version == "1.0" && own.name == "sums")
  }

  @Test func preparing() async throws {
    let task = try EvaluationTask(lines: #"{"question": "2+2=?", "number": 4}"#, file: "sums.jsonl")
    let prepared = try PreparedTask(task, chat: true)
    let reply = ItemReply.outputs(["It is 4."])
    let result = try await prepared.result(of: prepared.items[0], reply: reply) { _ in false }
    let scores = prepared.scores(of: [result])
    #expect(scores.overall["acc"]?.mean == 1)
  }
}
