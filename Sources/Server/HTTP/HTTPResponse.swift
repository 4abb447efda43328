import MartletJSON

/// An answer.
public struct HTTPResponse: Sendable {
  /// What is sent behind the head.
  public enum Body: Sendable {
    /// These bytes, whose number the head tells.
    case bytes([UInt8])
  }

  /// The status code: 200 and such.
  public var status: Int
  /// Header fields besides those that the server adds (length, date, connection).
  public var headers: HTTPHeaders
  /// What is sent behind the head.
  public var body: Body
  /// Its share of the memory for answers, which is kept until it was sent.
  var share: AnswerShare?

  /// Creates an answer.
  public init(status: Int, headers: HTTPHeaders = HTTPHeaders(), body: Body) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// An answer of JSON text.
  public static func json(_ text: [UInt8], status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, headers: ["Content-Type": "application/json"], body: .bytes(text))
  }

  /// An answer of JSON.
  public static func json(_ value: JSON, status: Int = 200) -> HTTPResponse {
    json(Array(value.serialized().utf8), status: status)
  }
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
  /// Fields in the order written.
  public init(dictionaryLiteral elements: (String, String)...) {
    self.init()
    for (name, value) in elements { append(name, value) }
  }
}
