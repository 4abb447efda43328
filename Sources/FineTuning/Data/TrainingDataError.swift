/// What is wrong with the data that a model is to learn from.
public enum TrainingDataError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A mask of another length than the tokens.
  case misfitMask(tokens: Int, counts: Int)

  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .misfitMask(let tokens, let counts):
      "A mask of \(counts) values for \(tokens) tokens. Give one value for each token."
    }
  }
}
