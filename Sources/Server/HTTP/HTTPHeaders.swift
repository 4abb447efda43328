/// The header fields of a request or a response, in their order. Names are compared without regard to case.
public struct HTTPHeaders: Sendable, Equatable {
  /// A field.
  public struct Field: Sendable, Equatable {
    /// As it was written.
    public var name: String
    /// Without the white space around it.
    public var value: String
  }

  /// All fields.
  public private(set) var fields: [Field] = []

  /// No fields.
  public init() {}

  /// The value of the first field of that name.
  public subscript(name: String) -> String? {
    fields.first { equalWithoutCase($0.name.utf8, name.utf8) }?.value
  }

  /// Adds a field.
  public mutating func append(_ name: String, _ value: String) {
    fields.append(Field(name: name, value: value))
  }
}

/// Whether two ASCII texts are equal but for the case of their letters.
func equalWithoutCase(_ a: some Collection<UInt8>, _ b: some Collection<UInt8>) -> Bool {
  func lower(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte + 0x20 : byte }
  return a.count == b.count && zip(a, b).allSatisfy { lower($0) == lower($1) }
}
