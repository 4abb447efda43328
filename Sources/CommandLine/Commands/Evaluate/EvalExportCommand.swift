import Foundation
import MartletEvaluation
import MartletInspection

private let number = Parameter<Int>.argument(
  "RUN", .integer("RUN", atLeast: 1), default: 0, help: "The run's number; ‘martlet eval list’ shows them.")
private let folder = Parameter<String?>.option(
  "output", short: "o", .path("FOLDER"), shownAs: "standard output",
  help: "Write results and samples there.")

extension Command {
  /// A run in lm-eval's form.
  static let evalExport: Command = Command(
    name: "eval export",
    summary: "Write a run in the form of lm-evaluation-harness's results.",
    discussion: """
      With --output FOLDER it writes results_DATE.json and samples_TASK_DATE.jsonl there, named as the harness names \
      them; DATE is when the run began. Without it, the results are printed as one JSON object.
      """,
    parameters: [
      number.definition, folder.definition, InsideOptions.force.definition, EvaluateOptions.runs.definition,
    ],
    examples: [.init("martlet eval export 12 -o results", "For other tools:")]
  ) { arguments, console in
    let store = try EvaluateOptions.store(arguments)
    let run = try store.run(arguments[number])
    let export = HarnessExport(run, records: try store.records(of: run.id))
    guard let folder = arguments[folder] else {
      return try console.result(export.results.serialized() + "\n")
    }
    do {
      try FileManager.default.createDirectory(at: URL(filePath: folder), withIntermediateDirectories: true)
    } catch {
      throw UsageError(
        "\(folder) cannot be made a folder: \(error.localizedDescription)", advice: "Name another.")
    }
    var results = try NewFile("\(folder)/\(export.resultsName)", replaces: arguments[InsideOptions.force])
    try results.append(export.results.serialized() + "\n")
    var samples = try NewFile("\(folder)/\(export.samplesName)", replaces: arguments[InsideOptions.force])
    for sample in export.samples { try samples.append(sample.serialized() + "\n") }
    try samples.finish()
    try results.finish()
    console.note(printable("Run \(run.id) written to \(folder).\n"))
  }
}
