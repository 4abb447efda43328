import FoundationEssentials

// `localizedDescription` says what `description` says.

extension SandboxError: LocalizedError {
  /// What was wrong, and what to do.
  public var errorDescription: String? { description }
}
