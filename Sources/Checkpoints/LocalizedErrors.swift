import FoundationEssentials

// `localizedDescription` says what `description` says.

extension CheckpointError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}

extension ConversionError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}
