import FoundationEssentials

// `localizedDescription` says what `description` says.

extension JSONError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}
