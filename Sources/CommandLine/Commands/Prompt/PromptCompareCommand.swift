import Foundation
import MartletEvaluation

private let names = Parameter<[String]>.arguments(
  "FILE|RUN", .path("FILE|RUN"), minimum: 1,
  help: "An experiment, whose latest runs are shown; or the numbers of runs.")

extension Command {
  /// The runs of an experiment side by side.
  static let promptCompare: Command = Command(
    name: "prompt compare",
    summary: "Show the kept runs of an experiment side by side, with their answers.",
    discussion: """
      Prints the table that ‘prompt run’ prints, and the tests on which the prompts differ; --answers prints all tests. \
      With FILE the latest finished run of each prompt and model counts. --json is as that of ‘prompt run’.
      """,
    parameters: [
      names.definition, PromptOptions.answers.definition, PromptOptions.csv.definition,
      PromptOptions.html.definition, PromptOptions.force.definition, EvaluateOptions.runs.definition,
      StoreParameters.json.definition,
    ],
    examples: [
      .init("martlet prompt compare Examples/prompts/tip.yaml", "The latest runs of an experiment:"),
      .init("martlet prompt compare 11 12 --answers", "Two runs with all answers:"),
    ]
  ) { arguments, console in
    let files = try PromptReportFiles(arguments)
    let store = try EvaluateOptions.store(arguments)
    let numbers = arguments[names].compactMap { Int($0) }
    let runs: [EvaluationRun]
    if numbers.count == arguments[names].count {
      runs = try numbers.map(store.run)
      if let open = runs.first(where: { !$0.isFinished }) {
        throw UsageError(
          "Run \(open.id) is not finished.", advice: "Give the command that began it again, which goes on.")
      }
    } else {
      guard arguments[names].count == 1 else {
        throw UsageError(
          "‘prompt compare’ takes one experiment, or numbers of runs.", advice: "Leave one of them out.")
      }
      let experiment = try Experiment(file: URL(filePath: arguments[names][0]))
      runs = latest(of: experiment, try store.runs(), console)
      guard !runs.isEmpty else { throw ExperimentError.noRuns(experiment: experiment.name) }
    }
    let counts = Set(runs.map(\.itemCount))
    if counts.count > 1 {
      console.warn(
        "The runs have different numbers of tests (\(runs.map { "run \($0.id): \($0.itemCount)" }.joined(separator: ", "))), "
          + "so their shares are not of the same tests. Only the tests that two runs share are compared.")
    }
    let report = try ExperimentReport(try runs.map { ($0, try store.records(of: $0.id)) })
    try files.write(report, console)
    try PromptReportPrinter(report, console).print(
      json: arguments[StoreParameters.json], answers: arguments[PromptOptions.answers] ? .all : .different)
  }
}

/// The latest finished run of each prompt with each model, model by model in the order of their first runs.
private func latest(
  of experiment: Experiment, _ runs: [EvaluationRun], _ console: Console
) -> [EvaluationRun] {
  let finished = runs.filter { $0.isFinished && $0.recipe.taskName == experiment.name }
  let models = finished.reversed().reduce(into: [String]()) { models, run in
    if !models.contains(run.recipe.model.name) { models.append(run.recipe.model.name) }
  }
  var found: [EvaluationRun] = []
  for model in models {
    for prompt in experiment.prompts {
      // The store gives the latest first.
      guard
        let run = finished.first(where: {
          $0.recipe.model.name == model && $0.recipe.promptName == prompt.name
        })
      else { continue }
      if run.recipe.task["prompt"] != Experiment.definition(of: prompt) {
        console.warn("The prompt \(prompt.name) is not what it was in run \(run.id) with \(model).")
      }
      found.append(run)
    }
  }
  return found
}
