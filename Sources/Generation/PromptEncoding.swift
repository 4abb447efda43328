import MartletCheckpoints
import MartletJSON
import MartletJinja
import MartletLanguageModels
import MartletTokenizers
import MartletTransformers

/// A prompt as the model sees it: the text that its template made, and the ids of that text.
public struct RenderedPrompt: Sendable, Equatable {
  /// The text that was tokenized; nil where the prompt was given as ids.
  public var text: String?
  /// The ids that the model reads.
  public var tokens: [TokenID]
  /// What is odd about the prompt, such as a beginning-of-text token that stands twice.
  public var warnings: [String] = []
}

/// Turns prompts into ids by one rule for the beginning-of-text token: a model that wants one gets exactly one,
/// whether its template writes it or its tokenizer adds it.
///
/// It needs a model's tokenizer and template, not its weights.
public struct PromptEncoder: Sendable {
  /// What people call the model.
  public let modelName: String
  /// Text to ids and back.
  public let tokenizer: Tokenizer
  private let sources: ChatTemplates
  private let standard: ChatTemplate?
  private let specialTokens: [String: String]
  private let isEmbedder: Bool

  /// Reads a model's tokenizer and chat template.
  /// - Throws: `TokenizerError` or `TemplateError` where they cannot be read.
  public init(_ checkpoint: Checkpoint, name: String) throws {
    modelName = name
    let tokenizer = try checkpoint.makeTokenizer()
    self.tokenizer = tokenizer
    sources = checkpoint.chatTemplates
    let specialTokens = try checkpoint.specialTokens(tokenizer)
    self.specialTokens = specialTokens
    standard = try sources.standard.map { try ChatTemplate(source: $0, specialTokens: specialTokens) }
    isEmbedder = PretrainedModels.encoders.contains(checkpoint.architecture)
  }

  /// A tokenizer and templates that need not come from a model's files.
  /// - Parameters:
  ///   - tokenizer: Text to ids and back.
  ///   - chatTemplates: The model's chat templates, if it has any.
  ///   - specialTokens: What templates may name (`bos_token`), by name.
  ///   - name: What people call the model, for errors.
  /// - Throws: `TemplateError` where the standard template cannot be read.
  public init(
    _ tokenizer: Tokenizer, chatTemplates: ChatTemplates = ChatTemplates(),
    specialTokens: [String: String] = [:], name: String
  ) throws(TemplateError) {
    modelName = name
    self.tokenizer = tokenizer
    sources = chatTemplates
    self.specialTokens = specialTokens
    standard =
      if let source = chatTemplates.standard {
        try ChatTemplate(source: source, specialTokens: specialTokens)
      } else { nil }
    isEmbedder = false
  }

  /// Whether the model has a chat template for conversations without tools.
  public var hasChatTemplate: Bool { standard != nil }

  /// The text of a conversation, as the model's template renders it.
  /// - Parameters:
  ///   - messages: The turns, all of them complete.
  ///   - tools: Tools that the template may list.
  ///   - addGenerationPrompt: Whether the text ends with the beginning of the assistant's turn.
  /// - Throws: ``GenerationError`` or `TemplateError` where it cannot be rendered.
  public func text(
    of messages: [ChatMessage], tools: JSON? = nil, addGenerationPrompt: Bool
  ) throws -> String {
    try template(forTools: tools != nil).render(
      messages: messages, tools: tools, addGenerationPrompt: addGenerationPrompt)
  }

  /// Sees to it that messages can be rendered at all.
  /// - Throws: ``GenerationError/noChatTemplate(model:named:)``.
  func requireChatTemplate() throws { _ = try template(forTools: false) }

