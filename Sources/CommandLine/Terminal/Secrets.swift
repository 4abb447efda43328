/// A message without the passwords that a person may have typed where none is wanted: those of addresses
/// (`scheme://user:password@host`) and of settings (`password=…`).
///
/// Locations of stores leave their passwords out by themselves. This is for texts that a message repeats, such as an
/// address given for a file or for an argument that the command does not have.
func withoutPasswords(_ text: String) -> String {
  withoutSettings(withoutUserInfo(text))
}

private func withoutUserInfo(_ text: String) -> String {
  var out = ""
  var rest = text[...]
  while let mark = rest.firstRange(of: "://") {
    out += rest[..<mark.upperBound]
    rest = rest[mark.upperBound...]
    let address = rest.prefix { !endsAddress($0) }
    // A password with a slash that is not encoded goes on behind it; a path with a colon and an @ is rare.
    guard let at = address.lastIndex(of: "@"), let colon = address.firstIndex(of: ":"), colon < at else {
      continue
    }
    out += address[...colon] + "…"
    rest = rest[at...]
  }
  return out + rest
}

private func endsAddress(_ character: Character) -> Bool {
  character.isWhitespace || "‘’“”\"'`<>".contains(character)
}

private func withoutSettings(_ text: String) -> String {
  var out = ""
  var rest = text[...]
  let names = ["password", "passwd", "pwd"]
  while let equals = rest.firstIndex(of: "=") {
    let head = rest[...equals]
    out += head
    rest = rest[rest.index(after: equals)...]
    let name = String(head.dropLast().reversed().drop(while: \.isWhitespace).reversed()).lowercased()
    guard names.contains(where: name.hasSuffix) else { continue }
    let blank = rest.prefix(while: \.isWhitespace)
    rest = rest[blank.endIndex...]
    if let quote = rest.first, quote == "'" || quote == "\"", let end = rest.dropFirst().firstIndex(of: quote)
    {
      rest = rest[rest.index(after: end)...]
    } else {
      rest = rest.drop { !endsAddress($0) && !"&;,".contains($0) }
    }
    out += blank + "…"
  }
  return out + rest
}
