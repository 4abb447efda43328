import FoundationEssentials

// `localizedDescription` says what `description` says.

extension YAMLError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}
