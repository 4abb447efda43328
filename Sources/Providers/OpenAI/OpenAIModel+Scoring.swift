import MartletJSON
import MartletLanguageModels

extension OpenAIModel {
  /// How probable the model finds continuations, by `completions` with `echo`, as lm-evaluation-harness asks.
  ///
  /// Prompts are texts. OpenAI's own models refuse it, and llama.cpp's server ignores `echo`, which is found out by the
  /// tokens that come back; vLLM does it.
  /// - Throws: ``ProviderError/noEcho(model:)``, `LanguageModelError.unsupported`.
  public func score(_ requests: [ScoringRequest]) async throws -> [[ContinuationScore]] {
    let prompts = try requests.map { request in
      guard case .text(let prompt) = request.prompt else {
        throw unsupported("scoring after messages or tokens", "Give the prompt as text, without a template.")
      }
      return prompt
    }
    return try await withThrowingTaskGroup(of: Scored.self) { group in
      for (index, request) in requests.enumerated() {
        group.addTask {
          Scored(index: index, scores: try await score(request.continuations, after: prompts[index]))
        }
      }
      var scores = [[ContinuationScore]](repeating: [], count: requests.count)
      for try await scored in group { scores[scored.index] = scored.scores }
      return scores
    }
  }

  private struct Scored: Sendable {
    let index: Int
    let scores: [ContinuationScore]
  }

  private func score(_ continuations: [String], after prompt: String) async throws -> [ContinuationScore] {
    guard !continuations.isEmpty else { return [] }
    let texts = continuations.map { prompt + $0 }
    let body: JSON = [
      "model": .string(endpoint.reference.model), "prompt": .array(texts.map { .string($0) }),
      "max_tokens": 1, "temperature": 0, "echo": true, "logprobs": 1,
    ]
    let answer = try await endpoint.call(
      "/completions", body, worst: (WorstCase.promptTokens(of: body), texts.count)
    ) { OpenAIUsage.read($0["usage"]) }
    let choices = answer["choices"]?.arrayValue ?? []
    guard choices.count == texts.count else {
      throw endpoint.unexpected("it has \(choices.count) choices for \(texts.count) prompts")
    }
    var scores = [ContinuationScore?](repeating: nil, count: texts.count)
    for (place, choice) in choices.enumerated() {
      let index = choice["index"]?.intValue ?? place
      guard texts.indices.contains(index), scores[index] == nil else {
        throw endpoint.unexpected("its choices are not numbered from 0")
      }
      scores[index] = try score(choice, text: texts[index], promptBytes: prompt.utf8.count)
    }
    return scores.compactMap { $0 }
  }

  private func score(_ choice: JSON, text: String, promptBytes: Int) throws -> ContinuationScore {
    guard let logprobs = choice["logprobs"], !logprobs.isNull,
      let tokens = logprobs["tokens"]?.arrayValue?.map({ $0.stringValue ?? "" }),
      let values = logprobs["token_logprobs"]?.arrayValue
    else { throw ProviderError.noEcho(model: name) }
    guard tokens.count == values.count else { throw endpoint.unexpected("its logprobs have unequal lengths") }
    // The prompt's tokens have to be there: the first ones spell the text, and the one that was generated follows.
    let wanted = Array(text.utf8)
    var spelt: [UInt8] = []
    var score = ContinuationScore(logLikelihood: 0, tokenCount: 0, isGreedy: true)
    var index = 0
    while index < tokens.count, spelt.count < wanted.count {
      spelt += Array(tokens[index].utf8)
      if spelt.count > promptBytes {
        guard let value = values[index].doubleValue else { throw ProviderError.noEcho(model: name) }
        score.logLikelihood += value
        score.tokenCount += 1
        let best = logprobs["top_logprobs"]?[index]?.objectValue?.compactMap { $0.value.doubleValue }.max()
        guard let best else { throw endpoint.unexpected("its logprobs name no most probable token") }
        score.isGreedy = score.isGreedy && value >= best
      }
      index += 1
    }
    // Some servers write a token that is not whole characters with U+FFFD, so that only the lengths of others agree.
    guard spelt == wanted || (spelt.count >= wanted.count && tokens.contains { $0.contains("\u{FFFD}") })
    else {
      throw ProviderError.noEcho(model: name)
    }
    return score
  }
}
