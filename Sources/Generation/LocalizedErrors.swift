import FoundationEssentials

// `localizedDescription` says what `description` says.

extension GenerationError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}

extension SamplingError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}
