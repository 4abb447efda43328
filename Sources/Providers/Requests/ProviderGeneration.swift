import MartletGrammars
import MartletHTTPClient
import MartletJSON
import MartletLanguageModels

/// Reads the events of one answer.
protocol AnswerDecoder {
  /// The next event.
  /// - Returns: What it adds to the answer.
  /// - Throws: `Endpoint.Passing` for an error of the server's that may pass, ``ProviderError`` for one that does not.
  mutating func take(_ event: ServerSentEvent) throws -> [DecodedPart]
  /// Whether the answer is complete and nothing more is awaited.
  var isDone: Bool { get }
  /// Why the answer ended; nil while it has not.
  var finishReason: FinishReason? { get }
  /// What the request took, as far as the server has said.
  var usage: TokenUsage? { get }
}

/// What an event adds to an answer.
enum DecodedPart {
  case text(String)
  case token(GeneratedToken)
}

/// One generation by a provider: from the cache, or asked as often as it takes.
struct ProviderGeneration: Sendable {
  let endpoint: Endpoint
  let path: String
  let body: JSON
  let repetition: Int
  /// The most tokens of prompt and answer.
  let worst: (prompt: Int, completion: Int)
  /// The form that the answer must have. A choice comes in JSON around it.
  let format: ResponseFormat
  let decoder: @Sendable (Endpoint) -> any AnswerDecoder

  /// Generates.
  /// - Parameters:
  ///   - showsParts: Whether parts are told as they come. Once one was told, a broken stream is an error; otherwise the
  ///     request is sent again.
  ///   - tell: Told of each event, the last one among them.
  func run(showingParts showsParts: Bool, _ tell: @escaping @Sendable (GenerationEvent) -> Void) async throws
  {
    let key = ResponseCache.key(of: endpoint, path: path, body: body, repetition: repetition)
    if let cache = endpoint.settings.cache, let known = try cache.answer(for: key),
      let completion = Completion(replayed: known)
    {
      tell(.started(promptTokenCount: completion.promptTokenCount, cutTokens: 0))
      completion.tokens.forEach { tell(.token($0)) }
      if !completion.text.isEmpty { tell(.text(completion.text)) }
      return tell(.finished(completion))
    }
    let completion = try await endpoint.retrying {
      try await endpoint.gate.pass(tokens: worst.prompt + worst.completion) {
        try await attempt(showsParts: showsParts && !format.isChoice, tell)
      }
    }
    if completion.finishReason != .contentFilter {
      try endpoint.settings.cache?.keep(completion.json, for: key, model: endpoint.name)
    }
    tell(.finished(completion))
  }

  private func attempt(
    showsParts: Bool, _ tell: @Sendable (GenerationEvent) -> Void
  ) async throws -> Completion {
    let bill = try Bill(endpoint, prompt: worst.prompt, completion: worst.completion)
    let start = ContinuousClock.now
    let events: ServerSentEvents
    do { events = try await endpoint.events(path, body) } catch {
      bill.release()
      throw error
    }
    var answer = GatheredParts(start: start, showsParts: showsParts)
    var decoder = decoder(endpoint)
    do {
      for try await event in events {
        for part in try decoder.take(event) { answer.add(part, decoder.usage?.promptTokens ?? 0, tell) }
        if decoder.isDone { break }
      }
      events.body.discardRest()
      guard let reason = decoder.finishReason else {
        throw Endpoint.Passing(reason: "the stream of the answer ended in the middle")
      }
      bill.settle(decoder.usage)
      return try finish(answer, reason, decoder.usage, tell)
    } catch {
      // The server has begun, and bills what it did: nobody knows how much, so the worst case counts.
      bill.settle(nil)
      throw try failure(error, hasShown: answer.hasShown)
    }
  }

  private func failure(_ error: any Error, hasShown: Bool) throws -> any Error {
    let passing: Endpoint.Passing
    switch error {
    case let error as Endpoint.Passing: passing = error
    case let error as HTTPClientError: passing = try endpoint.passing(error)
    default: return error
    }
    return hasShown ? ProviderError.brokenOff(model: endpoint.name, reason: passing.reason) : passing
  }

