/// What kind of store a text names. This is decided by how the text begins, before any of it is shown: an address
/// mistaken for a folder would appear in messages with its password.
enum StoreSyntax {
  case path
  case postgresql
  case chroma

  /// Texts that begin so are paths, whatever follows.
  private static let pathBeginnings = ["/", "./", "../", "~/"]
  private static let asPath = "To name a folder, write ./ in front of its path"

  /// - Throws: Where the text looks like an address that Martlet does not read.
  init(_ text: String) throws(MalformedAddress) {
    self = .path
    guard !Self.pathBeginnings.contains(where: text.hasPrefix) else { return }
    let first = text.prefix { $0 != "/" }
    if text[first.endIndex...].hasPrefix("//"), first.hasSuffix(":") {
      self = try Self.read(scheme: first.dropLast())
    } else if Self.hasSettings(text) {
      throw MalformedAddress(
        "Settings such as host=… are not read; write an address, postgresql://user@host:5432/database, and put the "
          + "password into PGPASSWORD or ~/.pgpass. \(Self.asPath)")
    } else if text.contains("//"), text.contains("@") {
      throw MalformedAddress(
        "This looks like an address with a mistake before //; write postgresql://user@host:5432/database. \(Self.asPath)"
      )
    } else if let colon = first.firstIndex(of: ":") {
      if first[colon...].contains("@") {
        throw MalformedAddress(
          "This looks like an address without a scheme; begin it with postgresql://. \(Self.asPath)")
      }
      let scheme = first[..<colon].lowercased()
      if Self.kind(scheme) != nil || scheme == "jdbc" {
        throw MalformedAddress("Write two slashes after \(scheme):. \(Self.asPath)")
      }
    }
  }

  private static func read(scheme text: Substring) throws(MalformedAddress) -> StoreSyntax {
    let scheme = text.lowercased()
    if let kind = kind(scheme) { return kind }
    let isScheme =
      scheme.first?.isLetter == true
      && scheme.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.:".contains($0)) }
    guard isScheme else {
      throw MalformedAddress("The text before :// is not a valid scheme. \(asPath)")
    }
    if scheme == "jdbc:postgresql" {
      throw MalformedAddress(
        "Leave out jdbc:, and write the user before the host: postgresql://user@host:5432/database")
    }
    if scheme == "file" { throw MalformedAddress("A folder is named by its path alone, without file://") }
    throw MalformedAddress("Martlet does not support \(scheme):// addresses. \(asPath)")
  }

  private static func kind(_ scheme: String) -> StoreSyntax? {
    // SQLAlchemy names its driver: postgresql+psycopg.
    switch scheme.prefix(while: { $0 != "+" }) {
    case "postgresql", "postgres": .postgresql
    case "http" where !scheme.contains("+"), "https" where !scheme.contains("+"): .chroma
    default: nil
    }
  }

  /// Whether the text is a list of settings, as libpq and other drivers take them: `host=… password=…`.
  private static func hasSettings(_ text: String) -> Bool {
    let pieces = text.split(separator: "=", omittingEmptySubsequences: false).dropLast()
    let names = pieces.map { piece in
      let ended = piece.reversed().drop(while: \.isWhitespace)
      return String(ended.prefix { !$0.isWhitespace && !";&?,'\"".contains($0) }.reversed()).lowercased()
    }
    if names.contains(where: { $0.contains("password") || $0 == "passwd" || $0 == "pwd" }) { return true }
    return names.first.map(PostgresAddress.settings.contains) ?? false
  }
}

/// Addresses of PostgreSQL's databases, which libpq reads. This looks at them only as far as secrets go: what libpq
/// would take for a host, a port or a database because somebody forgot to encode a password must not be shown.
enum PostgresAddress {
  /// Options whose values may be shown.
  private static let harmless: Set = [
    "host", "hostaddr", "port", "dbname", "user", "sslmode", "connect_timeout", "application_name",
    "target_session_attrs", "service", "channel_binding", "gssencmode", "client_encoding",
  ]
  /// What a list of settings may begin with, and which options may be named in messages.
  static let settings = harmless.union([
    "options", "sslcert", "sslkey", "sslrootcert", "sslpassword", "passfile", "password", "keepalives",
  ])
  private static let advice =
    "In a user's name, a password or a database @ is %40, : is %3A, / is %2F, ? is %3F, # is %23, % is %25, = is %3D, "
    + "; is %3B and a space is %20"

  /// The address with the scheme as libpq wants it.
  ///
  /// - Throws: Where a password is likely to be cut in two.
  static func read(_ text: String) throws(MalformedAddress) -> String {
    let parts = Parts(text)
    try parts.check()
    let scheme = parts.scheme.lowercased().prefix { $0 != "+" && $0 != ":" }
    return scheme + "://" + parts.rest
  }

