import MartletLanguageModels
import MartletTensors
import MartletTokenizers
import Synchronization

/// One generation on its way: what the scheduler keeps for it between steps.
///
/// The scheduler's thread alone works on it; others only cancel it.
final class Generation: @unchecked Sendable {
  let prompt: [TokenID]
  private let request: GenerationRequest
  private let limit: Int
  private let endTokens: Set<TokenID>
  private let tokenizer: Tokenizer
  private let continuation: GenerationStream.Continuation
  private let cancelled = Atomic(false)

  private var sampler: Sampler
  private var form: CompletionForm?
  private let probabilities: TokenProbabilities?
  private var decoder: StreamingDecoder
  private var stops: StopSequenceMatcher
  private var text = ""
  /// What was thought before an answer that has a form.
  private var thinking: String?
  private(set) var generated: [TokenID] = []
  private var tokens: [GeneratedToken] = []
  private var cachedTokens = 0
  private var started: ContinuousClock.Instant?
  private var firstToken: ContinuousClock.Instant?
  private var lastToken: ContinuousClock.Instant?

  init(
    prompt: [TokenID], request: GenerationRequest, limit: Int, endTokens: Set<TokenID>, tokenizer: Tokenizer,
    form: CompletionForm?, processors: [any LogitProcessor], continuation: GenerationStream.Continuation
  ) throws {
    self.prompt = prompt
    self.request = request
    self.limit = min(limit, request.maximumTokens ?? limit)
    self.endTokens = request.ignoresEnd ? [] : endTokens
    self.tokenizer = tokenizer
    self.form = form
    self.continuation = continuation
    sampler = try Sampler(request.sampling, history: prompt, processors: processors)
    probabilities = request.topLogProbabilities.map { TokenProbabilities(top: $0, tokenizer: tokenizer) }
    // The form is one of the bytes that tokens stand for, a space at the beginning among them.
    decoder = tokenizer.makeStreamingDecoder(skipSpecialTokens: true, continuesText: form != nil)
    stops = StopSequenceMatcher(request.stop)
  }

  func cancel() { cancelled.store(true, ordering: .relaxed) }
  var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

  /// The most tokens that prompt and completion can have together.
  var longestLength: Int { prompt.count + limit }

  /// Notes that work begins, and how much of the prompt is known already.
  func begin(cachedTokens: Int) {
    started = .now
    self.cachedTokens = cachedTokens
  }

  /// Takes the logits after the last token, a row of `logits`, and draws the next one.
  /// - Returns: The token to go on with, or nil where the generation has ended.
  func advance(logits: Tensor, row: Int) -> TokenID? {
    guard limit > 0 else { return finish(.length) }
    do {
      let token = try sampler.sample(logits, row: row, mask: form?.mask())
      let now = ContinuousClock.now
      if firstToken == nil { firstToken = now }
      lastToken = now
      if endTokens.contains(token) { return finish(.stop) }
      generated.append(token)
      try sampler.accept(token)
      if let probabilities { report(probabilities.token(token, logits: logits, row: row)) }
      if try take(token) { return finish(.stop, flushing: false) }
      if form?.isFinished ?? false || sampler.isFinished { return finish(.stop) }
      return generated.count == limit ? finish(.length) : token
    } catch {
      return fail(error)
    }
  }

  func fail(_ error: any Error) -> TokenID? {
    continuation.finish(throwing: error)
    return nil
  }

  /// Makes text of a token.
  /// - Returns: Whether a stop text was found.
  private func take(_ token: TokenID) throws -> Bool {
    switch try form?.accept(token) ?? .answer {
    case .answer: return emit(decoder.append(token))
    case .thought: thinking = (thinking ?? "") + decoder.append(token)
    case .mark:
      thinking = (thinking ?? "") + decoder.finish()
      decoder = tokenizer.makeStreamingDecoder(skipSpecialTokens: true, continuesText: true)
    }
    return false
  }

  private func report(_ token: GeneratedToken) {
    tokens.append(token)
    continuation.yield(.token(token))
  }

  /// Passes text on, but for what may be the beginning of a stop text.
  /// - Returns: Whether a stop text was found.
  private func emit(_ piece: String) -> Bool {
    guard !piece.isEmpty else { return false }
    let (passed, found) = stops.append(piece)
    pass(passed)
    return found
  }

  private func pass(_ piece: String) {
    guard !piece.isEmpty else { return }
    text += piece
    continuation.yield(.text(piece))
  }

  private func finish(_ reason: FinishReason, flushing: Bool = true) -> TokenID? {
    var reason = reason
    if flushing {
      if form?.isThinking ?? false {
        thinking = (thinking ?? "") + decoder.finish()
      } else if emit(decoder.finish()) {
        reason = .stop
      } else {
        pass(stops.finish())
      }
    }
    continuation.yield(
      .finished(
        Completion(
          text: text, thinking: thinking, tokenIDs: generated, tokens: tokens,
          promptTokenCount: prompt.count, cachedTokenCount: cachedTokens, finishReason: reason,
          promptSeconds: seconds(from: started, to: firstToken),
          completionSeconds: seconds(from: firstToken, to: lastToken))))
    continuation.finish()
    return nil
  }

  private func seconds(from start: ContinuousClock.Instant?, to end: ContinuousClock.Instant?) -> Double {
    guard let start, let end else { return 0 }
    return (end - start) / .seconds(1)
  }
}
