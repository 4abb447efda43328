/// The header fields of a request. Values that are secrets are in no description and in no dump.
public struct HTTPFields: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  /// One field.
  package struct Field: Sendable, Equatable {
    package let name: String
    package let value: String
    package let isSecret: Bool
  }

  package private(set) var fields: [Field] = []

  /// Fields by their names.
  public init(dictionaryLiteral elements: (String, String)...) {
    for (name, value) in elements { self[name] = value }
  }

  /// The field's value; names are compared without regard to case. Setting it replaces an earlier value. The values of
  /// fields that usually carry a secret, such as `Authorization`, count as secret.
  public subscript(name: String) -> String? {
    get { fields.first { Self.isSame($0.name, name) }?.value }
    set {
      fields.removeAll { Self.isSame($0.name, name) }
      guard let newValue else { return }
      fields.append(
        Field(name: name, value: newValue, isSecret: Self.secretNames.contains(name.lowercased())))
    }
  }

  /// Sets a field whose value is a secret, whatever its name.
  public mutating func setSecret(_ name: String, to value: String) {
    self[name] = nil
    fields.append(Field(name: name, value: value, isSecret: true))
  }

  /// The fields that another origin may see, too.
  package var withoutSecrets: HTTPFields {
    var copy = self
    copy.fields.removeAll(where: \.isSecret)
    return copy
  }

  private static func isSame(_ a: String, _ b: String) -> Bool { a.lowercased() == b.lowercased() }

  private static let secretNames: Set<String> = [
    "authorization", "proxy-authorization", "cookie", "x-api-key", "api-key", "x-chroma-token",
  ]
}

extension HTTPFields: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// A line for each field, with … for a secret.
  public var description: String {
    fields.map { "\($0.name): \($0.isSecret ? "…" : $0.value)" }.joined(separator: "\n")
  }

  /// The same as ``description``.
  public var debugDescription: String { description }

  /// What `dump` shows: the same as ``description``.
  public var customMirror: Mirror { Mirror(self, children: ["fields": description]) }
}
