import MartletJSON

/// A model that continues text: one that runs in this process, or one behind an API.
///
/// `MartletGeneration` fulfils it with models that run here; clients of remote models fulfil it too, and neither knows
/// the other. A feature that needs a language model asks for `any LanguageModel`.
public protocol LanguageModel: Sendable {
  /// What people call the model.
  var name: String { get }

  /// The most tokens that prompt and completion may have together; nil where the model's provider does not say.
  var contextLength: Int? { get }

  /// The tokens that `prompt` takes, the template's own among them.
  /// - Throws: ``LanguageModelError/unsupported(feature:model:advice:)`` where a provider does not count them.
  func countTokens(in prompt: Prompt) async throws -> Int

  /// Starts a generation. The stream ends after ``GenerationEvent/finished(_:)`` or with an error. Where the task that
  /// iterates is cancelled, the model stops after the token at hand and the stream throws `CancellationError`.
  func generate(_ request: GenerationRequest) -> GenerationStream

  /// How probable the model finds continuations. Requests that are made together share the work on what their prompts
  /// have in common.
  /// - Returns: For each request, the score of each of its continuations.
  /// - Throws: ``LanguageModelError/cannotScore(model:)`` where the model has no probabilities to give, what the model
  ///   throws, or `CancellationError` where the task is cancelled.
  func score(_ requests: [ScoringRequest]) async throws -> [[ContinuationScore]]
}

/// What a model is asked to continue.
public enum Prompt: Sendable, Equatable {
  /// A conversation, rendered by the model's own chat template, with tools that the template may list. Where the last
  /// turn is the assistant's, the model goes on with it.
  case messages([ChatMessage], tools: JSON? = nil)
  /// Text as it is, without a template.
  case text(String)
  /// Token ids as they are.
  case tokens([Int32])
}

/// What happens when a prompt and its completion do not fit into the context.
public enum ContextOverflow: String, Sendable, CaseIterable {
  /// The request is refused with an error that gives both numbers.
  case refuse
  /// The prompt loses its first tokens; how many, the `started` event says.
  case cutStart = "cut-start"
  /// The prompt loses tokens in the middle, so that its beginning (the instructions) and its end (the question) stay.
  case cutMiddle = "cut-middle"
}

/// One generation to be done.
public struct GenerationRequest: Sendable {
  /// What is continued.
  public var prompt: Prompt
  /// How tokens are drawn: the defaults unless said otherwise. A model that runs in this process has its makers' own
  /// values as `sampling`.
  public var sampling: SamplingParameters
  /// The most tokens to generate; nil generates up to the end of the context.
  public var maximumTokens: Int?
  /// Texts that end the generation; they are not part of the completion.
  public var stop: [String]
  /// Goes on after the model's end token, for measurements.
  public var ignoresEnd: Bool
  /// What happens when the prompt is too long.
  public var overflow: ContextOverflow
  /// Reports each token with its log-probability and those of this many of the most probable tokens at its place; nil
  /// reports text alone.
  public var topLogProbabilities: Int?
  /// The form that the completion must have.
  public var responseFormat: ResponseFormat
  /// Which of several completions of one request this is, from 0. A cache keeps them apart, so that repeats are draws of
  /// their own.
  public var repetition: Int
  /// Whether somebody reads the text while it comes. Where nobody does, a provider is asked again when its stream breaks
  /// in the middle, and hands the text out whole.
  public var streams: Bool

  /// A request to continue `prompt`.
  public init(
    _ prompt: Prompt, sampling: SamplingParameters = .init(), maximumTokens: Int? = nil, stop: [String] = [],
    ignoresEnd: Bool = false, overflow: ContextOverflow = .refuse, topLogProbabilities: Int? = nil,
    responseFormat: ResponseFormat = .text, repetition: Int = 0, streams: Bool = true
  ) {
    self.prompt = prompt
    self.sampling = sampling
    self.maximumTokens = maximumTokens
    self.stop = stop
    self.ignoresEnd = ignoresEnd
    self.overflow = overflow
    self.topLogProbabilities = topLogProbabilities
    self.responseFormat = responseFormat
    self.repetition = repetition
    self.streams = streams
  }
}

