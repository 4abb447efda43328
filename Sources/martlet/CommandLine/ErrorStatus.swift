import Tensors

extension ExitStatus {
  /// How the program ends after an error: the one place that knows every module's errors.
  init(for error: any Error) {
    switch error {
    case is UsageError: self = .usage
    case is DeviceError: self = .unavailable
    case is CancellationError: self = .interrupted
    case let error as InputOutputError: self = error.status
    case let error as ReportedFailure: self = error.status
    default: self = .software
    }
  }
}

/// A failure whose status is decided where it is found.
struct ReportedFailure: Error, CustomStringConvertible, Sendable, Equatable {
  let status: ExitStatus
  let description: String

  init(_ status: ExitStatus, _ description: String) {
    self.status = status
    self.description = description
  }
}
