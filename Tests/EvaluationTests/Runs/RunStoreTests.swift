import Foundation
import MartletEvaluation
import MartletJSON
import Testing

@Suite("Runs as records")
struct RunStoreTests {
  @Test("A run is read as it was written, from another connection, too")
  func roundTrip() throws {
    try withStore { store in
      let recipe = SampleRuns.recipe()
      let run = try store.begin(recipe, itemCount: 3)
      #expect(!run.isFinished && run.resultCount == 0)
      let records = SampleRuns.records([true, false, true])
      try store.append(Array(records.prefix(2)), to: run.id, seconds: 1.5)
      try store.append([records[2]], to: run.id, seconds: 0.5)
      let scores = ["acc": ScoreSummary(mean: 2.0 / 3, standardError: 0.25, count: 3)]
      try store.finish(run.id, scores: scores)
      let again = try RunStore(at: store.path)
      let found = try again.run(run.id)
      #expect(found.isFinished && found.seconds == 2 && found.scores == scores && found.resultCount == 3)
      #expect(found.recipe.json.serialized() == recipe.json.serialized())
      let read = try again.records(of: run.id)
      #expect(read.map(\.result) == records.map(\.result) && read.map(\.position) == [0, 1, 2])
      #expect(read[1].prompt.serialized() == records[1].prompt.serialized())
      #expect(try again.runs().map(\.id) == [run.id])
    }
  }

  @Test("A stopped run is found again by its recipe, wherever the data lies, and a finished one is not")
  func unfinished() throws {
    try withStore { store in
      let run = try store.begin(SampleRuns.recipe(data: "/a"), itemCount: 2)
      #expect(try store.unfinished(like: SampleRuns.recipe(data: "/b"), itemCount: 2)?.id == run.id)
      #expect(try store.unfinished(like: SampleRuns.recipe(data: "/a"), itemCount: 3) == nil)
      #expect(try store.unfinished(like: SampleRuns.recipe(model: "other"), itemCount: 2) == nil)
      try store.finish(run.id, scores: [:])
      #expect(try store.unfinished(like: SampleRuns.recipe(data: "/a"), itemCount: 2) == nil)
    }
  }

  @Test("A removed run is gone with its items, and its number is not used again")
  func removed() throws {
    try withStore { store in
      let run = try store.begin(SampleRuns.recipe(), itemCount: 1)
      try store.append(SampleRuns.records([true]), to: run.id, seconds: 0)
      try store.remove(run.id)
      #expect(throws: RunStoreError.noSuchRun(run.id, path: store.path)) { try store.run(run.id) }
      #expect(try store.records(of: run.id).isEmpty)
      #expect(try store.begin(SampleRuns.recipe(), itemCount: 1).id == run.id + 1)
    }
  }

  @Test("Another program's file is refused and left as it is")
  func foreign() throws {
    try withStore { store in
      let path = store.path + ".txt"
      try Data("not a database at all, but long enough to look at".utf8).write(to: URL(filePath: path))
      #expect(throws: (any Error).self) { try RunStore(at: path) }
      #expect(try Data(contentsOf: URL(filePath: path)).starts(with: Data("not a database".utf8)))
    }
  }

  private func withStore(_ body: (RunStore) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(RunStore(at: folder.appending(path: "deep/runs.sqlite").path(percentEncoded: false)))
  }
}

/// Runs that no model made.
enum SampleRuns {
  static func recipe(task: String = "sums", model: String = "tiny", data: String? = nil, shots: Int = 0)
    -> RunRecipe
  {
    RunRecipe(
      task: [
        "task": .string(task), "version": "1.0", "num_fewshot": JSON(shots), "limit": .null, "chat": false,
      ],
      taskName: task, model: .init(name: model, fingerprint: "0123456789ab", precision: "float32"),
      data: data.map { .init(location: $0, sha256: "ab") }, program: "martlet 0")
  }

  /// Items that are right or not.
  static func records(_ correct: [Bool]) -> [ItemRecord] {
    guard
      let task = try? PreparedTask(
        EvaluationTask(
          lines: correct.indices.map { #"{"question": "Q\#($0)", "choices": ["a", "b"], "answer": 0}"# }
            .joined(separator: "\n"), file: "own.jsonl"), data: TaskData(), chat: false)
    else { return [] }
    return zip(task.items, correct).enumerated().map { position, pair in
      let result = ItemResult(
        id: pair.0.id, choice: pair.1 ? 0 : 1, expected: pair.0.expected, correct: pair.1,
        scores: ["acc": pair.1 ? 1 : 0], logLikelihoods: [-1, -2])
      return ItemRecord(position: position, item: pair.0, result: result)
    }
  }

  /// A run that ended with these items and scores, without a store.
  static func finished(
    _ recipe: RunRecipe, _ records: [ItemRecord], _ scores: [String: ScoreSummary]
  ) throws -> EvaluationRun {
    let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = try RunStore(at: folder.appending(path: "runs.sqlite").path(percentEncoded: false))
    let run = try store.begin(recipe, itemCount: records.count)
    try store.append(records, to: run.id, seconds: 1)
    try store.finish(run.id, scores: scores)
    return try store.run(run.id)
  }

  /// A finished run, without a store.
  static func run(
    _ id: Int, _ correct: [Bool], recipe: RunRecipe = recipe()
  ) throws -> (run: EvaluationRun, records: [ItemRecord]) {
    let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = try RunStore(at: folder.appending(path: "runs.sqlite").path(percentEncoded: false))
    for _ in 1..<id { _ = try store.begin(recipe, itemCount: 0) }
    let run = try store.begin(recipe, itemCount: correct.count)
    let records = records(correct)
    try store.append(records, to: run.id, seconds: 1)
    let mean = Double(correct.count { $0 }) / Double(max(1, correct.count))
    try store.finish(
      run.id, scores: ["acc": ScoreSummary(mean: mean, standardError: 0.1, count: correct.count)])
    return (try store.run(run.id), records)
  }
}