/// What a generation reports while it runs, in this order: `started`, any number of `warning`, `token` and `text`,
/// `finished`.
public enum GenerationEvent: Sendable, Equatable {
  /// The prompt is read: its length in tokens, and how many were cut from it because the request allowed that. A
  /// provider that tells the length only at the end has 0 here and the length in the completion.
  case started(promptTokenCount: Int, cutTokens: Int)
  /// Something that the person should know, such as a beginning-of-text token that stands twice.
  case warning(String)
  /// A token was generated, before its text is known to be whole: for requests with
  /// ``GenerationRequest/topLogProbabilities``.
  case token(GeneratedToken)
  /// More of the completion. Pieces hold whole characters only, and never the beginning of a stop text.
  case text(String)
  /// The end, with the whole result.
  case finished(Completion)
}

/// Why a generation ended, in the OpenAI API's words.
public enum FinishReason: String, Sendable {
  /// The model's end token, or a stop text.
  case stop
  /// The most tokens that were asked for, or the end of the context.
  case length
  /// The provider withheld the rest, or the model refused.
  case contentFilter = "content_filter"
}

/// A finished generation.
public struct Completion: Sendable, Equatable {
  /// The completion's text, without a stop text.
  public var text: String
  /// What the model thought before an answer that has a form (``GenerationRequest/responseFormat``); nil for none. In other
  /// completions it is part of the text.
  public var thinking: String?
  /// The generated ids, without the end token; empty where a provider does not tell them.
  public var tokenIDs: [Int32]
  /// The generated tokens, without the end token of a model that runs here; as a provider bills them otherwise.
  public var completionTokenCount: Int
  /// The generated tokens with their log-probabilities, where the request asked for them.
  public var tokens: [GeneratedToken]
  /// Tokens of the prompt.
  public var promptTokenCount: Int
  /// How many of the prompt's tokens were known from an earlier sequence, and not computed again.
  public var cachedTokenCount: Int
  /// Why it ended.
  public var finishReason: FinishReason
  /// Seconds for the prompt, up to the first token.
  public var promptSeconds: Double
  /// Seconds from the first to the last token.
  public var completionSeconds: Double
  /// What the provider charges for it, in US dollars; nil where that is not known, and for a model that runs here.
  public var cost: Double?
  /// Whether it was read from a cache and not generated now. The seconds and the cost are those of the first time.
  public var isReplayed: Bool

  /// A finished generation. Where `completionTokenCount` is nil, `tokenIDs` are counted.
  public init(
    text: String, thinking: String? = nil, tokenIDs: [Int32], completionTokenCount: Int? = nil,
    tokens: [GeneratedToken] = [],
    promptTokenCount: Int, cachedTokenCount: Int = 0, finishReason: FinishReason, promptSeconds: Double,
    completionSeconds: Double, cost: Double? = nil, isReplayed: Bool = false
  ) {
    self.text = text
    self.thinking = thinking
    self.tokenIDs = tokenIDs
    self.completionTokenCount = completionTokenCount ?? tokenIDs.count
    self.tokens = tokens
    self.promptTokenCount = promptTokenCount
    self.cachedTokenCount = cachedTokenCount
    self.finishReason = finishReason
    self.promptSeconds = promptSeconds
    self.completionSeconds = completionSeconds
    self.cost = cost
    self.isReplayed = isReplayed
  }
}

extension LanguageModel {
  /// Refuses: a model that has probabilities to give has a method of its own.
  public func score(_ requests: [ScoringRequest]) async throws -> [[ContinuationScore]] {
    throw LanguageModelError.cannotScore(model: name)
  }

  /// How probable the model finds each of `continuations` after `prompt`.
  public func score(_ continuations: [String], after prompt: Prompt) async throws -> [ContinuationScore] {
    try await score([ScoringRequest(prompt, continuations: continuations)]).first ?? []
  }

  /// Generates to the end and gives the result whole.
  /// - Throws: What ended the generation early; `CancellationError` where the task was cancelled.
  public func complete(_ request: GenerationRequest) async throws -> Completion {
    var request = request
    request.streams = false
    for try await event in generate(request) {
      if case .finished(let completion) = event { return completion }
    }
    throw CancellationError()
  }
}
