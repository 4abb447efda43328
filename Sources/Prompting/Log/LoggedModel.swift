import Foundation
import MartletJSON
import MartletLanguageModels

/// A model whose prompts and answers go into a log.
///
/// A log that cannot be written stops no answer: the stream then has a warning before its end.
public struct LoggedModel: LanguageModel {
  /// The model that answers.
  public let model: any LanguageModel
  private let log: PromptLog
  private let source: String
  private let question: String?
  private let logsStatedOnly: Bool

  /// - Parameters:
  ///   - model: The model that answers.
  ///   - log: Where entries go.
  ///   - source: What asks: a command, or another program's name.
  ///   - question: What the person asked, where prompts hold more than that; nil takes the last turn.
  ///   - logsStatedOnly: Whether sampling values count only where they were stated, as with a provider that has its own.
  public init(
    _ model: any LanguageModel, log: PromptLog, source: String, question: String? = nil,
    logsStatedOnly: Bool = false
  ) {
    (self.model, self.log, self.source) = (model, log, source)
    (self.question, self.logsStatedOnly) = (question, logsStatedOnly)
  }

  /// The model's name.
  public var name: String { model.name }
  /// The model's context.
  public var contextLength: Int? { model.contextLength }

  /// The model's count.
  public func countTokens(in prompt: Prompt) async throws -> Int { try await model.countTokens(in: prompt) }

  /// The model's scores, which are not logged.
  public func score(_ requests: [ScoringRequest]) async throws -> [[ContinuationScore]] {
    try await model.score(requests)
  }

  /// The model's events. The entry is in the log before `finished` comes; an answer that is stopped
  /// is logged as far as it came.
  public func generate(_ request: GenerationRequest) -> GenerationStream {
    let events = model.generate(request)
    return GenerationStream { continuation in
      let task = Task {
        let start = ContinuousClock.now
        var answer = ""
        do {
          for try await event in events {
            if case .text(let piece) = event { answer += piece }
            if case .finished(let completion) = event {
              let seconds = (ContinuousClock.now - start) / .seconds(1)
              if let warning = record(request, completion.text, completion, seconds: seconds) {
                continuation.yield(.warning(warning))
              }
            }
            continuation.yield(event)
          }
          continuation.finish()
        } catch {
          if !answer.isEmpty {
            _ = record(request, answer, nil, seconds: (ContinuousClock.now - start) / .seconds(1))
          }
          continuation.finish(throwing: error)
        }
      }
      continuation.onTermination = { if case .cancelled = $0 { task.cancel() } }
    }
  }

  /// The model's completion, which is in the log by then. There is nobody to warn of a log that cannot be written.
  public func complete(_ request: GenerationRequest) async throws -> Completion {
    let start = ContinuousClock.now
    let completion = try await model.complete(request)
    _ = record(request, completion.text, completion, seconds: (ContinuousClock.now - start) / .seconds(1))
    return completion
  }

  /// - Returns: Why nothing was logged; nil where it was.
  private func record(
    _ request: GenerationRequest, _ answer: String, _ completion: Completion?, seconds: Double
  ) -> String? {
    let counts = completion.map {
      LogEntry.TokenCounts(prompt: $0.promptTokenCount, completion: $0.completionTokenCount)
    }
    do {
      try log.append(
        LogEntry(
          source: source, model: model.name, prompt: request.prompt, answer: answer,
          question: question, finishReason: completion?.finishReason, tokenCounts: counts, seconds: seconds,
          cost: completion?.cost, settings: request.loggedSettings(statedOnly: logsStatedOnly)))
      return nil
    } catch {
      return "The answer is not in the log: \(error)"
    }
  }
}

extension GenerationRequest {
  /// The settings that an answer depends on, in the OpenAI API's words.
  func loggedSettings(statedOnly: Bool) -> JSONObject {
    var members: JSONObject = [:]
    let plain = SamplingParameters()
    func note(_ name: SamplingParameters.Name, _ value: JSON, isLogged: Bool) {
      if sampling.stated.contains(name) || isLogged && !statedOnly { members[name.rawValue] = value }
    }
    let isDrawn = sampling.temperature > 0
    note(.temperature, JSON(sampling.temperature), isLogged: true)
    note(.topK, JSON(sampling.topK), isLogged: isDrawn)
    note(.topP, JSON(sampling.topP), isLogged: isDrawn)
    note(.minP, JSON(sampling.minP), isLogged: isDrawn)
    note(
      .repetitionPenalty, JSON(sampling.repetitionPenalty),
      isLogged: sampling.repetitionPenalty != plain.repetitionPenalty)
    note(.presencePenalty, JSON(sampling.presencePenalty), isLogged: sampling.presencePenalty != 0)
    note(.frequencyPenalty, JSON(sampling.frequencyPenalty), isLogged: sampling.frequencyPenalty != 0)
    if isDrawn, let seed = sampling.seed { members["seed"] = .string(String(seed)) }
    if let maximumTokens { members["max_tokens"] = JSON(maximumTokens) }
    if !stop.isEmpty { members["stop"] = .array(stop.map { .string($0) }) }
    switch responseFormat {
    case .text: break
    case .json: members["response_format"] = "json_object"
    case .jsonSchema(let schema): members["response_format"] = ["json_schema": schema]
    case .regex(let pattern): members["response_format"] = ["regex": .string(pattern)]
    case .choice(let texts): members["response_format"] = ["choice": .array(texts.map { .string($0) })]
    case .grammar(let text): members["response_format"] = ["grammar": .string(text)]
    }
    return members
  }
}
