import MartletCCurl
import MartletJSON
import MartletVectorStore

/// Requests to a server that speaks Chroma's protocol, one at a time.
final class ChromaClient {
  /// The store, as messages call it.
  let title: String
  private let address: String
  private let key: String?
  private let handle: UnsafeMutableRawPointer

  /// Seconds until a server that does not answer the telephone is given up.
  private static let connectSeconds = 10
  /// Seconds in which a server that works on a request may be silent. Chroma links new vectors into its graph meanwhile.
  private static let silentSeconds = 300
  private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  /// - Parameters:
  ///   - address: Scheme, host and port.
  ///   - key: What the server wants to be shown, if anything.
  ///   - title: What the store is called in messages.
  init(address: String, key: String?, title: String) throws(RemoteStoreError) {
    guard Self.isReady, let handle = curl_easy_init() else {
      throw .unreachable(store: title, detail: "libcurl cannot be started")
    }
    (self.address, self.key, self.title, self.handle) = (address, key, title, handle)
  }

  deinit { curl_easy_cleanup(handle) }

  /// A request to a path below the interface's root.
  ///
  /// - Parameters:
  ///   - method: GET, POST, PUT or DELETE.
  ///   - path: Percent-encoded, with a slash in front.
  ///   - body: JSON.
  /// - Returns: The body of an answer of success.
  /// - Throws: `ChromaRefusal` for any other answer, `RemoteStoreError`, `CancellationError`.
  func send(_ method: String, _ path: String, _ body: [UInt8]? = nil) throws -> [UInt8] {
    let exchange = Exchange()
    let status = try perform(method, "\(address)/api/v2\(path)", body, exchange)
    guard (200..<300).contains(status) else {
      throw ChromaRefusal(store: title, status: status, body: exchange.body)
    }
    return exchange.body
  }

  /// A request whose answer is JSON.
  func json(_ method: String, _ path: String, _ body: JSON? = nil) throws -> JSON {
    let answer = try send(method, path, body.map { Array($0.serialized().utf8) })
    do { return try JSON(parsing: answer) } catch {
      throw RemoteStoreError.unexpectedAnswer(store: title, detail: "\(path) is no JSON")
    }
  }

  // MARK: Parts

  private func perform(_ method: String, _ url: String, _ body: [UInt8]?, _ exchange: Exchange) throws -> Int
  {
    curl_easy_reset(handle)
    var fields = ["Content-Type: application/json", "Accept: application/json", "Expect:"]
    // Chroma's servers are set up to look at one of these or the other.
    if let key { fields += ["X-Chroma-Token: \(key)", "Authorization: Bearer \(key)"] }
    var list: UnsafeMutablePointer<curl_slist>?
    for field in fields { list = curl_slist_append(list, field) }
    defer { curl_slist_free_all(list) }
    let code: CURLcode = (body ?? []).withUnsafeBytes { bytes in
      withExtendedLifetime(exchange) {
        let context = Unmanaged.passUnretained(exchange).toOpaque()
        guard configure(method, url, list, body == nil ? nil : bytes, context) else {
          return CURLE_FAILED_INIT
        }
        return curl_easy_perform(handle)
      }
    }
    if Cancellation.isRequested { throw CancellationError() }
    guard code == CURLE_OK else {
      let text = String(cString: curl_easy_strerror(code))
      if exchange.isTooLong {
        throw RemoteStoreError.unexpectedAnswer(store: title, detail: "it is longer than a gigabyte")
      }
      throw RemoteStoreError.unreachable(
        store: title,
        detail: code == CURLE_OPERATION_TIMEDOUT ? "it does not answer (\(text))" : text)
    }
    return Int(martlet_curl_response_code(handle))
  }

  private func configure(
    _ method: String, _ url: String, _ list: UnsafeMutablePointer<curl_slist>?,
    _ body: UnsafeRawBufferPointer?, _ context: UnsafeMutableRawPointer
  ) -> Bool {
    var codes = [
      martlet_curl_set_text(handle, CURLOPT_URL, url),
      martlet_curl_set_text(handle, CURLOPT_CUSTOMREQUEST, method),
      martlet_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https"),
      martlet_curl_set_text(handle, CURLOPT_USERAGENT, "martlet"),
      martlet_curl_set_list(handle, CURLOPT_HTTPHEADER, list),
      martlet_curl_set_number(handle, CURLOPT_NOSIGNAL, 1),
      martlet_curl_set_number(handle, CURLOPT_CONNECTTIMEOUT, Self.connectSeconds),
      martlet_curl_set_number(handle, CURLOPT_LOW_SPEED_LIMIT, 1),
      martlet_curl_set_number(handle, CURLOPT_LOW_SPEED_TIME, Self.silentSeconds),
      martlet_curl_set_writer(handle, Exchange.take, context),
      martlet_curl_set_meter(handle, { _, _, _, _, _ in Cancellation.isRequested ? 1 : 0 }, context),
    ]
    if isLoopback { codes.append(martlet_curl_set_text(handle, CURLOPT_NOPROXY, "*")) }
    if let body {
      codes.append(martlet_curl_set_number(handle, CURLOPT_POSTFIELDSIZE, body.count))
      codes.append(
        martlet_curl_set_text(
          handle, CURLOPT_POSTFIELDS, body.baseAddress?.assumingMemoryBound(to: CChar.self)))
    }
    return codes.allSatisfy { $0 == CURLE_OK }
  }

  /// A proxy is for other machines.
  private var isLoopback: Bool {
    ["://localhost", "://127.", "://[::1]"].contains { address.contains($0) }
  }
}

/// What comes back, for libcurl's callback, which is a plain function.
private final class Exchange {
  private(set) var body = [UInt8]()
  private(set) var isTooLong = false
  private static let longest = 1 << 30

  static let take: @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int =
    {
      bytes, size, count, context in
      guard let context else { return 0 }
      let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
      guard exchange.body.count + size * count <= Exchange.longest else {
        exchange.isTooLong = true
        return 0
      }
      exchange.body.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: size * count))
      return size * count
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
