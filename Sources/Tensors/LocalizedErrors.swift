import FoundationEssentials

// `localizedDescription` says what `description` says.

extension DeviceError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}

extension TensorError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}

extension GradientError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}

extension PagePoolError: LocalizedError {
  /// What was wrong, where, and what to do.
  public var errorDescription: String? { description }
}
