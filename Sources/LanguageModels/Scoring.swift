/// Continuations whose log-likelihoods after one prompt are asked for.
public struct ScoringRequest: Sendable {
  /// What comes before each continuation.
  public var prompt: Prompt
  /// The texts to be scored, each by itself. A continuation that begins a word has its space in front, as in `" A"`.
  public var continuations: [String]
  /// What happens when the prompt and a continuation do not fit into the context.
  public var overflow: ContextOverflow

  /// A request to score `continuations` after `prompt`.
  public init(_ prompt: Prompt, continuations: [String], overflow: ContextOverflow = .refuse) {
    self.prompt = prompt
    self.continuations = continuations
    self.overflow = overflow
  }
}

/// How probable a model finds a continuation.
public struct ContinuationScore: Sendable, Equatable {
  /// The logarithm of the probability of the whole continuation, in nats: the sum over its tokens.
  public var logLikelihood: Double
  /// The tokens of the continuation.
  public var tokenCount: Int
  /// Whether each token of the continuation is the most probable one.
  public var isGreedy: Bool
  /// How many of the prompt's tokens were cut, because the request allowed that.
  public var cutTokens: Int

  /// A score.
  public init(logLikelihood: Double, tokenCount: Int, isGreedy: Bool, cutTokens: Int = 0) {
    self.logLikelihood = logLikelihood
    self.tokenCount = tokenCount
    self.isGreedy = isGreedy
    self.cutTokens = cutTokens
  }
}
