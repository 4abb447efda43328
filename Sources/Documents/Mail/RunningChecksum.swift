import MartletCGMime

/// A SHA-256 of bytes that come piece by piece, which can be asked for in between.
final class RunningChecksum {
  private let state: OpaquePointer?

  init() { state = g_checksum_new(G_CHECKSUM_SHA256) }

  deinit { if let state { g_checksum_free(state) } }

  func append(_ bytes: some Sequence<UInt8>) {
    let array = Array(bytes)
    array.withUnsafeBufferPointer { append($0) }
  }

  func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let state, let base = bytes.baseAddress else { return }
    g_checksum_update(state, base, gssize(bytes.count))
  }

  /// The sum of what came until now, in hexadecimal digits.
  var value: String {
    guard let state, let copy = g_checksum_copy(state) else { return "" }
    defer { g_checksum_free(copy) }
    return g_checksum_get_string(copy).map { String(cString: $0) } ?? ""
  }
}
