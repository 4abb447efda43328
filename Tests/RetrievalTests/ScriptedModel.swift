import MartletLanguageModels

/// A model that says what it is told to, for what depends on a model's words alone.
struct ScriptedModel: LanguageModel {
  let name = "scripted"
  var contextLength: Int? = 4096
  var answer: String
  var finishReason = FinishReason.stop

  init(_ answer: String) { self.answer = answer }

  /// A token a word.
  func countTokens(in prompt: Prompt) throws -> Int {
    guard case .messages(let messages, _) = prompt else { return 0 }
    return messages.reduce(0) { $0 + $1.content.split(whereSeparator: \.isWhitespace).count }
  }

  func generate(_ request: GenerationRequest) -> GenerationStream {
    GenerationStream { continuation in
      continuation.yield(
        .started(promptTokenCount: (try? countTokens(in: request.prompt)) ?? 0, cutTokens: 0))
      for piece in answer.split(separator: " ", omittingEmptySubsequences: false) {
        continuation.yield(.text(String(piece)))
      }
      continuation.yield(
        .finished(
          Completion(
            text: answer, tokenIDs: [], promptTokenCount: 0, finishReason: finishReason, promptSeconds: 0,
            completionSeconds: 0)))
      continuation.finish()
    }
  }
}
