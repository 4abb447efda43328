import MartletJSON
import MartletJinja
import MartletLanguageModels

/// A model's own chat template: the Jinja source that came with its files, and what it may refer to.
public struct ChatTemplate: Sendable {
  private let template: Template
  private let specialTokens: [String: JSON]

  /// Parses a template.
  /// - Parameters:
  ///   - source: The Jinja source, as Hugging Face's `chat_template` holds it.
  ///   - beginningToken: What `bos_token` stands for.
  ///   - endToken: What `eos_token` stands for.
  /// - Throws: `TemplateError` where the source is malformed, or uses what is not supported.
  public init(source: String, beginningToken: String? = nil, endToken: String? = nil) throws(TemplateError) {
    try self.init(
      source: source, specialTokens: ["bos_token": beginningToken ?? "", "eos_token": endToken ?? ""])
  }

  /// Parses a template.
  /// - Parameters:
  ///   - source: The Jinja source, as Hugging Face's `chat_template` holds it.
  ///   - specialTokens: The special tokens that the template may name, by name (`bos_token`, `pad_token`);
  ///     `Checkpoint.specialTokens(_:)` has a model's. Those that are missing are undefined in the template.
  /// - Throws: `TemplateError` where the source is malformed, or uses what is not supported.
  public init(source: String, specialTokens: [String: String]) throws(TemplateError) {
    template = try Template(source)
    self.specialTokens = specialTokens.mapValues { .string($0) }
  }

  /// The prompt's text for a conversation, as transformers' `apply_chat_template` renders it.
  /// - Parameters:
  ///   - messages: The turns so far.
  ///   - tools: Tools that the template may list, as an array of JSON schemas.
  ///   - addGenerationPrompt: Whether the text ends with the beginning of the assistant's turn.
  ///   - extra: Further variables that the template reads.
  /// - Throws: `TemplateError`, for one where the template itself refuses the conversation.
  public func render(
    messages: [ChatMessage], tools: JSON? = nil, addGenerationPrompt: Bool = true, extra: [String: JSON] = [:]
  ) throws(TemplateError) -> String {
    var context = specialTokens.merging(extra) { $1 }
    context["messages"] = .array(messages.map(\.json))
    context["add_generation_prompt"] = .bool(addGenerationPrompt)
    // transformers passes None for what is not given; a template may ask `tools is not none`.
    context["tools"] = tools ?? context["tools"] ?? .null
    context["documents"] = context["documents"] ?? .null
    return try template.render(context)
  }
}

extension ChatMessage {
  /// The message as templates see it in transformers: members that are null are left out, a content that is null among
  /// them, which many templates would print as "None". Reasoning is there under each name that templates read.
  var json: JSON {
    var members: [(key: String, value: JSON)] = [("role", .string(role))]
    if hasContent { members.append(("content", .string(content))) }
    members += extra.filter { $0.value != .null }.map { ($0.key, $0.value) }
    let names = ["reasoning_content", "thinking", "reasoning"]
    guard let reasoning = names.lazy.compactMap({ name in members.first { $0.key == name }?.value }).first
    else { return .object(JSONObject(members.map { ($0.key, $0.value) })) }
    let thinking = members.first { $0.key == "thinking" }?.value ?? reasoning
    members = [("thinking", thinking)] + members.filter { $0.key != "thinking" }
    if let place = members.firstIndex(where: { $0.key == "reasoning_content" }) {
      members[place].value = reasoning
    } else {
      members.append(("reasoning_content", reasoning))
    }
    return .object(JSONObject(members.map { ($0.key, $0.value) }))
  }
}
