/// What a model cannot be asked for.
public enum LanguageModelError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The model of this name gives no probabilities of texts.
  case cannotScore(model: String)

  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .cannotScore(let model):
      "\(model) gives no log-likelihoods, so it cannot score continuations. Choose a model that runs here."
    }
  }
}
