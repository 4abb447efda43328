import MartletLanguageModels

/// What a model made of one prompt: everything that was asked, everything that it wrote, and the answer.
public struct PromptOutcome: Sendable {
  /// A request and its completion.
  public struct Step: Sendable {
    /// What was asked.
    public let request: GenerationRequest
    /// What came of it.
    public let completion: Completion
    /// The answer in it; nil where none was found.
    public let answer: String?
    /// The tokens that the prompt lost because it was too long.
    public let cutPromptTokens: Int
  }

  /// The requests in the order in which they were made; samples in their order.
  public let steps: [Step]
  /// The completion that the answer is in: the last one, or the first sample with the winning answer.
  public let text: String
  /// The final answer; nil where none was found.
  public let answer: String?
  /// The votes of samples; nil where there was no vote.
  public let vote: AnswerVote?
  /// What the person should know.
  public let warnings: [String]

  /// What all requests took together.
  public var usage: PromptUsage {
    steps.reduce(PromptUsage()) { $0 + PromptUsage($1.completion) }
  }

  /// How many completions were cut at their limit of tokens.
  public var cutCompletions: Int { steps.count { $0.completion.finishReason == .length } }
}

/// What completions took.
public struct PromptUsage: Sendable, Equatable {
  /// The completions.
  public var requests = 0
  /// The tokens of their prompts.
  public var promptTokens = 0
  /// The tokens that were generated.
  public var completionTokens = 0
  /// The seconds that the model worked on them, as it tells them. Those of requests side by side overlap.
  public var seconds = 0.0
  /// What the provider charges in US dollars; nil where that is not known for one of them.
  public var cost: Double? = 0
  /// How many were read from a cache.
  public var replayed = 0

  /// Nothing.
  public init() {}

  /// What one completion took.
  public init(_ completion: Completion) {
    requests = 1
    promptTokens = completion.promptTokenCount
    completionTokens = completion.completionTokenCount
    seconds = completion.promptSeconds + completion.completionSeconds
    cost = completion.cost
    replayed = completion.isReplayed ? 1 : 0
  }

  /// Both together.
  public static func + (a: PromptUsage, b: PromptUsage) -> PromptUsage {
    var sum = a
    sum.requests += b.requests
    sum.promptTokens += b.promptTokens
    sum.completionTokens += b.completionTokens
    sum.seconds += b.seconds
    sum.cost = a.cost.flatMap { first in b.cost.map { first + $0 } }
    sum.replayed += b.replayed
    return sum
  }
}
