import JSON

/// One turn of a conversation, as chat templates and chat APIs know it.
public struct ChatMessage: Sendable, Equatable {
  /// Who speaks: `system`, `user`, `assistant`, `tool`, or another role that a template knows.
  public var role: String
  /// What is said.
  public var content: String
  /// Further members that a template may read (`tool_calls`, `name`, `tool_call_id`, …).
  public var extra: JSONObject

  /// A turn of `role` that says `content`.
  public init(role: String, content: String, extra: JSONObject = [:]) {
    self.role = role
    self.content = content
    self.extra = extra
  }

  /// Instructions for the whole conversation.
  public static func system(_ content: String) -> Self { .init(role: "system", content: content) }
  /// What the person says.
  public static func user(_ content: String) -> Self { .init(role: "user", content: content) }
  /// What the model said.
  public static func assistant(_ content: String) -> Self { .init(role: "assistant", content: content) }
}
