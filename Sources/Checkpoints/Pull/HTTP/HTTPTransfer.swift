import MartletCCurl

/// Takes an answer as it comes.
protocol HTTPReceiver: AnyObject {
  /// The head has come. Says whether the body is wanted.
  func begin(_ response: HTTPResponse) throws(HTTPFailure) -> Bool
  /// More of the body.
  func receive(_ bytes: UnsafeRawBufferPointer) throws(HTTPFailure)
}

/// One GET by libcurl, which follows no redirection by itself: what may be sent where is decided above.
struct HTTPTransfer {
  let address: String
  /// Lines such as `Range: bytes=5-`.
  let fields: [String]
  let patience: HTTPPatience

  private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  /// Performs the request, and waits until the answer is there.
  /// - Returns: Where a redirection leads; nil where there is none.
  /// - Throws: What the receiver throws; ``HTTPFailure/cancelled`` soon after the task was cancelled.
  func perform(_ receiver: any HTTPReceiver) throws(HTTPFailure) -> String? {
    guard Self.isReady, let handle = curl_easy_init() else { throw .lasting("libcurl cannot be started") }
    defer { curl_easy_cleanup(handle) }
    var list: UnsafeMutablePointer<curl_slist>?
    for field in fields { list = curl_slist_append(list, field) }
    defer { curl_slist_free_all(list) }
    let state = TransferState(receiver)
    return try withExtendedLifetime(state) { () throws(HTTPFailure) in
      guard configure(handle, list, Unmanaged.passUnretained(state).toOpaque()) else {
        throw .lasting("libcurl refuses the request for \(address)")
      }
      try check(curl_easy_perform(handle), state)
      return martlet_curl_redirect(handle).map { String(cString: $0) }
    }
  }

  private func configure(
    _ handle: UnsafeMutableRawPointer, _ list: UnsafeMutablePointer<curl_slist>?,
    _ state: UnsafeMutableRawPointer
  ) -> Bool {
    [
      martlet_curl_set_text(handle, CURLOPT_URL, address),
      martlet_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https"),
      martlet_curl_set_text(handle, CURLOPT_USERAGENT, "martlet"),
      martlet_curl_set_list(handle, CURLOPT_HTTPHEADER, list),
      martlet_curl_set_number(handle, CURLOPT_NOSIGNAL, 1),
      martlet_curl_set_number(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1),
      martlet_curl_set_number(handle, CURLOPT_CONNECTTIMEOUT, patience.connectSeconds),
      martlet_curl_set_number(handle, CURLOPT_LOW_SPEED_LIMIT, 1),
      martlet_curl_set_number(handle, CURLOPT_LOW_SPEED_TIME, patience.stallSeconds),
      martlet_curl_set_header_reader(handle, readHeader, state),
      martlet_curl_set_writer(handle, readBody, state),
      martlet_curl_set_meter(handle, { _, _, _, _, _ in Task.isCancelled ? 1 : 0 }, state),
    ].allSatisfy { $0 == CURLE_OK }
  }

  private func check(_ code: CURLcode, _ state: TransferState) throws(HTTPFailure) {
    if let failure = state.failure { throw failure }
    // The body of a redirection is not read; libcurl calls that a failed write.
    if code == CURLE_OK || (code == CURLE_WRITE_ERROR && state.stage == .unwanted) { return }
    let text = String(cString: curl_easy_strerror(code))
    switch code {
    case CURLE_ABORTED_BY_CALLBACK: throw .cancelled
    case CURLE_OPERATION_TIMEDOUT where state.stage != .head:
      throw .passing("the server has sent nothing for \(patience.stallSeconds) s")
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT,
      CURLE_SSL_CONNECT_ERROR, CURLE_OPERATION_TIMEDOUT:
      throw .unreachable("\(HTTPOrigin(address)?.host ?? address) cannot be reached (\(text))")
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_PEER_FAILED_VERIFICATION,
      CURLE_SSL_CACERT_BADFILE:
      throw .lasting("\(address) cannot be fetched (\(text))")
    default: throw .passing("the connection broke (\(text))")
    }
  }
}

/// What libcurl's callbacks, which are plain functions, share.
private final class TransferState {
  enum Stage { case head, body, unwanted }

  let receiver: any HTTPReceiver
  var stage = Stage.head
  var failure: HTTPFailure?
  private var head = HTTPHead()

  init(_ receiver: any HTTPReceiver) { self.receiver = receiver }

  /// A line of the head. Lines that follow the body (trailers) say nothing that is needed.
  func readHeader(_ line: UnsafeRawBufferPointer) throws(HTTPFailure) {
    guard stage == .head, head.take(line) else { return }
    stage = try receiver.begin(head.response) ? .body : .unwanted
  }
}

/// Does `work` for a callback; a failure is kept, and libcurl is told to stop by a count that is not `count`.
private func relay(
  _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, _ context: UnsafeMutableRawPointer?,
  _ work: (TransferState, UnsafeRawBufferPointer) throws(HTTPFailure) -> Bool
) -> Int {
  guard let context else { return 0 }
  let state = Unmanaged<TransferState>.fromOpaque(context).takeUnretainedValue()
  do throws(HTTPFailure) {
    return try work(state, UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
  } catch {
    state.failure = error
    return count == 0 ? 1 : 0
  }
}

private func readHeader(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  relay(bytes, size * count, context) { (state, bytes) throws(HTTPFailure) in
    try state.readHeader(bytes)
    return true
  }
}

private func readBody(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  relay(bytes, size * count, context) { (state, bytes) throws(HTTPFailure) in
    guard state.stage == .body else { return false }
    try state.receiver.receive(bytes)
    return true
  }
}