  private func finish(
    _ answer: GatheredParts, _ reason: FinishReason, _ usage: TokenUsage?,
    _ tell: @Sendable (GenerationEvent) -> Void
  ) throws -> Completion {
    var text = answer.text
    // What was cut is the beginning of a form, but half of a choice is none.
    if reason == .stop || format.isChoice && reason != .contentFilter { try checkForm(&text) }
    if !answer.hasShown {
      tell(.started(promptTokenCount: usage?.promptTokens ?? 0, cutTokens: 0))
      if !answer.showsParts {
        answer.tokens.forEach { tell(.token($0)) }
        if !text.isEmpty { tell(.text(text)) }
      }
    }
    if usage == nil {
      tell(
        .warning("\(endpoint.name) does not say how many tokens the request took, so its cost is not known."))
    }
    let end = ContinuousClock.now
    let first = answer.first ?? end
    return Completion(
      text: text, tokenIDs: [], completionTokenCount: usage?.completionTokens ?? answer.tokens.count,
      tokens: answer.tokens, promptTokenCount: usage?.promptTokens ?? 0,
      cachedTokenCount: usage?.cachedTokens ?? 0,
      finishReason: reason, promptSeconds: (first - answer.start) / .seconds(1),
      completionSeconds: (end - first) / .seconds(1),
      cost: usage.flatMap { endpoint.price?.cost(of: $0) })
  }

  /// Servers that do not know a form answer as if none was asked for.
  private func checkForm(_ text: inout String) throws {
    let isOfForm: Bool
    switch format {
    case .text: return
    case .choice(let choices):
      guard let value = (try? JSON(parsing: text))?["choice"]?.stringValue, choices.contains(value) else {
        throw endpoint.unexpected("it is not one of the choices, but ‘\(endpoint.excerpt(text.utf8))’")
      }
      text = value
      return
    case .json: isOfForm = (try? JSON(parsing: text))?.objectValue != nil
    case .jsonSchema(let schema):
      guard let value = try? JSON(parsing: text) else {
        isOfForm = false
        break
      }
      // A provider may know keywords that are not checked here.
      guard let known = try? JSONSchema(schema) else { return }
      let violations = known.violations(of: value)
      guard violations.isEmpty else {
        throw endpoint.unexpected(
          "it does not keep to the JSON Schema: \(violations.joined(separator: "; "))")
      }
      return
    case .regex(let pattern): isOfForm = (try? Grammar(regex: pattern))?.matches(text) ?? true
    case .grammar(let source): isOfForm = (try? Grammar(gbnf: source))?.matches(text) ?? true
    }
    if !isOfForm {
      throw endpoint.unexpected(
        "it does not have the form that was asked for: ‘\(endpoint.excerpt(text.utf8))’")
    }
  }
}

extension ResponseFormat {
  fileprivate var isChoice: Bool { if case .choice = self { true } else { false } }
}

/// The parts of an answer so far.
private struct GatheredParts {
  let start: ContinuousClock.Instant
  let showsParts: Bool
  private(set) var text = ""
  private(set) var tokens: [GeneratedToken] = []
  private(set) var first: ContinuousClock.Instant?
  private(set) var hasShown = false

  init(start: ContinuousClock.Instant, showsParts: Bool) {
    self.start = start
    self.showsParts = showsParts
  }

  mutating func add(
    _ part: DecodedPart, _ promptTokens: Int, _ tell: @Sendable (GenerationEvent) -> Void
  ) {
    if first == nil { first = .now }
    if showsParts, !hasShown {
      tell(.started(promptTokenCount: promptTokens, cutTokens: 0))
      hasShown = true
    }
    switch part {
    case .text(let piece):
      text += piece
      if showsParts { tell(.text(piece)) }
    case .token(let token):
      tokens.append(token)
      if showsParts { tell(.token(token)) }
    }
  }
}

extension ProviderGeneration {
  /// The stream of a generation whose request is made when it begins.
  static func stream(
    _ request: GenerationRequest, _ make: @escaping @Sendable () async throws -> ProviderGeneration
  ) -> GenerationStream {
    GenerationStream { continuation in
      let task = Task {
        do {
          try await make().run(showingParts: request.streams) { continuation.yield($0) }
          continuation.finish()
        } catch {
          continuation.finish(throwing: error)
        }
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }
}
