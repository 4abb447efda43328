import Foundation
import MartletLanguageModels
import MartletTokenizers
import Synchronization

extension LocalModel {
  /// How probable the model finds continuations.
  ///
  /// A continuation's tokens are those that it has behind its prompt: the two are tokenized together, as lm-eval does, with
  /// spaces at the end of the prompt counted as the continuation's. What prompts have in common is computed once, over
  /// all requests of a call and what is still known from earlier ones.
  /// - Throws: ``GenerationError`` where a prompt or a continuation is empty, unknown or too long, `TemplateError`,
  ///   `PagePoolError`, or `CancellationError` where the task is cancelled.
  public func score(_ requests: [ScoringRequest]) async throws -> [[ContinuationScore]] {
    let isCancelled = CancellationFlag()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        // Steps take long: a thread of their own, so that no task waits for one.
        Thread.detachNewThread { [self] in
          continuation.resume(with: Result { try scores(of: requests) { isCancelled.isSet } })
        }
      }
    } onCancel: {
      isCancelled.set()
    }
  }

  private func scores(
    of requests: [ScoringRequest], isCancelled: () -> Bool
  ) throws -> [[ContinuationScore]] {
    let pairs = try requests.map { request in
      try request.continuations.map { try pair(request.prompt, $0, request.overflow) }
    }
    let scorer = ContinuationScorer(model: transformer, memory: memory)
    var sums = try scorer.sums(of: pairs.flatMap { $0 }.map(\.sequence), isCancelled: isCancelled)[...]
    return pairs.map { pairs in
      pairs.map { pair in
        let sum = sums.removeFirst()
        return ContinuationScore(
          logLikelihood: sum.logLikelihood,
          tokenCount: pair.sequence.tokens.count - pair.sequence.firstScored,
          isGreedy: sum.isGreedy, cutTokens: pair.cut)
      }
    }
  }

  private func pair(
    _ prompt: Prompt, _ continuation: String, _ overflow: ContextOverflow
  ) throws -> (sequence: ScoredSequence, cut: Int) {
    let (context, following) = try tokens(of: prompt, before: continuation)
    guard !following.isEmpty else { throw GenerationError.emptyContinuation }
    try transformer.check(context + following)
    // The last token is predicted and never read, so that one more than the context fits.
    let tooMany = context.count + following.count - self.context - 1
    guard tooMany > 0 else {
      return (ScoredSequence(tokens: context + following, firstScored: context.count), 0)
    }
    guard tooMany < context.count, overflow != .refuse else {
      throw GenerationError.promptTooLong(
        promptTokenCount: context.count + following.count, contextLength: self.context)
    }
    let room = context.count - tooMany
    let kept =
      overflow == .cutMiddle
      ? Array(context.prefix(room / 2) + context.suffix(room - room / 2)) : Array(context.suffix(room))
    return (ScoredSequence(tokens: kept + following, firstScored: room), tooMany)
  }

  /// The ids of a prompt, and of what a continuation adds to it.
  private func tokens(
    of prompt: Prompt, before continuation: String
  ) throws -> (context: [TokenID], following: [TokenID]) {
    func encode(_ text: String) throws -> [TokenID] { try render(.text(text)).tokens }
    let text: String
    switch prompt {
    case .tokens(let ids):
      guard !ids.isEmpty else { throw GenerationError.emptyPrompt }
      return (try render(prompt).tokens, tokenizer.encode(continuation, addSpecialTokens: false))
    case .text(let plain): text = plain
    case .messages: text = try render(prompt).text ?? ""
    }
    guard !text.isEmpty else {
      guard let first = tokenizer.special.bos ?? tokenizer.special.endOfGeneration.min() else {
        throw GenerationError.emptyPrompt
      }
      return ([first], tokenizer.encode(continuation, addSpecialTokens: false))
    }
    let spaces = text.unicodeScalars.reversed().prefix { $0.properties.isWhitespace }.count
    let context = String(String.UnicodeScalarView(text.unicodeScalars.dropLast(spaces)))
    let whole = try encode(text + continuation)
    // Nothing but spaces: they are the context, since something has to be.
    let length = try encode(context.isEmpty ? text : context).count
    return (Array(whole.prefix(length)), Array(whole.dropFirst(length)))
  }
}

/// Whether a task was cancelled, for a thread that does its work.
private final class CancellationFlag: Sendable {
  private let value = Atomic(false)
  var isSet: Bool { value.load(ordering: .relaxed) }
  func set() { value.store(true, ordering: .relaxed) }
}
