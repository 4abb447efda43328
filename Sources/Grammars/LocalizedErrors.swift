import FoundationEssentials

// `localizedDescription` says what `description` says.

extension GrammarError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}
