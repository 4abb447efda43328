/// Why an experiment cannot be carried out.
public enum ExperimentError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The experiment has no prompt of this name.
  case noSuchPrompt(String, known: [String])
  /// A prompt would give the same output each time.
  case sameRepeats(prompt: String, repeats: Int)
  /// An assertion is a rubric, and no model judges.
  case noJudge
  /// An assertion or the choice of examples compares texts by their meaning, and no model embeds.
  case noEmbedder
  /// A run is not of a prompt of an experiment.
  case notOfAnExperiment(run: Int)
  /// Runs are of several experiments.
  case otherExperiment(run: Int, name: String, expected: String)
  /// There is no finished run of the experiment.
  case noRuns(experiment: String)

  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .noSuchPrompt(let name, let known):
      "The experiment has no prompt ‘\(name)’. It has \(known.joined(separator: ", "))."
    case .sameRepeats(let prompt, let repeats):
      "The prompt \(prompt) would give the same output \(repeats) times. Set a temperature above 0, or repeats: 1."
    case .noJudge: "The experiment judges by a rubric, which needs a model. Name one with judge:."
    case .noEmbedder: "The experiment compares texts by their meaning, which needs an embedding model."
    case .notOfAnExperiment(let run):
      "Run \(run) is not of a prompt of an experiment. ‘martlet eval compare’ compares other runs."
    case .otherExperiment(let run, let name, let expected):
      "Run \(run) is of the experiment \(name), and the others of \(expected). Only runs of one experiment can be compared."
    case .noRuns(let experiment):
      "There is no finished run of the experiment \(experiment). ‘martlet prompt run’ makes one."
    }
  }
}
