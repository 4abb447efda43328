/// What a model cannot be asked for.
public enum LanguageModelError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The model of this name gives no probabilities of texts.
  case cannotScore(model: String)
  /// The model of this name cannot do what a request asks for, such as `regular expressions` or `top_k`.
  case unsupported(feature: String, model: String, advice: String)

  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .cannotScore(let model):
      "\(model) gives no log-likelihoods, so it cannot score continuations. Choose a model that runs here."
    case .unsupported(let feature, let model, let advice):
      "\(model) does not offer \(feature). \(advice)"
    }
  }
}
