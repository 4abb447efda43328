import MartletLanguageModels

/// The parts of a prompt in order, which become one text or the messages of a conversation. The rules for what is put
/// between them are those of lm-evaluation-harness 0.4.13.
package struct PromptTurns: Sendable {
  private struct Turn: Sendable {
    let role: String
    let content: String
    /// What follows it in a text.
    let delimiter: String
  }

  private var turns: [Turn] = []

  /// No parts.
  package init() {}

  /// What the reply begins with.
  package private(set) var prefix: String?

  /// Instructions for the whole, in front of everything else.
  package mutating func describe(_ text: String, delimiter: String = "") {
    guard !text.isEmpty else { return }
    turns.append(Turn(role: "system", content: text, delimiter: delimiter))
  }

  /// A question with its answer.
  package mutating func addExample(
    _ question: String, answer: String, prefix: String?, targetDelimiter: String, fewshotDelimiter: String
  ) {
    ask(question, prefix: prefix, targetDelimiter: targetDelimiter, isAnswered: !answer.isEmpty)
    if answer.isEmpty {
      if let prefix, !prefix.isEmpty { turns.append(Turn(role: "assistant", content: prefix, delimiter: "")) }
      return
    }
    let text = Self.joined(prefix ?? "", answer)
    turns.append(Turn(role: "assistant", content: text, delimiter: fewshotDelimiter))
  }

  /// The question that the model answers.
  package mutating func addQuestion(_ question: String, prefix: String?, targetDelimiter: String) {
    ask(question, prefix: prefix, targetDelimiter: targetDelimiter, isAnswered: false)
    self.prefix = prefix.flatMap { $0.isEmpty ? nil : $0 }
  }

  private mutating func ask(
    _ question: String, prefix: String?, targetDelimiter: String, isAnswered: Bool
  ) {
    let hasPrefix = prefix?.isEmpty == false
    let needsDelimiter =
      hasPrefix
      ? !question.isEmpty && !PlainText.endsWithSpace(question) && !PlainText.beginsWithSpace(prefix ?? "")
      : isAnswered
    turns.append(Turn(role: "user", content: question, delimiter: needsDelimiter ? targetDelimiter : ""))
  }

  /// Everything in one text, the beginning of the reply last.
  package var text: String { turns.map { $0.content + $0.delimiter }.joined() + (prefix ?? "") }

  /// The messages of a conversation, the beginning of the reply left out.
  package var messages: [ChatMessage] { turns.map { ChatMessage(role: $0.role, content: $0.content) } }

  private static func joined(_ prefix: String, _ suffix: String) -> String {
    if prefix.isEmpty || suffix.isEmpty { return prefix + suffix }
    let touches = PlainText.endsWithSpace(prefix) || PlainText.beginsWithSpace(suffix)
    return touches ? prefix + suffix : prefix + " " + suffix
  }
}
