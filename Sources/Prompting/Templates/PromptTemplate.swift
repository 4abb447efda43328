import MartletJSON
import MartletJinja
import MartletLanguageModels

/// A prompt with variables: the messages of a conversation, or a plain text, each in Jinja.
///
/// ```swift
/// let template = try PromptTemplate("Calculate {{percent}}% of ${{bill}}.", system: "Answer with a number.")
/// let prompt = try template.prompt(["percent": 15, "bill": "47.50"])
/// ```
public struct PromptTemplate: Sendable {
  /// A turn of the conversation.
  public struct Message: Sendable {
    /// Who speaks: `system`, `user` or `assistant`.
    public let role: String
    /// What is said.
    public let content: TextTemplate

    /// A turn.
    public init(role: String, content: TextTemplate) {
      (self.role, self.content) = (role, content)
    }
  }

  /// What people call it.
  public let name: String
  /// Its version, which grows when its words change.
  public let version: String
  /// The turns; the last one asks.
  public let messages: [Message]
  /// The values of variables that are not given.
  public let defaults: JSONObject
  /// Whether the prompt is a text without the model's chat template; it has one message then.
  public let isRaw: Bool

  /// A prompt of messages.
  /// - Throws: ``PromptingError/unusable(prompt:problem:)`` where there is no message, or a raw prompt has several.
  public init(
    _ messages: [Message], name: String = "prompt", version: String = "1", defaults: JSONObject = [:],
    isRaw: Bool = false
  ) throws(PromptingError) {
    guard !messages.isEmpty else { throw .unusable(prompt: name, problem: "has no message") }
    guard !isRaw || messages.count == 1 else {
      throw .unusable(prompt: name, problem: "is raw, so it is one text: put everything into prompt")
    }
    self.messages = messages
    self.name = name
    self.version = version
    self.defaults = defaults
    self.isRaw = isRaw
  }

  /// A question, with instructions in front of it.
  /// - Throws: ``PromptingError/template(_:problem:)`` where a text is not valid Jinja.
  public init(
    _ prompt: String, system: String? = nil, name: String = "prompt", version: String = "1",
    defaults: JSONObject = [:], isRaw: Bool = false
  ) throws(PromptingError) {
    var messages: [Message] = []
    for (role, text) in [("system", system), ("user", prompt)] {
      guard let text else { continue }
      do { messages.append(Message(role: role, content: try TextTemplate(text))) } catch {
        throw .template(JSON.quoted(String(text.prefix(60))), problem: error.reason)
      }
    }
    try self.init(messages, name: name, version: version, defaults: defaults, isRaw: isRaw)
  }

  /// The prompt with the variables' values.
  /// - Throws: ``PromptingError/missingVariable(_:template:given:)`` or ``PromptingError/template(_:problem:)``.
  public func prompt(_ variables: JSONObject) throws(PromptingError) -> Prompt {
    var rendered: [ChatMessage] = []
    for message in messages {
      rendered.append(ChatMessage(role: message.role, content: try render(message.content, variables)))
    }
    return isRaw ? .text(rendered[0].content) : .messages(rendered)
  }

  /// A text with the variables' values, or their defaults.
  func render(_ template: TextTemplate, _ variables: JSONObject) throws(PromptingError) -> String {
    var values = defaults
    for (name, value) in variables { values[name] = value }
    do { return try template.render(values) } catch {
      throw PromptingError(error, template: template, variables: values)
    }
  }

  /// Whether a name stands in one of the texts, so that it may be a variable.
  package func mentions(_ name: String) -> Bool { messages.contains { $0.content.mentions(name) } }

  /// The template as files write it.
  public var json: JSON {
    var members: JSONObject = ["name": .string(name), "version": .string(version)]
    if isRaw { members["raw"] = true }
    members["messages"] = .array(
      messages.map { ["role": .string($0.role), "content": .string($0.content.text)] })
    if !defaults.isEmpty { members["defaults"] = .object(defaults) }
    return .object(members)
  }
}
