import FoundationEssentials

// `localizedDescription` says what `description` says.

extension HTTPClientError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}