  /// The address without its secrets.
  static func shown(_ text: String) -> String {
    let parts = Parts(text)
    // What could be the rest of a password that was not encoded is not shown either.
    do { try parts.check() } catch { return "postgresql://…" }
    var shown = parts.scheme
    if let user = parts.user {
      shown += user.prefix { $0 != ":" } + (user.contains(":") ? ":…@" : "@")
    }
    shown += parts.hosts + parts.path
    guard !parts.options.isEmpty else { return shown }
    let options = parts.options.split(separator: "&", omittingEmptySubsequences: false).map { option in
      let name = option.prefix { $0 != "=" }
      let value = option.dropFirst(name.count + 1)
      // libpq decodes the names of options, too: only those that are harmless as they stand are.
      guard harmless.contains(String(name)), value.allSatisfy(isPlain) else {
        return settings.contains(String(name)) ? "\(name)=…" : "…"
      }
      return String(option)
    }
    return shown + "?" + options.joined(separator: "&")
  }

  /// Whether a character can stand in a host or a database without having a meaning of its own.
  private static func isPlain(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || "-._~/:,%[]+".contains(character)
  }

  /// The parts of `scheme://user:password@host:port,host:port/path?options`.
  private struct Parts {
    let scheme: String
    let rest: Substring
    let authority: Substring
    let path: Substring
    let options: Substring

    init(_ text: String) {
      let start = text.firstRange(of: "://")?.upperBound ?? text.startIndex
      scheme = String(text[..<start])
      rest = text[start...]
      let query = rest.firstIndex(of: "?") ?? rest.endIndex
      options = rest[query...].dropFirst()
      let slash = rest[..<query].firstIndex(of: "/") ?? query
      authority = rest[..<slash]
      path = rest[slash..<query]
    }

    var user: Substring? { authority.lastIndex(of: "@").map { authority[..<$0] } }
    var hosts: Substring { authority.lastIndex(of: "@").map { authority[$0...].dropFirst() } ?? authority }

    func check() throws(MalformedAddress) {
      guard !scheme.isEmpty else { throw MalformedAddress("This address has no scheme") }
      // libpq looks for the user before the first slash, even behind a question mark.
      let isCut = path.contains("@") || path.isEmpty && options.contains("@")
      guard authority.count(where: { $0 == "@" }) <= 1, !isCut else {
        throw MalformedAddress("This address has more than one @. \(PostgresAddress.advice)")
      }
      try checkPorts()
      guard let decoded = StoreLocation.percentDecoded(rest) else {
        throw MalformedAddress("This address is not percent-encoded correctly. \(PostgresAddress.advice)")
      }
      guard !decoded.contains("\0") else {
        throw MalformedAddress("This address has the character U+0000 (%00), which PostgreSQL does not take")
      }
      guard hosts.allSatisfy(PostgresAddress.isPlain), path.allSatisfy(PostgresAddress.isPlain),
        rest.allSatisfy({
          !$0.isWhitespace && $0.unicodeScalars.first?.properties.generalCategory != .control
        })
      else {
        throw MalformedAddress(
          "This address has a character that is not encoded in its host or database, or a space. "
            + PostgresAddress.advice)
      }
    }

    private func checkPorts() throws(MalformedAddress) {
      for host in hosts.split(separator: ",") {
        let behind = host.split(separator: "]", omittingEmptySubsequences: false).last ?? host
        guard let colon = behind.firstIndex(of: ":") else { continue }
        let port = behind[behind.index(after: colon)...]
        guard port.isEmpty || port.allSatisfy({ $0.isASCII && $0.isNumber }) else {
          throw MalformedAddress("The port in this address is not a number. \(PostgresAddress.advice)")
        }
      }
    }
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
        "A server's address takes no user and no password; set the environment variable MARTLET_API_KEY instead"
      )
    }
    guard !rest.contains("?") else {
      throw MalformedAddress("A server's address takes no options, which begin with ?")
    }
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    let host = rest[..<slash]
    try check(host)
    let path = rest[slash...].split(separator: "/")
    guard path.count == 2 || path.isEmpty else {
      throw MalformedAddress("After \(host) write /TENANT/DATABASE, or nothing")
    }
    guard path.first != "api" else {
      throw MalformedAddress("Leave out the path after \(host): Martlet adds the interface's path itself")
    }
    guard !path.isEmpty else { return (scheme + host, nil) }
    let names = path.compactMap { StoreLocation.percentDecoded($0) }
    guard names.count == 2, !names.contains(where: { $0.contains("\0") }) else {
      throw MalformedAddress("The tenant or the database after \(host) is not percent-encoded correctly")
    }
    return (scheme + host, Namespace(tenant: names[0], database: names[1]))
  }

  private static func check(_ host: Substring) throws(MalformedAddress) {
    var name = host
    if let colon = host.lastIndex(of: ":"), !host[colon...].contains("]") {
      guard let port = Int(host[colon...].dropFirst()), (1...65535).contains(port) else {
        throw MalformedAddress("The port in \(host) is not a number from 1 to 65535")
      }
      name = host[..<colon]
    }
    let isBracketed = name.hasPrefix("[") && name.hasSuffix("]")
    let isUsable = name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && !name.isEmpty
    guard isUsable, isBracketed || !name.contains(":") else {
      throw MalformedAddress("\"\(host)\" is not a host (put an IPv6 address in brackets)")
    }
  }
}
