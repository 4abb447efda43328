import FoundationEssentials

// `localizedDescription` says what `description` says.

extension CodeCompletionError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}
