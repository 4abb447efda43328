/// What a request names: the part of its first line between the method and the version (RFC 9112).
///
/// The path is cut at its slashes before anything is decoded, so that `%2F` is part of a name and never divides two.
public struct HTTPTarget: Sendable, Equatable {
  /// The segments of the path, decoded. `/a/b` has two, `/` none, `/a/` ends with an empty one.
  public var path: [String]
  /// The parameters behind the question mark, decoded; the first of each name.
  public var query: [String: String]

  /// Reads a target.
  ///
  /// - Throws: For one that does not begin with a slash, for `%` without two hexadecimal digits, and for what is not
  ///   UTF-8 when decoded.
  public init(_ text: String) throws(HTTPError) {
    let bytes = Array(text.utf8)
    let end = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.endIndex
    guard bytes.first == UInt8(ascii: "/") else {
      throw .invalid("Invalid URL: a path begins with a slash.")
    }
    path = []
    for segment in bytes[1..<end].split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      path.append(try Self.decoded(segment, plusIsSpace: false))
    }
    if path == [""] { path = [] }
    query = [:]
    guard end < bytes.endIndex else { return }
    for pair in bytes[(end + 1)...].split(separator: UInt8(ascii: "&")) {
      let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      let name = try Self.decoded(halves[0], plusIsSpace: true)
      let value = halves.count > 1 ? try Self.decoded(halves[1], plusIsSpace: true) : ""
      if query[name] == nil { query[name] = value }
    }
  }

  private static func decoded(_ text: ArraySlice<UInt8>, plusIsSpace: Bool) throws(HTTPError) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var index = text.startIndex
    while index < text.endIndex {
      let byte = text[index]
      index += 1
      if byte == UInt8(ascii: "+"), plusIsSpace {
        bytes.append(UInt8(ascii: " "))
      } else if byte == UInt8(ascii: "%") {
        guard index + 2 <= text.endIndex, let high = digit(text[index]), let low = digit(text[index + 1])
        else {
          throw .invalid("Invalid URL: % stands before two hexadecimal digits.")
        }
        bytes.append(high << 4 | low)
        index += 2
      } else {
        bytes.append(byte)
      }
    }
    guard let decoded = String(validating: bytes, as: UTF8.self) else {
      throw .invalid("Invalid URL: it is not UTF-8 when decoded.")
    }
    return decoded
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }
}
