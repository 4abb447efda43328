/// What reading one YAML text may take, so that a hostile text ends with an error.
public struct YAMLLimits: Sendable, Equatable {
  /// How deep lists and mappings may nest.
  public var maximumDepth: Int
  /// Values in all, those of an alias counted each time it is used: an alias of aliases grows exponentially.
  public var maximumValues: Int
  /// Bytes of all keys and scalars, those of an alias counted each time it is used.
  public var maximumTextBytes: Int

  /// Limits far beyond what people write by hand.
  public init(maximumDepth: Int = 100, maximumValues: Int = 2_000_000, maximumTextBytes: Int = 256 << 20) {
    self.maximumDepth = maximumDepth
    self.maximumValues = maximumValues
    self.maximumTextBytes = maximumTextBytes
  }
}
