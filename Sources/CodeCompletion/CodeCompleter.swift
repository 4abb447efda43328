import MartletGeneration
import MartletLanguageModels
import MartletTokenizers

/// Completes code at a cursor: with what stands before and after it where the model has tokens for filling in the middle,
/// and with passages of other files of the project.
///
/// ```swift
/// let completer = CodeCompleter(model, passages: library)
/// let point = try CompletionPoint(in: source, path: "Sources/Swift.swift", line: 12)
/// let suggestion = try await completer.complete(point)
/// ```
///
/// The model's most probable text is taken, and ends with the line or the block: see `docs/code-completion.md`.
public struct CodeCompleter: Sendable {
  /// The most tokens that are written.
  public var maximumTokens = 32
  /// The most tokens that the model reads: an eighth of them after the cursor, three eighths for passages where there are
  /// any, and the rest before the cursor. Reading takes most of the time.
  public var promptTokens = 640
  /// How many passages are looked for.
  public var passageCount = 4
  /// The folder of the project, which paths are shown to the model relative to.
  public var root: String?

  private let model: any LanguageModel
  private let tokenizer: Tokenizer
  private let passages: (any CodePassageSource)?

  /// The model's tokens for filling in the middle; nil where it has none, and only continues what stands before the cursor.
  public let fillInTheMiddle: FillInTheMiddle?

  /// A completer with a model that runs in this process.
  /// - Parameters:
  ///   - model: The model, best one for code.
  ///   - passages: Where passages of other files are found, such as a `Library` of indexed code; nil for none.
  public init(_ model: LocalModel, passages: (any CodePassageSource)? = nil) {
    self.init(model, tokenizer: model.tokenizer, passages: passages)
  }

  /// A completer with any model whose tokenizer is known.
  public init(
    _ model: any LanguageModel, tokenizer: Tokenizer, passages: (any CodePassageSource)? = nil
  ) {
    (self.model, self.tokenizer, self.passages) = (model, tokenizer, passages)
    fillInTheMiddle = FillInTheMiddle(tokenizer)
  }

  /// Completes the code at a place.
  /// - Throws: ``CodeCompletionError``, what the model or the search for passages throws, and `CancellationError` where the
  ///   task is cancelled.
  public func complete(_ point: CompletionPoint) async throws -> CodeSuggestion {
    let start = ContinuousClock.now
    guard fillInTheMiddle != nil || !point.prefix.isBlank else {
      throw CodeCompletionError.nothingBefore(model: model.name)
    }
    var found: [CodePassage] = []
    let query = Self.query(point)
    if let passages, !query.isBlank {
      // Passages of the file that the prompt shows anyway are left out later.
      found = try passages.passages(like: query, limit: passageCount * 2)
    }
    try Task.checkCancellation()
    var budget = promptTokens
    if let context = model.contextLength { budget = min(budget, max(16, context - maximumTokens)) }
    let prompt = CompletionPrompt(
      point, passages: found, tokenizer, gap: fillInTheMiddle, budget: budget, root: root)
    return try await generate(prompt, at: point, start: start)
  }

  /// What passages are looked for with: the last lines before the cursor.
  private static func query(_ point: CompletionPoint) -> String {
    let lines = point.prefix.suffix(2000).split(whereSeparator: \.endsLine).filter { !$0.isBlank }
    return String(lines.suffix(8).map(\.trimmed).joined(separator: "\n").suffix(600))
  }

  private func generate(
    _ prompt: CompletionPrompt, at point: CompletionPoint, start: ContinuousClock.Instant
  ) async throws -> CodeSuggestion {
    let endTokens = fillInTheMiddle?.endTokens ?? []
    let request = GenerationRequest(
      .tokens(prompt.ids), sampling: .greedy, maximumTokens: maximumTokens,
      // Some vocabularies count these tokens as text.
      stop: endTokens.sorted().compactMap { tokenizer.token($0) }, topLogProbabilities: 0)
    let end = CompletionEnd(point)
    var suggestion = CodeSuggestion(passages: prompt.passages, promptTokens: prompt.ids.count)
    var text = ""
    reading: for try await event in model.generate(request) {
      switch event {
      case .token(let token):
        if endTokens.contains(token.chosen.id) { break reading }
        suggestion.completionTokens += 1
      case .text(let piece):
        text += piece
        if end.ended(healed(text, at: point), isWhole: false) != nil { break reading }
      case .finished(let completion):
        suggestion.finishReason = completion.finishReason
      case .started, .warning: break
      }
    }
    try Task.checkCancellation()
    suggestion.text = finished(healed(text, at: point), end, at: point)
    suggestion.seconds = (ContinuousClock.now - start) / .seconds(1)
    return suggestion
  }

  /// Takes off the white space that stands in front of the cursor, where the model was not shown it.
  private func healed(_ text: String, at point: CompletionPoint) -> String {
    guard fillInTheMiddle == nil else { return text }
    let hidden = point.lineBefore.reversed().prefix { $0 == " " || $0 == "\t" }.count
    let own = min(hidden, text.prefix { $0 == " " || $0 == "\t" }.count)
    return String(text.dropFirst(own))
  }

  private func finished(_ text: String, _ end: CompletionEnd, at point: CompletionPoint) -> String {
    var result = end.ended(text, isWhole: true) ?? text
    // A model may write what stands after the cursor, too. One that saw it means a sign such as ")" as its own.
    let after = point.lineAfter.trimmed
    let isOwn = fillInTheMiddle != nil && (after.count < 4 || !after.contains { $0.isLetter })
    if !after.isEmpty, !isOwn, result.hasSuffix(after) { result.removeLast(after.count) }
    return result
  }
}
