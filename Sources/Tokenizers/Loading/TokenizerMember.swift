import MartletJSON

/// A part of a `tokenizer.json` that knows where it stands, so that whatever is wrong with it can be named.
struct TokenizerMember {
  let json: JSON
  /// As `model.vocab`; empty for the whole file.
  let path: String

  /// The name of a member of this one.
  func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// A member that is there and not null.
  subscript(key: String) -> TokenizerMember? {
    guard let value = json[key], !value.isNull else { return nil }
    return TokenizerMember(json: value, path: name(key))
  }

  func malformed(_ problem: String) -> TokenizerError { .malformed(field: path, problem: problem) }

  func unsupported(_ known: [String]) -> TokenizerError {
    let text = json.serialized()
    return .unsupported(field: path, value: text.count > 200 ? "\(text.prefix(200))…" : text, known: known)
  }

  /// A member that must be there.
  func required(_ key: String) throws(TokenizerError) -> TokenizerMember {
    guard let member = self[key] else { throw .missing(field: name(key)) }
    return member
  }

  /// What is there must be of the kind that is asked for.
  private func value<T>(
    _ key: String, _ kind: String, _ read: (JSON) -> T?
  ) throws(TokenizerError) -> T? {
    guard let member = self[key] else { return nil }
    guard let value = read(member.json) else {
      throw member.malformed("must be \(kind), but is \(member.json.kind)")
    }
    return value
  }

  func bool(_ key: String) throws(TokenizerError) -> Bool? { try value(key, "true or false", \.boolValue) }
  func string(_ key: String) throws(TokenizerError) -> String? { try value(key, "a string", \.stringValue) }
  func integer(_ key: String) throws(TokenizerError) -> Int? { try value(key, "a whole number", \.intValue) }

  /// A count, which may be 0.
  func count(_ key: String, default standard: Int) throws(TokenizerError) -> Int {
    guard let count = try integer(key) else { return standard }
    guard count >= 0 else { throw .malformed(field: name(key), problem: "is \(count)") }
    return count
  }

  /// The elements of an array; none where it is missing.
  func elements(_ key: String) throws(TokenizerError) -> [TokenizerMember] {
    let elements = try value(key, "an array", \.arrayValue) ?? []
    return elements.enumerated().map { TokenizerMember(json: $1, path: "\(name(key))[\($0)]") }
  }

  /// The member `type`, by which parts say what they are.
  func type() throws(TokenizerError) -> String {
    guard json.objectValue != nil else { throw malformed("must be an object, but is \(json.kind)") }
    guard let type = try string("type") else { throw .missing(field: name("type")) }
    return type
  }

  func unknownType(_ type: String, _ known: [String]) -> TokenizerError {
    .unsupported(field: name("type"), value: "\"\(type)\"", known: known)
  }

  /// One of the names that a member may have.
  func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ key: String, default standard: Choice
  ) throws(TokenizerError) -> Choice {
    guard let text = try string(key) else { return standard }
    guard let choice = Choice(rawValue: text) else {
      throw .unsupported(field: name(key), value: "\"\(text)\"", known: Choice.allCases.map(\.rawValue))
    }
    return choice
  }

  /// A string to look for, as `{"String": " "}`.
  func literalPattern() throws(TokenizerError) -> [UInt8]? {
    guard let text = try self["pattern"]?.string("String") else { return nil }
    return Array(text.utf8)
  }
}
