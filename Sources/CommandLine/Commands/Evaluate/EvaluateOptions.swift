import Foundation
import MartletEvaluation

/// The parameters that the commands of `eval` share.
enum EvaluateOptions {
  static let runs = Parameter<String?>.option(
    "runs", .path("FILE"), shownAs: "evaluations.sqlite in the state folder", environment: "MARTLET_RUNS",
    help: "The file that keeps runs.")

  /// The file of runs that `arguments` name, opened.
  static func store(_ arguments: Arguments) throws -> RunStore {
    try RunStore(at: arguments[runs] ?? Places.runs)
  }
}

extension String {
  /// The text without white space at its ends.
  var trimmingSpace: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
