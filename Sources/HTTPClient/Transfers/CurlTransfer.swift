import MartletCCurl

/// One request as a handle of libcurl's, which follows no redirection by itself: what may be sent where is decided above.
///
/// The handle belongs to one thread at a time.
final class CurlTransfer {
  let handle: UnsafeMutableRawPointer
  private let origin: HTTPOrigin
  private let timeouts: HTTPTimeouts
  private let state: TransferState
  private var lines: UnsafeMutablePointer<curl_slist>?
  private let start = ContinuousClock.now

  private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  init(
    _ request: HTTPClient.Request, timeouts: HTTPTimeouts, receiver: any HTTPReceiver
  ) throws(HTTPClientError) {
    try request.check()
    guard let origin = HTTPOrigin(request.address) else { throw .invalidAddress(request.address) }
    guard Self.isReady, let handle = curl_easy_init() else { throw .unusable(reason: "it does not start") }
    self.handle = handle
    self.origin = origin
    self.timeouts = timeouts
    state = TransferState(receiver)
    guard configure(request) else { throw .unusable(reason: "it refuses the request to \(origin)") }
  }

  deinit {
    curl_easy_cleanup(handle)
    curl_slist_free_all(lines)
  }

  /// Where a redirection leads, as a whole address, once the transfer is done; nil where there is none.
  var redirection: String? { martlet_curl_redirect(handle).map { String(cString: $0) } }

  private func configure(_ request: HTTPClient.Request) -> Bool {
    for field in request.fields.fields {
      lines = curl_slist_append(lines, "\(field.name): \(field.value)")
    }
    // Without this, libcurl waits a second for leave to send a long body.
    lines = curl_slist_append(lines, "Expect:")
    let context = Unmanaged.passUnretained(state).toOpaque()
    var codes = [
      martlet_curl_set_text(handle, CURLOPT_URL, request.address),
      martlet_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https"),
      martlet_curl_set_text(handle, CURLOPT_USERAGENT, "martlet"),
      martlet_curl_set_list(handle, CURLOPT_HTTPHEADER, lines),
      martlet_curl_set_number(handle, CURLOPT_NOSIGNAL, 1),
      martlet_curl_set_number(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1),
      // A transfer that is given up while a name is looked up would hold the thread of all others until that ends.
      martlet_curl_set_number(handle, CURLOPT_QUICK_EXIT, 1),
      // A model may think for minutes, while routers forget connections that are silent.
      martlet_curl_set_number(handle, CURLOPT_TCP_KEEPALIVE, 1),
      martlet_curl_set_number(handle, CURLOPT_CONNECTTIMEOUT, max(1, timeouts.connectSeconds)),
      martlet_curl_set_header_reader(handle, readHeader, context),
      martlet_curl_set_writer(handle, readBody, context),
    ]
    if let silence = timeouts.silenceSeconds {
      codes.append(martlet_curl_set_number(handle, CURLOPT_LOW_SPEED_LIMIT, 1))
      codes.append(martlet_curl_set_number(handle, CURLOPT_LOW_SPEED_TIME, max(1, silence)))
    }
    if let whole = timeouts.wholeSeconds {
      codes.append(martlet_curl_set_number(handle, CURLOPT_TIMEOUT, max(1, whole)))
    }
    // A proxy is for other machines.
    if origin.isLoopback { codes.append(martlet_curl_set_text(handle, CURLOPT_NOPROXY, "*")) }
    switch request.method {
    case "GET" where request.body == nil: break
    case "HEAD": codes.append(martlet_curl_set_number(handle, CURLOPT_NOBODY, 1))
    default: codes.append(martlet_curl_set_text(handle, CURLOPT_CUSTOMREQUEST, request.method))
    }
    if let body = request.body {
      codes.append(martlet_curl_set_number(handle, CURLOPT_POSTFIELDSIZE, body.count))
      // libcurl's own copy: the handle outlives this function.
      codes.append(
        (body + [0]).withUnsafeBytes {
          martlet_curl_set_text(
            handle, CURLOPT_COPYPOSTFIELDS, $0.baseAddress?.assumingMemoryBound(to: CChar.self))
        })
    }
    return codes.allSatisfy { $0 == CURLE_OK }
  }

  /// Why the transfer ended; nil where it came to its end, or where the body is not wanted.
  func failure(_ code: CURLcode) -> (any Error)? {
    if let failure = state.failure { return failure }
    // The body of a redirection is not read; libcurl calls that a failed write.
    if code == CURLE_OK || (code == CURLE_WRITE_ERROR && state.stage == .unwanted) { return nil }
    let reason = String(cString: curl_easy_strerror(code))
    let host = origin.description
    switch code {
    case CURLE_OPERATION_TIMEDOUT:
      // libcurl's own clock may be a little behind this one.
      if let whole = timeouts.wholeSeconds,
        ContinuousClock.now - start >= .seconds(max(1, whole)) - .milliseconds(500)
      {
        return HTTPClientError.timedOut(host: host, seconds: max(1, whole))
      }
      guard state.stage == .head, !state.isConnected(handle) else {
        return HTTPClientError.silent(host: host, seconds: max(1, timeouts.silenceSeconds ?? 0))
      }
      return HTTPClientError.unreachable(host: host, reason: reason)
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT,
      CURLE_SSL_CONNECT_ERROR:
      return HTTPClientError.unreachable(host: host, reason: reason)
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE:
      return HTTPClientError.untrusted(host: host, reason: reason)
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: return HTTPClientError.invalidAddress(host)
    default: return HTTPClientError.broken(host: host, reason: reason)
    }
  }
}

/// What libcurl's callbacks, which are plain functions, share.
private final class TransferState {
  enum Stage { case head, body, unwanted }

  let receiver: any HTTPReceiver
  var stage = Stage.head
  var failure: (any Error)?
  private var head = HTTPHead()

  init(_ receiver: any HTTPReceiver) { self.receiver = receiver }

  /// A line of the head. Lines that follow the body (trailers) say nothing that is needed.
  func readHeader(_ line: UnsafeRawBufferPointer) throws {
    guard stage == .head, head.take(line) else { return }
    stage = try receiver.begin(head.response) ? .body : .unwanted
  }

  /// Whether there was a connection, so that the silence came after it.
  func isConnected(_ handle: UnsafeMutableRawPointer) -> Bool { martlet_curl_connect_time(handle) > 0 }
}

/// Does `work` for a callback; a failure is kept, and libcurl is told to stop by a count that is not `count`.
private func relay(
  _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, _ context: UnsafeMutableRawPointer?,
  _ work: (TransferState, UnsafeRawBufferPointer) throws -> Bool
) -> Int {
  guard let context else { return 0 }
  let state = Unmanaged<TransferState>.fromOpaque(context).takeUnretainedValue()
  do {
    return try work(state, UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
  } catch {
    state.failure = error
    return count == 0 ? 1 : 0
  }
}

private func readHeader(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  relay(bytes, size * count, context) { state, bytes in
    try state.readHeader(bytes)
    return true
  }
}

private func readBody(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  relay(bytes, size * count, context) { state, bytes in
    guard state.stage == .body else { return false }
    try state.receiver.receive(bytes)
    return true
  }
}
