/// A place in a file where code is to be completed.
public struct CompletionPoint: Sendable, Equatable {
  /// The text before the place.
  public let prefix: String
  /// The text after it.
  public let suffix: String

  /// The place between two texts.
  public init(prefix: String, suffix: String) { (self.prefix, self.suffix) = (prefix, suffix) }
}
