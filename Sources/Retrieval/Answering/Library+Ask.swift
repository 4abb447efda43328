import MartletLanguageModels
import MartletVectorStore

extension Library {
  /// Answers a question from the documents: retrieves passages, shows the best ones to a model, and streams its words.
  ///
  /// Where the evidence is too weak the model is not even loaded, and the answer says so. Whether a passage supports the
  /// answer is known when it is finished.
  /// - Parameters:
  ///   - question: The question.
  ///   - settings: How passages are found and shown, and how the answer is drawn.
  ///   - model: Gives the model; called only when it is needed.
  /// - Returns: Events that end with ``AskEvent/finished(_:)`` or an error: of searching, of the model, ``AskError``,
  ///   or `CancellationError`.
  public func ask(
    _ question: String, settings: AskSettings = AskSettings(),
    model: @escaping @Sendable () throws -> any LanguageModel
  ) -> EventStream<AskEvent> {
    EventStream { continuation in
      let task = Task {
        do {
          try await answer(question, settings, model) { continuation.yield($0) }
          continuation.finish()
        } catch {
          continuation.finish(throwing: error)
        }
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }

  private func answer(
    _ question: String, _ settings: AskSettings, _ model: @Sendable () throws -> any LanguageModel,
    _ tell: @Sendable (AskEvent) -> Void
  ) async throws {
    let evidence = try evidence(
      for: question, by: settings.method, passages: settings.passageCount, quotes: settings.quoteCount,
      where: settings.filter, rerankedBy: settings.reranker, candidates: settings.candidateCount)
    tell(.found(evidence))
    if evidence.isQuestionTruncated {
      tell(
        .warning(
          "The question is longer than the embedder reads; semantic search looked for its beginning only."))
    }
    guard evidence.isSufficient || settings.answersAnyway, !evidence.results.isEmpty else {
      return tell(.finished(Answer(text: "", refusal: .weakEvidence, evidence: evidence)))
    }
    let model = try model()
    let prompt = try await AnswerPrompt.fitting(
      question, evidence: evidence, limit: max(settings.shownPassageCount, evidence.whole?.documents ?? 0),
      model: model, reserve: settings.maximumTokens)
    tell(.prompt(prompt))
    if !prompt.leftOut.isEmpty {
      let passages = prompt.leftOut.map { "[\($0)]" }.joined(separator: ", ")
      tell(.warning("The context of \(model.name) has no room for \(passages); the model does not see it."))
    }
    if let whole = evidence.whole, prompt.numbers.count < whole.passages {
      let documents = whole.documents == 1 ? "a whole document" : "\(whole.documents) whole documents"
      tell(
        .warning(
          "The question is about \(documents); the model sees the first \(prompt.numbers.count) of "
            + "\(whole.passages) passages."))
    }
    let request = GenerationRequest(
      .messages(prompt.messages), sampling: settings.sampling, maximumTokens: settings.maximumTokens)
    for try await event in model.generate(request) {
      switch event {
      case .started(_, let cut) where cut > 0: tell(.warning("\(cut) tokens of the prompt were cut."))
      case .started, .token: break
      case .warning(let text): tell(.warning(text))
      case .text(let text): if !settings.requiresSupport { tell(.text(text)) }
      case .finished(let completion):
        var answer = Answer(
          text: completion.text, shownPassages: prompt.numbers,
          supportingPassages: try support(for: completion.text, question, prompt.numbers, evidence.results),
          unknownCitations: Citations(completion.text).numbers(
            notAmong: prompt.numbers, of: evidence.results),
          evidence: evidence, finishReason: completion.finishReason)
        if settings.requiresSupport {
          if answer.supportingPassages.isEmpty {
            (answer.text, answer.refusal) = ("", .unsupported)
          } else {
            tell(.text(answer.text))
          }
        }
        tell(.finished(answer))
      }
    }
  }

  /// Which of the passages hold the words that the answer has and the question has not: nearly all of them, by weight,
  /// and each number.
  private func support(
    for answer: String, _ question: String, _ numbers: [Int], _ results: [SearchResult]
  ) throws -> [Int] {
    let asked = Stem.all(in: question)
    let answer = Self.withoutOpening(Citations(answer).textWithoutThem)
    let ownWords = KeywordQuery(answer).words.filter {
      !asked.contains(Stem.of($0)) && !AnswerNumbers.mayBeWord($0)
    }
    let words = try QuestionWords(
      (ownWords.isEmpty ? KeywordQuery(answer).words : ownWords).joined(separator: " "), in: documents)
    let figures = AnswerNumbers(answer, beside: question)
    let coverages = numbers.compactMap { number -> (number: Int, coverage: Double)? in
      let text = results[number - 1].textWithPlace
      return figures.areHeld(by: text) ? (number, words.coverage(by: text)) : nil
    }
    let best = coverages.map(\.coverage).max() ?? 0
    guard best >= Self.supportedShare else { return [] }
    return coverages.filter { $0.coverage >= best - 0.05 }.map(\.number)
  }

  /// An answer without "According to the passage," and "Based on the information provided in the passages,", which say
  /// where the model has it from and not what it is.
  private static func withoutOpening(_ answer: String) -> String {
    guard
      let opening = answer.prefixMatch(of: /\s*(?:According to|Based on)\b[^,.:]*\bpassages?\b[^,.:]*[,:]\s*/)
    else { return answer }
    return String(answer[opening.range.upperBound...])
  }

  /// The share of an answer's own words that a passage must have to count as its source.
  private static let supportedShare = 0.6
}
