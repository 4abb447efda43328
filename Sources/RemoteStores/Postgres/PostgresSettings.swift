import MartletCPQ

/// The settings of a connection that an address names, as libpq reads them.
struct PostgresSettings {
  /// Names and values, in libpq's order.
  let values: [(String, String)]
  private let secrets: [String]

  /// Reads an address, without connecting.
  ///
  /// libpq's own messages about malformed addresses quote them, passwords included. So this says what is wrong itself.
  init(_ address: String, _ title: String) throws(RemoteStoreError) {
    guard let options = PQconninfoParse(address, nil) else {
      throw .unreachable(store: title, detail: Self.fault(of: address))
    }
    defer { PQconninfoFree(options) }
    var values = [(String, String)]()
    var secrets = [String]()
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val {
        values.append((String(cString: keyword), String(cString: value)))
        // libpq marks with a star what must not be seen while it is typed.
        if option.pointee.dispchar.map({ $0.pointee == UInt8(ascii: "*") }) == true {
          secrets.append(String(cString: value))
        }
      }
      option += 1
    }
    self.values = values
    // A secret that equals what is not one is no news, and replacing it would tell that it is.
    let open = values.filter { !secrets.contains($0.1) }.map(\.1)
    self.secrets = secrets.filter { secret in !secret.isEmpty && !open.contains { $0.contains(secret) } }
  }

  /// A message without the secrets of the address.
  func hidingSecrets(in message: String) -> String {
    secrets.reduce(message) { text, secret in text.replacing(secret, with: "…") }
  }

  private static func fault(of address: String) -> String {
    // JDBC's ssl=true is read, too.
    var known: Set = ["ssl"]
    if let defaults = PQconndefaults() {
      defer { PQconninfoFree(defaults) }
      var option = defaults
      while let keyword = option.pointee.keyword {
        known.insert(String(cString: keyword))
        option += 1
      }
    }
    let pieces = address.split(separator: "?", maxSplits: 1).dropFirst().first?.split(separator: "&") ?? []
    for piece in pieces {
      let name = piece.prefix { $0 != "=" }
      // A name without a value may be the rest of a password.
      if name.count < piece.count, name.allSatisfy({ $0.isASCII && ($0.isLowercase || $0 == "_") }),
        !known.contains(String(name))
      {
        return "libpq knows no option \"\(name)\""
      }
    }
    return "libpq does not understand the options behind the ? of the address"
  }
}
