import FoundationEssentials

// `localizedDescription` says what `description` says.

extension InspectionError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}

extension NewFileError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}
