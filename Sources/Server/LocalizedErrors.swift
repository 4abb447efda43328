import FoundationEssentials

// `localizedDescription` says what `description` says.

extension HTTPError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}

extension ServerError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}
