import Foundation
import MartletCCurl

/// The head of an answer: its status and header fields.
package struct HTTPResponse: Sendable, Equatable {
  package var status: Int
  /// By name in lower case; of a field that stands there twice, the last.
  package var fields: [String: String] = [:]

  /// The length that the server promises for the body of this answer.
  package var contentLength: Int? {
    fields["content-length"].flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
  }

  /// The first byte that a partial answer holds, and the length of the whole where that is known: `bytes 5-9/10`,
  /// or `bytes */10` in an answer that no byte lies in the asked range (RFC 9110, section 14.4).
  package var contentRange: (first: Int?, total: Int?)? {
    guard let text = fields["content-range"], text.lowercased().hasPrefix("bytes ") else { return nil }
    let parts = text.dropFirst("bytes ".count).split(separator: "/")
    guard parts.count == 2 else { return nil }
    let first = parts[0].split(separator: "-").first.flatMap { Int($0) }
    return (first, Int(parts[1]))
  }

  /// Whether this status sends the client to another address.
  package var isRedirection: Bool { [301, 302, 303, 307, 308].contains(status) }

  /// How long the server asks to be left alone: seconds, or a date (RFC 9110, section 10.2.3).
  package func retryAfter(now: Int = time(nil)) -> Duration? {
    guard let text = fields["retry-after"] else { return nil }
    if let seconds = Int(text) { return .seconds(min(max(0, seconds), 1_000_000)) }
    let date = curl_getdate(text, nil)
    return date < 0 ? nil : .seconds(min(max(0, date - now), 1_000_000))
  }
}

/// Whom one speaks to: what a secret for one server is held to.
package struct HTTPOrigin: Equatable {
  let scheme: String
  let host: String
  let port: Int

  /// Nil for what is no address of http or https.
  package init?(_ address: String) {
    guard let parts = URLComponents(string: address), let scheme = parts.scheme?.lowercased(),
      let host = parts.host?.lowercased(), !host.isEmpty, ["http", "https"].contains(scheme)
    else { return nil }
    self.scheme = scheme
    self.host = host
    port = parts.port ?? (scheme == "https" ? 443 : 80)
  }
}

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
}

/// How often, and how patiently, a download is tried again.
package struct HTTPPatience: Sendable {
  /// Tries that may fail one after the other without bringing anything.
  package var tries: Int
  /// The pause after the first failure; each further one is twice as long.
  package var firstPause: Duration
  package var longestPause: Duration
  /// The longest `Retry-After` that is waited for.
  package var longestWish: Duration
  package var connectSeconds: Int
  /// A connection that brings nothing for so long is given up.
  package var stallSeconds: Int

  package init(
    tries: Int = 6, firstPause: Duration = .seconds(1), longestPause: Duration = .seconds(30),
    longestWish: Duration = .seconds(120), connectSeconds: Int = 20, stallSeconds: Int = 30
  ) {
    self.tries = tries
    self.firstPause = firstPause
    self.longestPause = longestPause
    self.longestWish = longestWish
    self.connectSeconds = connectSeconds
    self.stallSeconds = stallSeconds
  }

  /// The pause after so many failures. A random part keeps many clients from coming back at the same moment.
  func pause(afterFailures failures: Int) -> Duration {
    let whole = min(longestPause, firstPause * Double(1 << min(failures - 1, 20)))
    return whole * Double.random(in: 0.75...1)
  }
}

extension Duration {
  /// The length in seconds.
  var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
