import Foundation
import MartletLanguageModels
import MartletScriptedModels
import Synchronization
import Testing

@testable import MartletEvaluation

@Suite("Evaluators")
struct EvaluatorTests {
  private func task(_ lines: String, chat: Bool = false) throws -> PreparedTask {
    try PreparedTask(EvaluationTask(lines: lines, file: "own.jsonl"), data: TaskData(), chat: chat)
  }

  private func run(
    _ evaluator: Evaluator, skipping done: Set<Int> = []
  ) async throws -> (records: [ItemRecord], warnings: [String]) {
    let told = Mutex((records: [ItemRecord](), warnings: [String]()))
    try await evaluator.run(skipping: done) { event in
      told.withLock { told in
        switch event {
        case .results(let records, _): told.records += records
        case .warning(let warning): told.warnings.append(warning)
        }
      }
    }
    return told.withLock { $0 }
  }

  private let questions = """
    {"question": "2+2=?", "number": 4}
    {"question": "Capital of France?", "contains": "Paris"}
    {"question": "Who wrote Hamlet?", "contains": "Shakespeare"}
    """

  @Test("Each item gets its result, with its prompt and row")
  func results() async throws {
    let model = ScriptedModel { request in
      guard case .text(let prompt) = request.prompt else { return "" }
      return prompt.contains("France") ? "It is Paris." : "I think 5."
    }
    let task = try task(questions)
    let records = try await run(Evaluator(model: model, task: task) { _ in false }).records
      .sorted { $0.position < $1.position }
    #expect(records.map(\.position) == [0, 1, 2])
    #expect(records.map(\.result.correct) == [false, true, false])
    #expect(records[1].document["question"] == "Capital of France?")
    #expect(records[1].prompt["prompt"]?.stringValue?.contains("France") == true)
    #expect(task.scores(of: records.map(\.result)).overall["acc"]?.mean == 1.0 / 3)
  }

  @Test("A run goes on with the items that have no result")
  func goesOn() async throws {
    let model = ScriptedModel { _ in "4" }
    let records = try await run(
      Evaluator(model: model, task: try task(questions)) { _ in false }, skipping: [0, 2]
    )
    .records
    #expect(records.map(\.position) == [1] && model.requests.count == 1)
  }

  @Test("Choices are scored some items at a time, in the order of the rows")
  func steps() async throws {
    let lines = (0..<7).map { #"{"question": "Q\#($0)", "choices": ["long answer", "x"], "answer": 1}"# }
    let model = ScriptedModel()
    let evaluator = Evaluator(
      model: model, task: try task(lines.joined(separator: "\n")), settings: .init(itemsPerStep: 3)
    ) { _ in false }
    let records = try await run(evaluator).records
    #expect(model.steps.map(\.count) == [3, 3, 1])
    #expect(records.map(\.position) == Array(0..<7))
    #expect(model.steps.flatMap { $0 }.allSatisfy { $0.overflow == .cutStart })
  }

  @Test("Repeats draw with seeds of their own, the same in each run")
  func repeats() async throws {
    let settings = Evaluator.Settings(concurrency: 1, repeats: 3, temperature: 0.8, seed: 7)
    var seeds: [[UInt64?]] = []
    for _ in 0..<2 {
      let model = ScriptedModel { "\($0.sampling.seed ?? 0)" }
      let records = try await run(
        Evaluator(model: model, task: try task(#"{"question": "2+2=?", "number": 8}"#), settings: settings) {
          _ in
          false
        }
      ).records
      #expect(Set(records.first?.result.outputs ?? []).count == 3)
      seeds.append(model.requests.map(\.sampling.seed))
    }
    #expect(Set(seeds[0]).count == 3 && seeds[1] == seeds[0])
  }

  @Test("Items and neighbouring seeds draw independently of each other")
  func independentSeeds() {
    var seen: Set<UInt64> = []
    for seed in 0..<20 as Range<UInt64> {
      for item in 1...20 {
        for number in 0..<20 { seen.insert(Evaluator.seed(seed, of: "\(item)", repeat: number)) }
      }
    }
    #expect(seen.count == 8000)
  }

  @Test("What goes wrong ends the run, and what was told before stands")
  func failure() async throws {
    struct Broken: Error {}
    let model = ScriptedModel { request in
      guard case .text(let prompt) = request.prompt, !prompt.contains("Hamlet") else { throw Broken() }
      return "4"
    }
    let count = Mutex(0)
    let evaluator = Evaluator(model: model, task: try task(questions), settings: .init(concurrency: 1)) { _ in
      false
    }
    await #expect(throws: Broken.self) {
      try await evaluator.run { event in
        if case .results(let records, _) = event { count.withLock { $0 += records.count } }
      }
    }
    #expect(count.withLock { $0 } == 2)
  }
}
