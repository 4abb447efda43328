import FoundationEssentials

// `localizedDescription` says what `description` says.

extension ProviderError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}
