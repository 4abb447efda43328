import JSON
import Jinja
import LanguageModels
import Tokenizers

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
    template = try Template(source)
    specialTokens = [
      "bos_token": .string(beginningToken ?? ""), "eos_token": .string(endToken ?? ""),
    ]
  }

  /// Parses a template that may name the tokens with which a tokenizer's texts begin and end.
  init(source: String, _ tokenizer: Tokenizer) throws(TemplateError) {
    let special = tokenizer.special
    try self.init(
      source: source, beginningToken: special.bos.flatMap { tokenizer.token($0) },
      endToken: special.eos.flatMap { tokenizer.token($0) })
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
  /// The message as templates see it. As in transformers, members that are null are left out, and so is the content
  /// of one that only calls tools, which chat APIs write as null: many templates print it as "None" otherwise.
  var json: JSON {
    let callsOnly = content.isEmpty && extra["tool_calls"]?.arrayValue?.isEmpty == false
    return .object(
      JSONObject(
        [("role", .string(role))] + (callsOnly ? [] : [("content", .string(content))])
          + extra.filter { $0.value != .null }.map { ($0.key, $0.value) }))
  }
}
