/// Breaks lines between words, so that none is wider than a terminal. A text may come in pieces, as a model makes it:
/// only the word that is not finished yet is held back.
struct WordWrapper {
  /// What the text is.
  enum Syntax {
    case plain
    /// Code blocks are left as they are, and items of lists are indented.
    case markdown
  }

  /// The columns of a line. A terminal may change its size while a text comes.
  var width: Int
  private let hanging: Int?
  private let breaksLongWords: Bool
  private var blocks: MarkdownBlocks?

  /// Columns of what was given out of this line.
  private var column = 0
  /// Columns that the continuation of this line is indented by.
  private var indentation = 0
  /// Whether nothing but indentation was given out of this line.
  private var isAtStart = true
  private var spaces = ""
  private var word = ""
  private var wordWidth = 0
  /// Whether the word is wider than a line, so that its beginning was given out already.
  private var isLongWord = false
  private var escape = EscapeSequence()

  /// - Parameters:
  ///   - hanging: The columns that continued lines are indented by; nil for as many as the line itself is.
  ///   - breaksLongWords: Whether a word that is wider than a line is broken, rather than left to the terminal.
  init(width: Int, hanging: Int? = nil, syntax: Syntax = .plain, breaksLongWords: Bool = false) {
    self.width = max(1, width)
    self.hanging = hanging
    self.breaksLongWords = breaksLongWords
    blocks = syntax == .markdown ? MarkdownBlocks() : nil
  }

  /// A whole text with its lines broken.
  static func wrap(
    _ text: String, width: Int, hanging: Int? = nil, syntax: Syntax = .plain, breaksLongWords: Bool = false
  ) -> String {
    var wrapper = WordWrapper(
      width: width, hanging: hanging, syntax: syntax, breaksLongWords: breaksLongWords)
    return wrapper.add(text) + wrapper.finish()
  }

  /// Takes the next piece of the text, and gives what can be shown by now.
  mutating func add(_ text: String) -> String {
    var out = ""
    for character in text {
      if character == "\n" || character == "\r\n" {
        endLine(&out)
      } else if blocks?.isCode(character) == true {
        out += spaces
        spaces = ""
        out.append(character)
        isAtStart = false
      } else if escape.contains(character) {
        append(character, columns: 0, &out)
      } else if character == " " || character == "\t" {
        endWord(&out)
        spaces.append(character)
      } else {
        if let last = word.last, Self.canBreak(between: last, and: character) { endWord(&out) }
        append(character, columns: character.displayWidth, &out)
      }
    }
    return out
  }

  /// What was held back. More may follow.
  mutating func finish() -> String {
    var out = ""
    endWord(&out)
    return out
  }

  private mutating func append(_ character: Character, columns: Int, _ out: inout String) {
    if !isLongWord, wordWidth + columns > width - (isAtStart ? column + columnsOfSpaces : indentation) {
      breakLine(&out)
      out += word
      column += wordWidth
      word = ""
      wordWidth = 0
      isAtStart = false
      isLongWord = true
    }
    if isLongWord { return giveOut(character, columns, &out) }
    word.append(character)
    wordWidth += columns
  }

  /// Gives out a character of a word that is wider than a line.
  private mutating func giveOut(_ character: Character, _ columns: Int, _ out: inout String) {
    if breaksLongWords, column + columns > width {
      out += "\n" + String(repeating: " ", count: indentation)
      column = indentation
    }
    out.append(character)
    column += columns
  }

  private mutating func endWord(_ out: inout String) {
    isLongWord = false
    guard !word.isEmpty else { return }
    if isAtStart { beginLine() }
    if !isAtStart, column + columnsOfSpaces + wordWidth > width {
      breakLine(&out)
    } else {
      giveOutSpaces(&out)
    }
    out += word
    column += wordWidth
    isAtStart = false
    word = ""
    wordWidth = 0
  }

  /// Looks at the first word of a line.
  private mutating func beginLine() {
    indentation = min(hanging ?? columnsOfSpaces, max(width / 2, width - 10))
    guard var blocks else { return }
    let marker = blocks.begin(word, indentation: columnsOfSpaces)
    indentation = min(indentation + marker, width / 2)
    self.blocks = blocks
  }

  /// Starts a new line, or stays in this one where it holds nothing yet.
  private mutating func breakLine(_ out: inout String) {
    if isAtStart {
      beginLine()
      giveOutSpaces(&out)
    } else {
      out += "\n" + String(repeating: " ", count: indentation)
      column = indentation
      spaces = ""
    }
  }

  private mutating func giveOutSpaces(_ out: inout String) {
    out += spaces
    column += columnsOfSpaces
    spaces = ""
  }

  private var columnsOfSpaces: Int {
    spaces.reduce(column) { $1 == "\t" ? $0 / 8 * 8 + 8 : $0 + 1 } - column
  }

  private mutating func endLine(_ out: inout String) {
    endWord(&out)
    out += "\n"
    blocks?.endLine()
    spaces = ""
    column = 0
    indentation = 0
    isAtStart = true
  }

  /// Whether a line may end between two characters that no space divides.
  private static func canBreak(between last: Character, and next: Character) -> Bool {
    (last.isIdeographic || next.isIdeographic) && !closing.contains(next) && !opening.contains(last)
  }

  /// What does not stand at the beginning of a line.
  private static let closing = Set(
    "、。，．・：；？！」』】）〕〉》〗〙〛”’…‥ー々〻ゝゞヽヾぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ％,.:;?!)]}%")
  /// What does not stand at the end of one.
  private static let opening = Set("「『【（〔〈《〖〘〚“‘([{")
}
