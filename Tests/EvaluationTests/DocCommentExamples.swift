import Foundation
import MartletCheckpoints
import MartletEmbedding
import MartletEvaluation
import MartletScriptedModels
import MartletTensors
import MartletTestScope
import Testing

/// The code in doc comments of the module, which lint compares with these lines: it compiles, and what it says is so.
@Suite struct DocCommentExamples {
  private static let hasEmbedder =
    !TestScope.isQuick && FileManager.default.fileExists(atPath: "\(ModelCache().root)/all-minilm-l6-v2")

  @Test func tasks() throws {
    let task = try EvaluationTask.builtIn(named: "arc_easy")
    let own = try EvaluationTask(lines: #"{"question": "2+2=?", "number": 4}"#, file: "sums.jsonl")
    #expect(task.version == "1.0" && own.name == "sums")
  }

  @Test func judging() async throws {
    let model = ScriptedModel { _ in "[[C]]" }
    let judge = PairwiseJudge(model)
    let judgement = try await judge.judge("When is the ladder inspected?", "In March.", "Never.")
    let summary = try PairwiseSummary([judgement])
    #expect(summary.winRate == 0.5 && summary.unreadable == 0)
    let items = [(logLikelihoods: [-1, -3.0], right: 0), (logLikelihoods: [-2, -2.5], right: 1)]
    let calibration = try ChoiceCalibration(items)
    print(calibration.expectedError, calibration.brierScore)
  }

  @Test func rubrics() async throws {
    let model = ScriptedModel { _ in "It says March. [[YES]]" }
    let judge = RubricJudge(model)
    let verdict = try await judge.judge("In March.", to: "When is it?", by: "names a month")
    print(verdict.isFulfilled ?? false, verdict.reply)
    #expect(verdict.isFulfilled == true)
  }

  @Test func experiments() throws {
    let folder = FileManager.default.temporaryDirectory
    let bytes = Array("prompts: [{name: a, prompt: '{{q}}'}]\ntests: [{q: '2+2=?', number: 4}]".utf8)
    let experiment = try Experiment(yaml: bytes, file: "tip.yaml", folder: folder)
    for prompt in experiment.prompts { print(prompt.name, prompt.strategy.kind.rawValue) }
    #expect(experiment.name == "tip" && experiment.tests.count == 1)
  }

  @Test(.enabled(if: hasEmbedder, "needs the model: martlet pull all-minilm-l6-v2")) func similarity() throws
  {
    let embedder = try SentenceEmbedder.open(named: "all-minilm-l6-v2", device: Device())
    let similarity = EmbeddingSimilarity(embedder)
    let scores = try similarity.scores(of: ["A bird."], references: [["A swift.", "The rent is due."]])
    #expect(scores[0] > 0.3 && scores[0] < 1)
  }

  @Test func runs() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "evaluations.sqlite").path(percentEncoded: false)
    let store = try RunStore(at: path)
    for run in try store.runs() { print(run.id, run.recipe.taskName, run.recipe.model.name) }
    #expect(store.path == path)
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
