/// A provider's key. It is in no description and in no dump.
public struct APIKey: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  package let secret: String

  /// A key; nil for a text that is empty or that no header field can hold.
  public init?(_ text: String) {
    let visible = text.unicodeScalars.filter { $0.value > 0x20 && $0.value < 0x7F }
    guard !visible.isEmpty else { return nil }
    secret = String(String.UnicodeScalarView(visible))
  }

  /// Always `…`.
  public var description: String { "…" }
  /// Always `…`.
  public var debugDescription: String { "…" }
  /// Empty.
  public var customMirror: Mirror { Mirror(self, children: [:]) }

  /// A text of a server's without the key, which some repeat in their errors.
  func scrubbed(_ text: String) -> String { text.replacing(secret, with: "…") }
}
