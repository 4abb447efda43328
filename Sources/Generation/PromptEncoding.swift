import Checkpoints
import LanguageModels
import Tokenizers

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
  let modelName: String
  /// Text to ids and back.
  public let tokenizer: Tokenizer
  let template: ChatTemplate?

  /// Reads a model's tokenizer and chat template.
  /// - Throws: `TokenizerError` or `TemplateError` where they cannot be read.
  public init(_ checkpoint: Checkpoint, name: String) throws {
    modelName = name
    let tokenizer = try checkpoint.makeTokenizer()
    self.tokenizer = tokenizer
    template = try checkpoint.chatTemplate.map { source in
      try ChatTemplate(
        source: source, beginningToken: tokenizer.special.bos.flatMap { tokenizer.token($0) },
        endToken: tokenizer.special.eos.flatMap { tokenizer.token($0) })
    }
  }

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
      return encode(text)
    case .messages(let messages, let tools):
      guard let template else { throw GenerationError.noChatTemplate(model: modelName) }
      return encode(try template.render(messages: messages, tools: tools, addGenerationPrompt: true))
    }
  }

  private func encode(_ text: String) -> RenderedPrompt {
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
      throw .promptTooLong(promptTokens: tokens.count, contextLength: contextLength)
    case .cutStart:
      return (Array(tokens.prefix(keepsFirst ? 1 : 0) + tokens.suffix(keepsFirst ? room - 1 : room)), cut)
    case .cutMiddle:
      return (Array(tokens.prefix(room / 2) + tokens.suffix(room - room / 2)), cut)
    }
  }
}
