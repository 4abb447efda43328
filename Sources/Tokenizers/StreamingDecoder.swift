/// Turns ids into text as they come, and never gives half a character.
public struct StreamingDecoder: Sendable {
  /// The text that the id completes; empty while a character is unfinished.
  public mutating func append(_ id: TokenID) -> String { "" }

  /// What is left: an unfinished character reads as U+FFFD.
  public mutating func finish() -> String { "" }
}
