import FoundationEssentials

// `localizedDescription` says what `description` says.

extension TokenizerError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}

extension BytePairTrainingError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}
