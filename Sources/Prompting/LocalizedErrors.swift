import FoundationEssentials

// `localizedDescription` says what `description` says.

extension PromptLogError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}

extension PromptingError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}

extension AnswerPatternError: LocalizedError {
  /// What was wrong.
  public var errorDescription: String? { description }
}
