import MartletHTTPClient
import MartletJSON
import MartletVectorStore

/// Requests to a server that speaks Chroma's protocol, one at a time.
final class ChromaClient {
  /// The store, as messages call it.
  let title: String
  private let address: String
  private let key: String?
  private let connection: HTTPConnection

  /// The server may be silent for long: Chroma links new vectors into its graph while it works on a request.
  private static let timeouts = HTTPTimeouts(connectSeconds: 10, silenceSeconds: 300)
  private static let longestAnswer = 1 << 30

  /// - Parameters:
  ///   - address: Scheme, host and port.
  ///   - key: What the server wants to be shown, if anything.
  ///   - title: What the store is called in messages.
  init(address: String, key: String?, title: String) throws(RemoteStoreError) {
    do throws(HTTPClientError) { connection = try HTTPConnection() } catch {
      throw .unreachable(store: title, detail: "\(error)")
    }
    (self.address, self.key, self.title) = (address, key, title)
  }

  /// A request to a path below the interface's root.
  ///
  /// - Parameters:
  ///   - method: GET, POST, PUT or DELETE.
  ///   - path: Percent-encoded, with a slash in front.
  ///   - body: JSON.
  /// - Returns: The body of an answer of success.
  /// - Throws: `ChromaRefusal` for any other answer, `RemoteStoreError`, `CancellationError`.
  func send(_ method: String, _ path: String, _ body: [UInt8]? = nil) throws -> [UInt8] {
    let answer = try perform(
      HTTPClient.Request(method: method, "\(address)/api/v2\(path)", fields: fields, body: body))
    guard answer.head.isSuccess else {
      throw ChromaRefusal(store: title, status: answer.head.status, body: answer.body)
    }
    return answer.body
  }

  /// A request whose answer is JSON.
  func json(_ method: String, _ path: String, _ body: JSON? = nil) throws -> JSON {
    let answer = try send(method, path, body.map { Array($0.serialized().utf8) })
    do { return try JSON(parsing: answer) } catch {
      throw RemoteStoreError.unexpectedAnswer(store: title, detail: "\(path) is no JSON")
    }
  }

  // MARK: Parts

  private var fields: HTTPFields {
    var fields: HTTPFields = ["Content-Type": "application/json", "Accept": "application/json"]
    // Chroma's servers are set up to look at one of these or the other.
    if let key {
      fields.setSecret("X-Chroma-Token", to: key)
      fields.setSecret("Authorization", to: "Bearer \(key)")
    }
    return fields
  }

  private func perform(_ request: HTTPClient.Request) throws -> HTTPClient.Response {
    do {
      return try connection.send(
        request, timeouts: Self.timeouts, longestAnswer: Self.longestAnswer,
        isCancelled: { Cancellation.isRequested })
    } catch let error as HTTPClientError {
      switch error {
      case .cancelled: throw CancellationError()
      case .tooLong:
        throw RemoteStoreError.unexpectedAnswer(store: title, detail: "it is longer than a gigabyte")
      case .unreachable(_, let reason), .untrusted(_, let reason), .broken(_, let reason):
        throw RemoteStoreError.unreachable(store: title, detail: reason)
      case .silent(_, let seconds), .timedOut(_, let seconds):
        throw RemoteStoreError.unreachable(
          store: title, detail: "it does not answer (nothing came for \(seconds) s)")
      case .invalidAddress, .invalidField, .redirected, .eventTooLong, .unusable:
        throw RemoteStoreError.unreachable(store: title, detail: "\(error)")
      }
    }
  }
}

/// An answer of a server's that is no success.
struct ChromaRefusal: Error, CustomStringConvertible {
  let store: String
  let status: Int
  /// What the server says, in its own words.
  let message: String

  init(store: String, status: Int, body: [UInt8]) {
    self.store = store
    self.status = status
    let json = try? JSON(parsing: body)
    message =
      json?["message"]?.stringValue ?? json?["detail"]?.stringValue ?? json?["error"]?.stringValue
      ?? String(decoding: body.prefix(300), as: UTF8.self)
  }

  var description: String { error.description }

  /// The error for somebody who did not expect any.
  var error: RemoteStoreError {
    switch status {
    case 401, 403:
      return .noPermission(
        store: store,
        detail:
          "status \(status)\(message.isEmpty ? "" : ", \(message)"); the environment's MARTLET_API_KEY takes the key"
      )
    case 502, 503, 504: return .unreachable(store: store, detail: "status \(status), \(message)")
    case 300..<400:
      return .unexpectedAnswer(store: store, detail: "it redirects (status \(status)), which is not followed")
    default:
      return .refused(
        store: store, detail: "status \(status), \(message.isEmpty ? "without a reason" : message)")
    }
  }
}
