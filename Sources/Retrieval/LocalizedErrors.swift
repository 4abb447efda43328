import FoundationEssentials

// `localizedDescription` says what `description` says.

extension PassageFilterError: LocalizedError {
  /// What is wrong, and what to do.
  public var errorDescription: String? { description }
}

extension AskError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}
