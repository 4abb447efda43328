import FoundationEssentials

// `localizedDescription` says what `description` says.

extension PromptLogError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}
