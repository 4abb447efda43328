import MartletDocuments

/// Cuts a source file at its declarations into pieces of a limited number of tokens, as long as they may be. A declaration
/// that is longer is cut between its lines.
struct CodePieces {
  let limit: Int
  let countTokens: (String) -> Int
  private(set) var pieces: [String] = []
  private var text = ""
  private var tokens = 0
  private var lastLine = 0

  init(limit: Int, countTokens: @escaping (String) -> Int) {
    (self.limit, self.countTokens) = (limit, countTokens)
  }

  mutating func append(_ section: Section) {
    let start = section.startLine ?? lastLine + 1
    append(section.text, at: start, size: countTokens(section.text) + 1)
    lastLine = section.endLine ?? start
  }

  mutating func finish() {
    if !text.isEmpty { pieces.append(text + "\n") }
    (text, tokens) = ("", 0)
  }

  private mutating func append(_ part: String, at line: Int, size: Int) {
    guard size <= limit else { return appendLines(of: part, at: line) }
    if !text.isEmpty, tokens + size + 1 > limit { finish() }
    // Blank lines between two declarations stay.
    if !text.isEmpty { text += String(repeating: "\n", count: max(1, line - lastLine)) }
    text += part
    tokens += size + 1
  }

  private mutating func appendLines(of part: String, at start: Int) {
    finish()
    for (index, line) in part.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let size = countTokens(String(line)) + 1
      if !text.isEmpty, tokens + size > limit { finish() }
      if tokens > 0 { text += "\n" }
      text += line
      tokens += size
      lastLine = start + index
    }
  }
}
