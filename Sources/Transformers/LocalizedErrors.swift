import FoundationEssentials

// `localizedDescription` says what `description` says.

extension ModelError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}

extension AdapterError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}
