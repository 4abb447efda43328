import MartletGrammars
import MartletTokenizers

/// Holds a completion to its form, token by token.
///
/// The form is that of the answer. What a model that thinks writes between its marks is free, wherever the thinking begins:
/// in the prompt, which the template may end with the opening mark, or as the first token.
struct CompletionForm: Sendable {
  /// The tokens around what a model thinks.
  struct ThinkingMarks: Sendable, Equatable {
    let open: TokenID
    let close: TokenID
  }

  /// What a token is part of.
  enum Part { case thought, mark, answer }

  private enum Phase { case beginning, thinking, thought, answer }

  private let vocabulary: FormVocabulary
  private var state: GrammarState
  private var phase: Phase

  /// - Parameters:
  ///   - state: The beginning of the form.
  ///   - prompt: The tokens before the completion.
  ///   - mayThink: Whether the completion may begin with thinking that the prompt has not begun.
  init(_ state: GrammarState, _ vocabulary: FormVocabulary, after prompt: [TokenID], mayThink: Bool) {
    self.state = state
    self.vocabulary = vocabulary
    phase = .answer
    guard let marks = vocabulary.marks else { return }
    switch prompt.lastIndex(where: { $0 == marks.open || $0 == marks.close }) {
    case let index? where prompt[index] == marks.open: phase = .thinking
    // The template has written that nothing is thought.
    case let index? where prompt[(index + 1)...].allSatisfy(vocabulary.isBlank): phase = .answer
    default: phase = mayThink ? .beginning : .answer
    }
  }

  /// Whether the model is thinking.
  var isThinking: Bool { phase == .thinking }

  /// Whether the text is whole and nothing may follow.
  var isFinished: Bool { phase == .answer && state.isComplete && !state.canContinue }

  /// The tokens that may come next.
  func mask() -> TokenMask {
    var mask: TokenMask
    switch phase {
    case .thinking: return vocabulary.thinkingMask
    case .answer: mask = state.mask()
    case .beginning:
      mask = state.mask()
      if let marks = vocabulary.marks { mask[Int(marks.open)] = true }
    case .thought:
      mask = state.mask()
      for token in vocabulary.blanks { mask[Int(token)] = true }
    }
    if state.isComplete {
      for token in vocabulary.endTokens { mask[Int(token)] = true }
    }
    return mask
  }

  /// Takes a token that was drawn.
  /// - Throws: ``GenerationError/everyTokenForbidden`` for a token outside the mask.
  mutating func accept(_ token: TokenID) throws(GenerationError) -> Part {
    switch phase {
    case .beginning where token == vocabulary.marks?.open:
      phase = .thinking
      return .mark
    case .thinking:
      guard token == vocabulary.marks?.close else { return .thought }
      phase = .thought
      return .mark
    case .thought where vocabulary.isBlank(token):
      // One, which models write before the answer.
      phase = .answer
      return .mark
    case .beginning, .thought, .answer:
      guard state.accept(token: Int(token)) else { throw .everyTokenForbidden }
      phase = .answer
      return .answer
    }
  }
}
