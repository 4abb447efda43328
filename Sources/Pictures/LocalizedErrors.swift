import FoundationEssentials

// `localizedDescription` says what `description` says.

extension PictureError: LocalizedError {
  /// What was wrong.
  public var errorDescription: String? { description }
}
