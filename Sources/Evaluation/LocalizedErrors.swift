import FoundationEssentials
import MartletPrompting

// `localizedDescription` says what `description` says.

extension TaskError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}

extension RunStoreError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}

extension JudgingError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}

extension ReportError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}

extension ExperimentError: LocalizedError {
  /// What was wrong, and what to do.
  public var errorDescription: String? { description }
}
