import MartletCheckpoints
import MartletTensors
import MartletTransformers

/// Why training cannot begin or go on.
public enum TrainingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// There is no example, or none of whose tokens counts.
  case emptyTrainingSet(examples: Int)
  /// An example is longer than the model's context.
  case exampleTooLong(number: Int, tokens: Int, context: Int)
  /// A number of the recipe that no run can have.
  case unusableRecipe(String)
  /// Nothing would train: every weight is frozen.
  case nothingToTrain
  /// A pattern of weights to freeze that is malformed, or matches no weight.
  case unusableFreezePattern(String, problem: String)
  /// A loss, a gradient or a weight that is not a finite number.
  case notFinite(step: Int, what: String)
  /// The adapter does not fit the model.
  case adapter(AdapterError)
  /// The model cannot compute what it is asked for.
  case model(ModelError)
  /// The loss has no gradients.
  case gradient(GradientError)
  /// The settings do not fit the tensors.
  case tensor(TensorError)
  /// A file of the run cannot be read or written.
  case file(CheckpointError)
  /// The folder of a run is there already.
  case runExists(path: String)
  /// The folder of another kind, which is not replaced.
  case notARun(path: String, problem: String)
  /// A run that is complete cannot go on.
  case runIsComplete(path: String, steps: Int)
  /// A run goes on with the model and the data that it began with.
  case otherRun(path: String, what: String)

  /// What is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .emptyTrainingSet(0): "There is no example to learn from. Check the files of --data."
    case .emptyTrainingSet(let count):
      """
      None of the \(count) examples has a token that counts, so that there is nothing to learn. Raise --max-length, or let \
      all tokens count with --loss all.
      """
    case .exampleTooLong(let number, let tokens, let context):
      """
      Example \(number) has \(tokens) tokens, and the model has \(context) positions. Give a --max-length of at most \
      \(context).
      """
    case .unusableRecipe(let problem): "These settings cannot be used: \(problem)."
    case .nothingToTrain: "Every weight is frozen, so that nothing would train. Freeze fewer."
    case .unusableFreezePattern(let pattern, let problem):
      "The pattern ‘\(pattern)’ of weights to freeze \(problem)."
    case .notFinite(let step, let what):
      """
      At step \(step), \(what) is not a finite number: training has diverged. The weights are those before this step. \
      Lower the learning rate, or clip gradients with --max-grad-norm.
      """
    case .adapter(let error): "\(error)"
    case .model(let error): "\(error)"
    case .gradient(let error): "\(error)"
    case .tensor(let error): "\(error)"
    case .file(let error): "\(error)"
    case .runExists(let path):
      """
      \(path) is there already. Continue it with --resume \(path), or name another folder with -o.
      """
    case .notARun(let path, let problem): "\(path) is no folder of a run: \(problem)."
    case .runIsComplete(let path, let steps):
      "The run in \(path) is complete: all \(steps) steps are done. Start another one from it with --from-adapter."
    case .otherRun(let path, let what):
      "The run in \(path) cannot continue: \(what). Give it what it began with, or start another run."
    }
  }
}
