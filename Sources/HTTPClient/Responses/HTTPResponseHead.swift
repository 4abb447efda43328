import Foundation
import MartletCCurl

/// The head of an answer: its status and header fields.
public struct HTTPResponseHead: Sendable, Equatable {
  /// The status, such as 200.
  public var status: Int
  /// The fields by name in lower case; of a field that stands there twice, the last.
  public var fields: [String: String]

  /// A head.
  public init(status: Int, fields: [String: String] = [:]) {
    self.status = status
    self.fields = fields
  }

  /// Whether the status says that all is well: 200 to 299.
  public var isSuccess: Bool { (200..<300).contains(status) }

  /// The kind of the body without its parameters, such as `application/json`; nil where the server does not say.
  public var mediaType: String? {
    fields["content-type"]?.split(separator: ";").first
      .map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
  }

  /// The length that the server promises for the body of this answer.
  public var contentLength: Int? {
    fields["content-length"].flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
  }

  /// The first byte that a partial answer holds, and the length of the whole where that is known: `bytes 5-9/10`,
  /// or `bytes */10` in an answer that no byte lies in the asked range (RFC 9110, section 14.4).
  public var contentRange: (first: Int?, total: Int?)? {
    guard let text = fields["content-range"], text.lowercased().hasPrefix("bytes ") else { return nil }
    let parts = text.dropFirst("bytes ".count).split(separator: "/")
    guard parts.count == 2 else { return nil }
    let first = parts[0].split(separator: "-").first.flatMap { Int($0) }
    return (first, Int(parts[1]))
  }

  /// Whether this status sends the client to another address.
  public var isRedirection: Bool { [301, 302, 303, 307, 308].contains(status) }

  /// How long the server asks to be left alone: `retry-after-ms` in milliseconds, which OpenAI's API sends, or
  /// `retry-after` in seconds or as a date (RFC 9110, section 10.2.3).
  public func retryAfter(now: Int = time(nil)) -> Duration? {
    if let text = fields["retry-after-ms"], let milliseconds = Double(text), milliseconds.isFinite {
      return .milliseconds(Int(min(max(0, milliseconds), 1e9)))
    }
    guard let text = fields["retry-after"] else { return nil }
    if let seconds = Double(text), seconds.isFinite {
      return .milliseconds(Int(min(max(0, seconds), 1_000_000) * 1000))
    }
    let date = curl_getdate(text, nil)
    return date < 0 ? nil : .seconds(min(max(0, date - now), 1_000_000))
  }
}
