/// Reads the messages of a conversation, each a line or several.
final class ChatInput {
  private let editor: LineEditor

  /// - Parameter isHistoryKept: Whether what is typed is kept for the next sessions.
  init(isHistoryKept: Bool) {
    editor = LineEditor(historyName: "chat-history", isHistoryKept: isHistoryKept)
  }

  /// Whether a person types.
  var isInteractive: Bool { editor.isInteractive }

  /// The next message or command; nil at the end. Empty ones are passed over.
  func next() throws -> String? {
    var lines = MessageLines(takesQuotes: isInteractive)
    while true {
      switch try editor.next(prompt: lines.isEmpty ? "> " : "… ") {
      case .end: return lines.rest()
      case .interrupted: lines = MessageLines(takesQuotes: isInteractive)
      case .line(let line):
        guard let message = lines.add(line) else { continue }
        if isInteractive { editor.remember(message) }
        return message
      }
    }
  }
}

/// Puts messages together from lines: a line that ends with a backslash goes on in the next one, and all between two
/// `"""` is one message.
struct MessageLines {
  private let takesQuotes: Bool
  private var text = ""
  private var isQuoted = false

  /// - Parameter takesQuotes: Whether `"""` opens and closes a message, as it does for people who type.
  init(takesQuotes: Bool) { self.takesQuotes = takesQuotes }

  /// Whether no message was begun.
  var isEmpty: Bool { text.isEmpty && !isQuoted }

  /// Takes a line, and gives the message that it ends; nil where more is to come, or nothing was said.
  mutating func add(_ line: String) -> String? {
    if isQuoted {
      guard let end = Self.closing(line) else {
        text += line + "\n"
        return nil
      }
      text += end
      return rest()
    }
    // What was pasted is a message as it stands, quotes and all.
    if takesQuotes, text.isEmpty, !line.contains("\n"), let (head, tail) = Self.opening(line) {
      text = head
      if let end = Self.closing(tail) {
        text += end
        return rest()
      }
      isQuoted = true
      text += tail.isEmpty ? "" : tail + "\n"
      return nil
    }
    if line.hasSuffix("\\") {
      text += line.dropLast() + "\n"
      return nil
    }
    text += line
    return rest()
  }

  /// The message that was begun; nil where nothing was said.
  mutating func rest() -> String? {
    defer { self = MessageLines(takesQuotes: takesQuotes) }
    let message = text.trimmingSuffix { $0.isNewline }
    return message.allSatisfy(\.isWhitespace) ? nil : message
  }

  /// What stands before and behind the quotes that open a message, or the instructions of `/system`.
  private static func opening(_ line: String) -> (head: String, tail: String)? {
    for command in ["", "/system"] where line.hasPrefix(command) {
      let rest = line.dropFirst(command.count).drop { $0 == " " }
      if rest.hasPrefix(quotes) {
        return (command.isEmpty ? "" : command + " ", String(rest.dropFirst(quotes.count)))
      }
    }
    return nil
  }

  /// What stands before the quotes that close a message; nil where the line does not.
  private static func closing(_ line: String) -> String? {
    let trimmed = line.trimmingSuffix(while: \.isWhitespace)
    return trimmed.hasSuffix(quotes) ? String(trimmed.dropLast(quotes.count)) : nil
  }

  private static let quotes = "\"\"\""
}

extension String {
  /// The text without the characters at its end that fulfil a condition.
  fileprivate func trimmingSuffix(while isDropped: (Character) -> Bool) -> String {
    var text = self[...]
    while let last = text.last, isDropped(last) { text.removeLast() }
    return String(text)
  }
}
