/// The blocks of a Markdown text that matter for breaking its lines: code, which is left alone, and items of lists.
struct MarkdownBlocks {
  private struct Fence {
    let character: Character
    let length: Int
  }

  /// The fence of the code block that is open.
  private var fence: Fence?
  /// The fence that this line has opened, unless more of its characters follow.
  private var opened: Fence?
  private var isIndentedCode = false
  private var isInList = false
  private var lineBeforeIsBlank = true
  private var lineIsBlank = true
  /// What this line of a code block begins with, as long as it may be the fence that ends the block.
  private var head: String?

  /// Looks at the first word of a line that is no code.
  ///
  /// - Returns: The columns of the marker of a list's item, and the space behind it.
  mutating func begin(_ word: String, indentation: Int) -> Int {
    if indentation >= 4, lineBeforeIsBlank, !isInList {
      isIndentedCode = true
      return 0
    }
    if let character = word.first, character == "`" || character == "~" {
      let length = word.prefix { $0 == character }.count
      if length >= 3, !word.dropFirst(length).contains("`") {
        opened = Fence(character: character, length: length)
        return 0
      }
    }
    if Self.isListMarker(word) {
      isInList = true
      return word.displayWidth + 1
    }
    if indentation == 0 { isInList = false }
    return 0
  }

  /// Whether the next character of the text belongs to code. Line breaks are not asked about.
  mutating func isCode(_ character: Character) -> Bool {
    if character != " ", character != "\t" { lineIsBlank = false }
    if let fence {
      if let begun = head {
        head = character == fence.character || character == " " ? begun + String(character) : nil
      }
      return true
    }
    if opened?.character == "`", character == "`" { opened = nil }
    return opened != nil || isIndentedCode
  }

  mutating func endLine() {
    if let fence, let head, Self.closes(head, fence) {
      self.fence = nil
    } else if let opened {
      fence = opened
    }
    opened = nil
    head = fence == nil ? nil : ""
    // Code that is indented goes on over empty lines, until a line that is not.
    lineBeforeIsBlank = lineIsBlank || isIndentedCode
    isIndentedCode = false
    lineIsBlank = true
  }

  private static func closes(_ line: String, _ fence: Fence) -> Bool {
    let run = line.drop { $0 == " " }.prefix { $0 == fence.character }
    return run.count >= fence.length && line[run.endIndex...].allSatisfy { $0 == " " }
  }

  private static func isListMarker(_ word: String) -> Bool {
    if ["-", "*", "+", "•"].contains(word) { return true }
    guard let last = word.last, last == "." || last == ")", (2...4).contains(word.count) else { return false }
    return word.dropLast().allSatisfy { $0.isASCII && $0.isNumber }
  }
}
