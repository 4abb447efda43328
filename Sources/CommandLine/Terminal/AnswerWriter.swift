/// Writes a model's text while it is made: to the letter into a file or pipe; on a terminal broken between words, and
/// without the characters that command it.
struct AnswerWriter {
  private let console: Console
  private var wrapper: WordWrapper?

  init(_ console: Console) {
    self.console = console
    wrapper = console.resultWidth.map { WordWrapper(width: $0, syntax: .markdown) }
  }

  /// Adds the next piece of the model's text.
  mutating func write(_ text: String) throws { try writeOwn(wrapper == nil ? text : printable(text)) }

  /// Adds a text of the program's own, which may be styled.
  mutating func writeOwn(_ text: String) throws {
    if let width = console.resultWidth { wrapper?.width = width }
    try console.result(wrapper?.add(text) ?? text)
    try console.flush()
  }

  /// Shows the last word. More may follow.
  mutating func finish() throws {
    if let rest = wrapper?.finish() { try console.result(rest) }
    try console.flush()
  }
}
