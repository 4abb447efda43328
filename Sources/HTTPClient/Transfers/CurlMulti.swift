import MartletCCurl

/// A set of transfers that libcurl advances together, with the connections that it keeps open between them.
///
/// One thread at a time advances it; ``wake()`` may be called from any.
struct CurlMulti: @unchecked Sendable {
  private let handle: UnsafeMutableRawPointer

  init() throws(HTTPClientError) {
    guard let handle = curl_multi_init() else { throw .unusable(reason: "it does not start") }
    self.handle = handle
  }

  func close() { curl_multi_cleanup(handle) }

  func add(_ transfer: CurlTransfer) throws(HTTPClientError) {
    let code = curl_multi_add_handle(handle, transfer.handle)
    guard code == CURLM_OK else { throw .unusable(reason: String(cString: curl_multi_strerror(code))) }
  }

  func remove(_ transfer: CurlTransfer) { curl_multi_remove_handle(handle, transfer.handle) }

  /// Reads and writes what is ready.
  /// - Returns: The handles of transfers that are done, with how they ended.
  func advance() throws(HTTPClientError) -> [(handle: UnsafeMutableRawPointer, code: CURLcode)] {
    var running: Int32 = 0
    let code = curl_multi_perform(handle, &running)
    guard code == CURLM_OK else { throw .unusable(reason: String(cString: curl_multi_strerror(code))) }
    var done: [(UnsafeMutableRawPointer, CURLcode)] = []
    var left: Int32 = 0
    while let message = curl_multi_info_read(handle, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
      done.append((easy, message.pointee.data.result))
    }
    return done
  }

  /// Sleeps until something is ready, ``wake()`` is called, or so many milliseconds have passed.
  func wait(milliseconds: Int32) { curl_multi_poll(handle, nil, 0, milliseconds, nil) }

  func wake() { curl_multi_wakeup(handle) }
}
