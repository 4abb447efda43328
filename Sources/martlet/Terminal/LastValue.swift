import Synchronization

/// Remembers a text, to tell when it changes.
final class LastValue: Sendable {
  private let value = Mutex("")

  /// Whether `text` differs from the one before it.
  func change(to text: String) -> Bool {
    value.withLock { value in
      defer { value = text }
      return value != text
    }
  }
}
