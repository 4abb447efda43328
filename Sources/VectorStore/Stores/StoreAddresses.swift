/// Addresses of PostgreSQL's databases, which libpq reads. This looks at them only as far as secrets go: what libpq
/// would take for a host or a port because somebody forgot to encode a password must not show up in its errors.
enum PostgresAddress {
  private static let secrets: Set<String> = ["password", "sslpassword"]

  /// - Throws: Where a password is likely to be cut in two.
  static func check(_ text: String) throws(MalformedAddress) {
    let parts = Parts(text)
    let advice = "in a user's name or password @ is %40, : is %3A, / is %2F, ? is %3F, # is %23 and % is %25"
    guard parts.authority.count(where: { $0 == "@" }) <= 1, !parts.path.contains("@") else {
      throw MalformedAddress("This address has an @ too many; \(advice)")
    }
    for host in parts.hosts.split(separator: ",") {
      let behind = host.split(separator: "]", omittingEmptySubsequences: false).last ?? host
      guard let colon = behind.firstIndex(of: ":") else { continue }
      let port = behind[behind.index(after: colon)...]
      guard port.isEmpty || port.allSatisfy({ $0.isASCII && $0.isNumber }) else {
        throw MalformedAddress("The port in this address is no number; \(advice)")
      }
    }
    guard StoreLocation.percentDecoded(text) != nil else {
      throw MalformedAddress("This address is not percent-encoded rightly; \(advice)")
    }
  }

  /// The address without its secrets.
  static func shown(_ text: String) -> String {
    let parts = Parts(text)
    var shown = parts.scheme
    if let user = parts.user {
      shown += user.prefix { $0 != ":" } + (user.contains(":") ? ":…@" : "@")
    }
    // What could be the rest of a password that was not encoded is not shown either.
    guard !parts.path.contains("@") else { return parts.scheme + "…" }
    shown += parts.hosts + parts.path
    guard !parts.options.isEmpty else { return shown }
    let options = parts.options.split(separator: "&", omittingEmptySubsequences: false).map { option in
      let name = option.prefix { $0 != "=" }
      return secrets.contains(name.lowercased()) ? "\(name)=…" : String(option)
    }
    return shown + "?" + options.joined(separator: "&")
  }

  /// The parts of `scheme://user:password@host:port,host:port/path?options`.
  private struct Parts {
    let scheme: String
    let authority: Substring
    let path: Substring
    let options: Substring

    init(_ text: String) {
      let start = text.firstRange(of: "://")?.upperBound ?? text.startIndex
      scheme = String(text[..<start])
      let rest = text[start...]
      let query = rest.firstIndex(of: "?") ?? rest.endIndex
      options = rest[query...].dropFirst()
      let slash = rest[..<query].firstIndex(of: "/") ?? query
      authority = rest[..<slash]
      path = rest[slash..<query]
    }

    var user: Substring? { authority.lastIndex(of: "@").map { authority[..<$0] } }
    var hosts: Substring { authority.lastIndex(of: "@").map { authority[$0...].dropFirst() } ?? authority }
  }
}

/// Addresses of servers that speak Chroma's protocol.
enum ChromaAddress {
  /// The scheme, host and port of an address, and the tenant and database behind them.
  static func read(_ text: String) throws(MalformedAddress) -> (address: String, namespace: Namespace?) {
    let start = text.firstRange(of: "://")?.upperBound ?? text.startIndex
    let scheme = text[..<start].lowercased()
    let rest = text[start...]
    guard !rest.contains("@") else {
      throw MalformedAddress(
        "An address of a server has no user and no password: the environment's MARTLET_API_KEY takes the key")
    }
    guard !rest.contains("?") else { throw MalformedAddress("An address of a server has no ?") }
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    let host = rest[..<slash]
    try check(host)
    let path = rest[slash...].split(separator: "/")
    guard path.count == 2 || path.isEmpty else {
      throw MalformedAddress("Behind \(host) a tenant and a database are due, or nothing")
    }
    guard path.first != "api" else {
      throw MalformedAddress("Behind \(host) stands the path of an interface, which Martlet adds by itself")
    }
    guard !path.isEmpty else { return (scheme + host, nil) }
    let names = path.compactMap { StoreLocation.percentDecoded($0) }
    guard names.count == 2 else {
      throw MalformedAddress("The tenant or the database behind \(host) is not percent-encoded rightly")
    }
    return (scheme + host, Namespace(tenant: names[0], database: names[1]))
  }

  private static func check(_ host: Substring) throws(MalformedAddress) {
    var name = host
    if let colon = host.lastIndex(of: ":"), !host[colon...].contains("]") {
      guard let port = Int(host[colon...].dropFirst()), (1...65535).contains(port) else {
        throw MalformedAddress("The port in \(host) is no number from 1 to 65535")
      }
      name = host[..<colon]
    }
    let isBracketed = name.hasPrefix("[") && name.hasSuffix("]")
    let isUsable = name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && !name.isEmpty
    guard isUsable, isBracketed || !name.contains(":") else {
      throw MalformedAddress("\"\(host)\" is no host (an IPv6 address stands in brackets)")
    }
  }
}
