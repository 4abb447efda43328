import MartletJSON

/// A request that is refused or that failed, in the form in which Chroma's clients read it.
public struct HTTPError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The status code.
  public var status: Int
  /// The kind of error, which clients make an exception of.
  public var name: String
  /// What was wrong, where, and what to do.
  public var message: String
  /// Header fields that the status wants.
  public var headers: HTTPHeaders
  /// What only the server's log says: paths, SQL, and other details of this machine.
  public var detail: String?

  /// Creates an error.
  public init(
    status: Int, name: String = "ChromaError", message: String, headers: HTTPHeaders = HTTPHeaders(),
    detail: String? = nil
  ) {
    self.status = status
    self.name = name
    self.message = message
    self.headers = headers
    self.detail = detail
  }

  /// 400: a value that cannot be.
  public static func invalid(_ message: String) -> HTTPError {
    HTTPError(status: 400, name: "InvalidArgumentError", message: message)
  }

  /// 404: something that is not there.
  public static func notFound(_ message: String) -> HTTPError {
    HTTPError(status: 404, name: "NotFoundError", message: message)
  }

  /// 422: JSON of another shape than the route reads.
  public static func misshapen(_ message: String) -> HTTPError { HTTPError(status: 422, message: message) }

  /// 501: something of Chroma's that this server does not have.
  public static func notImplemented(_ message: String) -> HTTPError {
    HTTPError(status: 501, message: message)
  }

  /// 500: a fault that is not the client's. `detail` goes to the log alone.
  public static func fault(_ message: String, detail: String? = nil) -> HTTPError {
    HTTPError(status: 500, name: "InternalError", message: message, detail: detail)
  }

  /// 413: a body above the limit.
  static func tooLarge(limit: Int) -> HTTPError {
    HTTPError(
      status: 413,
      message:
        "The body is larger than the \(limit) bytes that this server takes. Send it in parts, or start the "
        + "server with a larger --max-body.")
  }

  /// The status and the message.
  public var description: String { "\(status) \(name): \(message)" }

  /// The answer that tells it. Chroma's clients give `traceID` to their users as `trace_id`.
  func response(traceID: String) -> HTTPResponse {
    let hint = detail == nil ? "" : " The server's log says more under trace \(traceID)."
    let body: JSON = ["error": .string(name), "message": .string(message + hint)]
    var response = HTTPResponse.json(body, status: status)
    for field in headers.fields { response.headers.append(field.name, field.value) }
    response.headers.append("chroma-trace-id", traceID)
    return response
  }
}
