import MartletGeneration
import MartletLanguageModels

/// What `--show-prompt` shows: the text that a model here reads, to the letter, or the messages that a provider is sent.
struct ShownPrompt {
  let text: String
  /// ` (210 tokens)`, where the number is known.
  let size: String

  init(_ messages: [ChatMessage], of model: any LanguageModel) throws {
    if let rendered = try model.local?.render(.messages(messages)) {
      text = rendered.text ?? ""
      size = " (\(rendered.tokens.count) tokens)"
    } else {
      text = messages.map { "\($0.role): \($0.content)" }.joined(separator: "\n\n")
      size = ""
    }
  }
}
