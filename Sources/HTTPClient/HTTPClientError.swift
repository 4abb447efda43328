/// Why a request got no answer. No case holds a header field, so that no key can be in a message.
public enum HTTPClientError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The address is not an http or https address.
  case invalidAddress(String)
  /// A header field has a line break or another control character in its name or value.
  case invalidField(name: String)
  /// Nobody answers at this host: its name is unknown, it refuses the connection, or TLS fails.
  case unreachable(host: String, reason: String)
  /// The host's certificate is not one to trust.
  case untrusted(host: String, reason: String)
  /// The host has sent nothing for so many seconds.
  case silent(host: String, seconds: Int)
  /// The whole exchange took longer than it may.
  case timedOut(host: String, seconds: Int)
  /// The connection broke while the answer was awaited or read.
  case broken(host: String, reason: String)
  /// The answer is longer than the request allows.
  case tooLong(host: String, limit: Int)
  /// The answer sends the client elsewhere, where it does not go.
  case redirected(host: String, reason: String)
  /// An event of a stream, or a line of it, is longer than allowed.
  case eventTooLong(limit: Int)
  /// libcurl cannot be used.
  case unusable(reason: String)
  /// The task was cancelled.
  case cancelled

  /// What is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .invalidAddress(let address):
      "\(address) is not an address of http or https. Write it as in https://example.org/path."
    case .invalidField(let name):
      "The header field \(name) has a control character in it. Remove line breaks from its value."
    case .unreachable(let host, let reason): "\(host) cannot be reached (\(reason))."
    case .untrusted(let host, let reason): "\(host) cannot be trusted (\(reason))."
    case .silent(let host, let seconds): "\(host) has sent nothing for \(seconds) s."
    case .timedOut(let host, let seconds): "\(host) took longer than \(seconds) s."
    case .broken(let host, let reason): "The connection to \(host) broke (\(reason))."
    case .tooLong(let host, let limit): "The answer of \(host) is longer than \(limit) bytes."
    case .redirected(let host, let reason): "\(host) redirects the request, which is not followed: \(reason)."
    case .eventTooLong(let limit): "An event of the stream is longer than \(limit) bytes."
    case .unusable(let reason): "libcurl cannot be used: \(reason)."
    case .cancelled: "The request was cancelled."
    }
  }
}