  /// The prompt exactly as the model sees it.
  /// - Throws: ``GenerationError`` or `TemplateError` where it cannot be rendered.
  public func encode(_ prompt: Prompt) throws -> RenderedPrompt {
    switch prompt {
    case .tokens(let ids):
      if let unknown = ids.first(where: { $0 < 0 || $0 >= tokenizer.vocabularySize }) {
        throw GenerationError.unknownToken(unknown, vocabularySize: tokenizer.vocabularySize)
      }
      return RenderedPrompt(text: nil, tokens: ids)
    case .text(let text):
      return encode(text: text)
    case .messages(let messages, let tools):
      return try encode(messages, tools: tools == .null ? nil : tools)
    }
  }

  private func encode(_ messages: [ChatMessage], tools: JSON?) throws -> RenderedPrompt {
    let template = try template(forTools: tools != nil)
    guard !messages.isEmpty else { throw GenerationError.emptyPrompt }
    // What the assistant has begun to say comes after the template's own beginning of its turn.
    let begun = messages.last.flatMap { $0.begins ? $0.content : nil }
    let turns = begun == nil ? messages : messages.dropLast()
    guard !turns.isEmpty else { throw GenerationError.emptyPrompt }
    let text = try template.render(messages: turns, tools: tools)
    var prompt = encode(text: text + (begun ?? ""))
    if tools?.arrayValue?.isEmpty == false, (try? template.render(messages: turns)) == text {
      prompt.warnings.append(
        "The model's template has no place for tools, so that the model is not told of them.")
    }
    return prompt
  }

  private func template(forTools: Bool) throws -> ChatTemplate {
    if forTools, let source = sources.template(forTools: true), source != sources.standard {
      // Read only when it is needed: what is wrong in it does not concern conversations without tools.
      return try ChatTemplate(source: source, specialTokens: specialTokens)
    }
    guard let standard else {
      if isEmbedder { throw GenerationError.embeddingModel(name: modelName) }
      throw GenerationError.noChatTemplate(model: modelName, named: sources.named.keys.sorted())
    }
    return standard
  }

  /// The ids of a text in which special tokens may be written, with one beginning-of-text token in front where the model
  /// wants one.
  package func encode(text: String) -> RenderedPrompt {
    var tokens = tokenizer.encode(text, addSpecialTokens: false, parseSpecialTokens: true)
    var warnings: [String] = []
    if let beginning = tokenizer.special.bos {
      if tokenizer.special.addsBOS, tokens.first != beginning { tokens.insert(beginning, at: 0) }
      let repeated = tokens.prefix(while: { $0 == beginning }).count
      if repeated > 1 {
        warnings.append(
          "The prompt begins with the beginning-of-text token \(repeated) times; answers suffer from that.")
      }
    }
    return RenderedPrompt(text: text, tokens: tokens, warnings: warnings)
  }
}

extension ChatMessage {
  /// Whether this is the beginning of a turn that the model goes on with, where it comes last.
  fileprivate var begins: Bool { role == "assistant" && hasContent && extra["tool_calls"] == nil }
}

extension ContextOverflow {
  /// Cuts ids so that they and `reserve` more fit into `contextLength`, or refuses.
  /// - Parameter keepsFirst: Whether the first id stands for the beginning of the text, without which many models
  ///   write nonsense: a cut then begins behind it.
  /// - Returns: What is left, and how many tokens were cut.
  func fit(
    _ tokens: [TokenID], contextLength: Int, reserve: Int, keepsFirst: Bool = false
  ) throws(GenerationError) -> ([TokenID], cut: Int) {
    guard !tokens.isEmpty else { throw .emptyPrompt }
    guard tokens.count >= contextLength else { return (tokens, 0) }
    let room = max(1, contextLength - max(1, min(reserve, contextLength / 4)))
    let cut = tokens.count - room
    switch self {
    case .refuse:
      throw .promptTooLong(promptTokenCount: tokens.count, contextLength: contextLength)
    case .cutStart:
      return (Array(tokens.prefix(keepsFirst ? 1 : 0) + tokens.suffix(keepsFirst ? room - 1 : room)), cut)
    case .cutMiddle:
      return (Array(tokens.prefix(room / 2) + tokens.suffix(room - room / 2)), cut)
    }
  }
}
