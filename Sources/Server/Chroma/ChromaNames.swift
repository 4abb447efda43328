/// Chroma's rules for names.
enum ChromaNames {
  /// Checks the name of a collection or a database.
  static func check(_ name: String) throws(HTTPError) {
    let bytes = Array(name.utf8)
    guard (3...512).contains(bytes.count), bytes.allSatisfy(isAllowed), let first = bytes.first,
      isAlphanumeric(first),
      let last = bytes.last, isAlphanumeric(last)
    else {
      throw .invalid(
        "Expected a name containing 3-512 characters from [a-zA-Z0-9._-], starting and ending with a character in "
          + "[a-zA-Z0-9]. Got: \(name)")
    }
    guard !zip(bytes, bytes.dropFirst()).contains(where: { $0 == dot && $1 == dot }) else {
      throw .invalid("Expected a name that does not contains two consecutive periods (..). Got \(name)")
    }
    guard !isAddress(bytes) else {
      throw .invalid("Expected a name that is not a valid ip address. Got \(name)")
    }
  }

  private static let dot = UInt8(ascii: ".")

  private static func isAlphanumeric(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 || isDigit(byte) }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    isAlphanumeric(byte) || byte == dot || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  /// Whether it is an address of IPv4; those of IPv6 have colons, which no name has.
  private static func isAddress(_ bytes: [UInt8]) -> Bool {
    let parts = bytes.split(separator: dot, omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { part in
        (1...3).contains(part.count) && part.allSatisfy(isDigit) && (part.count == 1 || part.first != 0x30)
          && part.reduce(0) { $0 * 10 + Int($1 - 0x30) } < 256
      }
  }
}
