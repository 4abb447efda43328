import FoundationEssentials

// `localizedDescription` says what `description` says.

extension MetricError: LocalizedError {
  /// What was wrong.
  public var errorDescription: String? { description }
}
