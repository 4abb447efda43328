import Foundation
import MartletEvaluation
import MartletGeneration
import MartletJSON
import MartletLanguageModels
import MartletPrompting

/// `prompt run`: puts the tests of an experiment to its prompts, and shows how they compare.
struct PromptRun {
  private let arguments: Arguments
  private let console: Console

  init(_ arguments: Arguments, _ console: Console) {
    self.arguments = arguments
    self.console = console
  }

  func run() async throws {
    // What is cheap to find wrong is looked at before a model is loaded.
    let files = try PromptReportFiles(arguments)
    let experiment = try Experiment(file: URL(filePath: arguments[PromptRunOptions.file]))
    experiment.warnings.forEach(console.warn)
    let prompts =
      try arguments[PromptRunOptions.only].isEmpty
      ? experiment.prompts : arguments[PromptRunOptions.only].map(experiment.prompt)
    let tests = Array(experiment.tests.prefix(arguments[PromptRunOptions.limit] ?? .max))
    let settings = ExperimentRunner.Settings(
      concurrency: arguments[PromptRunOptions.concurrency],
      repeats: arguments[PromptRunOptions.repeats] ?? experiment.repeats, seed: UInt64(experiment.seed))
    try prompts.forEach(settings.check)
    let models = try names(of: experiment).map(subject)
    let recipes = try models.map { try $0.recipe() }
    let supporting = try SupportingModels(experiment, arguments, console)
    let store = try EvaluateOptions.store(arguments)

    var runs: [(run: EvaluationRun, records: [ItemRecord])] = []
    for (model, recipe) in zip(models, recipes) {
      var opened: (any LanguageModel)?
      var settings = settings
      if !model.takesSeeds { settings.seed = nil }
      for prompt in prompts {
        let recipe = experiment.recipe(
          of: prompt, tests: tests, model: recipe, settings: settings, judge: supporting.judgeRecipe,
          embedder: supporting.embedderRecipe, program: "martlet \(Program.version)")
        if let run = try finished(recipe, count: tests.count, in: store) {
          console.note(printable("\(prompt.name) with \(model.name): run \(run.id) is kept.\n"))
          runs.append((run, try store.records(of: run.id)))
          continue
        }
        let answerer = try opened ?? model.load(console)
        opened = answerer
        let runner = try ExperimentRunner(
          prompt, tests: tests, model: answerer, services: supporting.services(isFree: !model.isProvider),
          settings: settings)
        let kept = KeptRun(
          recipe: recipe, title: "\(prompt.name), \(model.name)", itemCount: tests.count, store: store,
          console: console, warningPrefix: "\(prompt.name), \(model.name): ")
        let result = try await kept.perform(
          isFresh: arguments[PromptRunOptions.fresh], scores: ScoreSummary.all
        ) { done, tell in try await runner.run(skipping: done, tell) }
        runs.append((result.run, result.records))
      }
    }
    let report = try ExperimentReport(runs)
    try files.write(report, console)
    try PromptReportPrinter(report, console).print(
      json: arguments[StoreParameters.json], answers: arguments[PromptOptions.answers] ? .all : .none)
  }

  private func subject(_ name: String) throws -> SubjectModel {
    try SubjectModel(
      name, precision: arguments[ModelParameters.precision],
      maximumSequences: arguments[PromptRunOptions.concurrency], arguments)
  }

  private func names(of experiment: Experiment) -> [String] {
    let given = arguments[PromptRunOptions.models]
    if !given.isEmpty { return given }
    return experiment.models.isEmpty ? [ModelParameters.defaultAnswerer] : experiment.models
  }

  /// The run that has done the work already.
  private func finished(_ recipe: RunRecipe, count: Int, in store: RunStore) throws -> EvaluationRun? {
    guard !arguments[PromptRunOptions.fresh] else { return nil }
    return try store.latest(like: recipe, itemCount: count).flatMap { $0.isFinished ? $0 : nil }
  }
}

/// The models beside the one under test: the judge, and what embeds texts.
private struct SupportingModels {
  let judgeRecipe, embedderRecipe: String?
  private let judge: RubricJudge?
  private let embeddings: TextEmbeddings?

  init(_ experiment: Experiment, _ arguments: Arguments, _ console: Console) throws {
    if experiment.needsJudge {
      guard let name = arguments[PromptRunOptions.judge] ?? experiment.judge else {
        throw ExperimentError.noJudge
      }
      let model = try SubjectModel(
        name, precision: arguments[ModelParameters.precision],
        maximumSequences: arguments[PromptRunOptions.concurrency], arguments)
      judgeRecipe = try model.recipe().summary
      judge = RubricJudge(try model.load(console))
    } else {
      if arguments.has(PromptRunOptions.judge) {
        console.warn("--judge changes nothing here: no assertion is a rubric.")
      }
      (judgeRecipe, judge) = (nil, nil)
    }
    if experiment.needsEmbedder {
      let name = experiment.embedder ?? ModelParameters.defaultEmbedder
      let embedder = try OpenModel.embedder(named: name, arguments, console)
      embedderRecipe = "\(name), fingerprint \(try OpenModel.checkpoint(name).fingerprint())"
      embeddings = embedder.textEmbeddings
    } else {
      (embedderRecipe, embeddings) = (nil, nil)
    }
  }

  func services(isFree: Bool) -> ExperimentServices {
    ExperimentServices(embeddings: embeddings, judge: judge, isFree: isFree)
  }
}
