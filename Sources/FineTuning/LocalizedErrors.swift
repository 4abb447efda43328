import Foundation

// `localizedDescription` is what most programs print of an error.

extension TrainingDataError: LocalizedError {
  /// ``description``.
  public var errorDescription: String? { description }
}

extension TrainingError: LocalizedError {
  /// ``description``.
  public var errorDescription: String? { description }
}
