import MartletLanguageModels
import Synchronization

/// A model that says what it is told to, and counts what it was asked.
public final class ScriptedModel: LanguageModel {
  /// Its name.
  public let name = "scripted"
  /// More than any test needs.
  public let contextLength: Int? = 4096
  private let cost: Double?
  private let answer: @Sendable (GenerationRequest) throws -> String
  private let asked = Mutex<[GenerationRequest]>([])
  private let scored = Mutex<[[ScoringRequest]]>([])

  /// - Parameters:
  ///   - cost: What a completion costs.
  ///   - answer: What it says to a request; a log-likelihood is minus the continuation's length. A completion has a token
  ///     for each word, and takes half a second.
  public init(
    cost: Double? = nil, _ answer: @escaping @Sendable (GenerationRequest) throws -> String = { _ in "" }
  ) {
    self.cost = cost
    self.answer = answer
  }

  /// The generations that it was asked for.
  public var requests: [GenerationRequest] { asked.withLock { $0 } }
  /// The scores that it was asked for.
  public var steps: [[ScoringRequest]] { scored.withLock { $0 } }

  /// One, whatever the prompt is.
  public func countTokens(in prompt: Prompt) -> Int { 1 }

  /// Says what it was told to say.
  public func generate(_ request: GenerationRequest) -> GenerationStream {
    asked.withLock { $0.append(request) }
    return GenerationStream { continuation in
      do {
        let text = try answer(request)
        continuation.yield(.started(promptTokenCount: 1, cutTokens: 0))
        continuation.yield(.text(text))
        continuation.yield(
          .finished(
            Completion(
              text: text, tokenIDs: [], completionTokenCount: text.split(separator: " ").count,
              promptTokenCount: 1, finishReason: .stop, promptSeconds: 0.25, completionSeconds: 0.25,
              cost: cost)))
        continuation.finish()
      } catch {
        continuation.finish(throwing: error)
      }
    }
  }

  /// Minus the lengths of the continuations.
  public func score(_ requests: [ScoringRequest]) -> [[ContinuationScore]] {
    scored.withLock { $0.append(requests) }
    return requests.map { request in
      request.continuations.map {
        ContinuationScore(logLikelihood: -Double($0.count), tokenCount: 1, isGreedy: false)
      }
    }
  }
}

/// A model that answers a request that it knows from memory, as a provider's cache does: requests are equal where their
/// prompts, their temperatures and their repetitions are.
public final class CachingModel: LanguageModel {
  /// Its name.
  public let name = "caching"
  /// More than any test needs.
  public let contextLength: Int? = 4096
  private let model: ScriptedModel
  private let known = Mutex<[String: String]>([:])

  /// A cache in front of a model.
  public init(_ model: ScriptedModel) { self.model = model }

  /// One, whatever the prompt is.
  public func countTokens(in prompt: Prompt) -> Int { 1 }

  /// What was said to an equal request, or what the model says.
  public func generate(_ request: GenerationRequest) -> GenerationStream {
    let key = "\(request.prompt) \(request.sampling.temperature) \(request.repetition)"
    if let text = known.withLock({ $0[key] }) {
      return ScriptedModel { _ in text }.generate(request)
    }
    let stream = model.generate(request)
    return GenerationStream { continuation in
      Task {
        do {
          for try await event in stream {
            if case .finished(let completion) = event {
              self.known.withLock { $0[key] = completion.text }
            }
            continuation.yield(event)
          }
          continuation.finish()
        } catch {
          continuation.finish(throwing: error)
        }
      }
    }
  }

  /// The scores of the model behind it.
  public func score(_ requests: [ScoringRequest]) -> [[ContinuationScore]] { model.score(requests) }
}

extension Prompt {
  /// The messages as `role: content`, or the text.
  public var lines: [String] {
    switch self {
    case .messages(let messages, _): messages.map { "\($0.role): \($0.content)" }
    case .text(let text): [text]
    case .tokens: []
    }
  }
}
