import MartletJSON

/// One turn of a conversation, as chat templates and chat APIs know it.
public struct ChatMessage: Sendable, Equatable {
  /// Who speaks: `system`, `user`, `assistant`, `tool`, or another role that a template knows.
  public var role: String
  /// What is said; empty where ``hasContent`` is false.
  public var content: String
  /// Whether the turn has a content at all. Chat APIs write null for one that only calls tools, and templates tell that
  /// from an empty text.
  public var hasContent: Bool
  /// Further members that a template may read (`tool_calls`, `name`, `tool_call_id`, …).
  public var extra: JSONObject

  /// A turn of `role` that says `content`.
  public init(role: String, content: String, extra: JSONObject = [:]) {
    self.role = role
    self.content = content
    hasContent = true
    self.extra = extra
  }

  /// A turn of `role` without a content, which its further members stand for.
  public init(role: String, extra: JSONObject) {
    self.init(role: role, content: "", extra: extra)
    hasContent = false
  }

  /// Instructions for the whole conversation.
  public static func system(_ content: String) -> Self { .init(role: "system", content: content) }
  /// What the person says.
  public static func user(_ content: String) -> Self { .init(role: "user", content: content) }
  /// What the model said.
  public static func assistant(_ content: String) -> Self { .init(role: "assistant", content: content) }
}
