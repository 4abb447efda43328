import Foundation
import MartletEvaluation
import MartletJSON
import MartletLanguageModels
import MartletPrompting
import MartletScriptedModels
import Synchronization
import Testing

extension Experiment {
  /// An experiment from the text of its file, which names no others.
  init(text: String) throws {
    try self.init(yaml: Array(text.utf8), file: "own.yaml", folder: URL(filePath: "/nonexistent/"))
  }
}

/// Experiments with models that say what they are told to.
enum SampleExperiments {
  /// Runs a prompt on all tests.
  static func records(
    of experiment: Experiment, prompt: Int = 0, model: any LanguageModel, repeats: Int = 1,
    services: ExperimentServices = ExperimentServices(), skipping done: Set<Int> = []
  ) async throws -> [ItemRecord] {
    let runner = try ExperimentRunner(
      experiment.prompts[prompt], tests: experiment.tests, model: model, services: services,
      settings: .init(concurrency: 3, repeats: repeats))
    let found = Mutex<[ItemRecord]>([])
    try await runner.run(skipping: done) { event in
      if case .results(let records, _) = event { found.withLock { $0 += records } }
    }
    return found.withLock { $0 }.sorted { $0.position < $1.position }
  }

  /// How assertions hold for an output.
  static func outcomes(
    of output: String, variables: String = "{q: 1}", asserting assertions: String,
    model: ScriptedModel? = nil, services: ExperimentServices = ExperimentServices()
  ) async throws -> [AssertionOutcome] {
    let experiment = try Experiment(
      text: "prompts: [{name: a, prompt: ask}]\ntests: [{variables: \(variables), assert: \(assertions)}]")
    let records = try await records(
      of: experiment, model: model ?? ScriptedModel { _ in output }, services: services)
    return try #require(records.first?.result.checks?.first)
  }

  /// A finished run of a prompt in a store.
  static func keep(
    _ experiment: Experiment, prompt: Int, records: [ItemRecord], model: String = "scripted",
    in store: RunStore
  ) throws -> (run: EvaluationRun, records: [ItemRecord]) {
    let recipe = experiment.recipe(
      of: experiment.prompts[prompt], tests: experiment.tests,
      model: .init(name: model, fingerprint: "f", precision: "fast"), settings: .init(), program: "test")
    let run = try store.begin(recipe, itemCount: records.count)
    try store.append(records, to: run.id, seconds: 1)
    try store.finish(run.id, scores: ScoreSummary.all(of: records.map(\.result)))
    return (try store.run(run.id), try store.records(of: run.id))
  }
}
