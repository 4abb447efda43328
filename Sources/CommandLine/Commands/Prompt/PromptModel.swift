import MartletEvaluation
import MartletGeneration
import MartletLanguageModels

/// A model that prompts are put to, opened when it is first needed.
struct PromptModel {
  let name: String
  private let arguments: Arguments
  private let console: Console

  init(_ name: String, _ arguments: Arguments, _ console: Console) {
    (self.name, self.arguments, self.console) = (name, arguments, console)
  }

  /// What tells it from others, found out without reading its weights.
  func recipe() throws -> RunRecipe.Model {
    let checkpoint = try OpenModel.checkpoint(name)
    try LocalModel.check(checkpoint, name: name)
    return RunRecipe.Model(
      name: name, fingerprint: try checkpoint.fingerprint(),
      precision: arguments[ModelParameters.precision].rawValue)
  }

  /// Whether its completions cost nothing.
  var isFree: Bool { true }

  /// The model, ready to generate.
  func open() throws -> any LanguageModel {
    try OpenModel.answerer(
      arguments, named: name, maximumSequences: arguments[PromptRunOptions.concurrency],
      precision: arguments[ModelParameters.precision].precision, console)
  }
}
