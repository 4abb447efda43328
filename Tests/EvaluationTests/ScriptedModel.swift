import MartletEvaluation
import MartletLanguageModels
import Synchronization

/// A model that says what it is told to, and counts what it was asked.
final class ScriptedModel: LanguageModel {
  let name = "scripted"
  let contextLength: Int? = 4096
  private let answer: @Sendable (GenerationRequest) throws -> String
  private let asked = Mutex<[GenerationRequest]>([])
  private let scored = Mutex<[[ScoringRequest]]>([])

  /// - Parameter answer: What it says to a request; a log-likelihood is minus the continuation's length.
  init(_ answer: @escaping @Sendable (GenerationRequest) throws -> String = { _ in "" }) {
    self.answer = answer
  }

  var requests: [GenerationRequest] { asked.withLock { $0 } }
  var steps: [[ScoringRequest]] { scored.withLock { $0 } }

  func countTokens(in prompt: Prompt) -> Int { 1 }

  func generate(_ request: GenerationRequest) -> GenerationStream {
    asked.withLock { $0.append(request) }
    return GenerationStream { continuation in
      do {
        let text = try answer(request)
        continuation.yield(.started(promptTokenCount: 1, cutTokens: 0))
        continuation.yield(.text(text))
        continuation.yield(
          .finished(
            Completion(
              text: text, tokenIDs: [], promptTokenCount: 1, finishReason: .stop, promptSeconds: 0,
              completionSeconds: 0)))
        continuation.finish()
      } catch {
        continuation.finish(throwing: error)
      }
    }
  }

  func score(_ requests: [ScoringRequest]) -> [[ContinuationScore]] {
    scored.withLock { $0.append(requests) }
    return requests.map { request in
      request.continuations.map {
        ContinuationScore(logLikelihood: -Double($0.count), tokenCount: 1, isGreedy: false)
      }
    }
  }
}
