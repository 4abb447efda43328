#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Converts bytes of a named encoding to UTF-8, piece by piece, by the system's iconv.
final class CharacterConverter: @unchecked Sendable {
  private let descriptor: iconv_t
  private var carry: [UInt8] = []
  /// How many bytes were replaced by U+FFFD.
  private(set) var replaced = 0

  /// Nil where the system does not know the encoding.
  init?(from encoding: String) {
    guard let descriptor = iconv_open("UTF-8", encoding), Int(bitPattern: descriptor) != -1 else {
      return nil
    }
    self.descriptor = descriptor
  }

  deinit { iconv_close(descriptor) }

  /// The text of the next bytes; what is cut off inside a character waits for the piece after.
  func convert(_ bytes: ArraySlice<UInt8>, isLast: Bool) -> [UInt8] {
    var input = (carry + bytes).map { CChar(bitPattern: $0) }
    carry = []
    var out: [UInt8] = []
    var buffer = [CChar](repeating: 0, count: 1 << 16)
    var at = 0
    while at < input.count {
      var (left, room) = (input.count - at, buffer.count)
      let (result, error) = input.withUnsafeMutableBufferPointer { source in
        buffer.withUnsafeMutableBufferPointer { target -> (Int, Int32) in
          var from = source.baseAddress.map { $0 + at }
          var to = target.baseAddress
          errno = 0
          let result = iconv(descriptor, &from, &left, &to, &room)
          return (Int(truncatingIfNeeded: result), errno)
        }
      }
      out += buffer[..<(buffer.count - room)].map { UInt8(bitPattern: $0) }
      at = input.count - left
      guard result == -1 else { break }
      if error == EINVAL, !isLast {
        // A character that goes on in the next piece.
        carry = input[at...].map { UInt8(bitPattern: $0) }
        return out
      }
      if error == E2BIG { continue }
      out += [0xEF, 0xBF, 0xBD]
      replaced += 1
      at += 1
    }
    return out
  }
}
