import MartletHTTPClient

/// Why a download did not come to its end.
enum HTTPFailure: Error, Equatable {
  /// The person broke off.
  case cancelled
  /// Nobody answers there at all.
  case unreachable(String)
  /// It may go better next time, and not before `after` where the server said so.
  case passing(String, after: Duration? = nil)
  /// It will not go better.
  case lasting(String)
  /// This machine could not keep what came.
  case local(CheckpointError)

  /// What an error of the connection means for the download from `address`.
  init(_ error: HTTPClientError, address: String) {
    self =
      switch error {
      case .cancelled: .cancelled
      case .unreachable(_, let reason):
        .unreachable("\(HTTPOrigin(address)?.host ?? address) cannot be reached (\(reason))")
      case .silent(_, let seconds), .timedOut(_, let seconds):
        .passing("the server has sent nothing for \(seconds) s")
      case .broken(_, let reason): .passing("the connection broke (\(reason))")
      case .untrusted(_, let reason): .lasting("\(address) cannot be fetched (\(reason))")
      case .invalidAddress, .invalidField, .tooLong, .redirected, .eventTooLong, .unusable:
        .lasting("\(address) cannot be fetched (\(error))")
      }
  }
}

extension Duration {
  /// The length in seconds.
  var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
