/// A place in a file where code is to be completed: the cursor of an editor.
public struct CompletionPoint: Sendable, Equatable {
  /// The text before the place.
  public let prefix: String
  /// The text after it.
  public let suffix: String
  /// The file, so that its language is known and its own passages are left out; nil for a text that is in none.
  public let path: String?

  /// The place between two texts.
  public init(prefix: String, suffix: String, path: String? = nil) {
    (self.prefix, self.suffix, self.path) = (prefix, suffix, path)
  }

  /// A place in a text.
  /// - Parameters:
  ///   - text: What the file holds.
  ///   - path: The file.
  ///   - line: The line, from 1. After a line break at the end of the text comes one more, empty line.
  ///   - column: The column, from 1, in characters: the place is in front of the character there, and the column after the
  ///     last one is the end of the line. Nil is the end of the line.
  /// - Throws: ``CodeCompletionError`` where the text has no such line or column.
  public init(
    in text: String, path: String? = nil, line: Int, column: Int? = nil
  ) throws(CodeCompletionError) {
    var lines: [Range<String.Index>] = []
    var start = text.startIndex
    while let end = text[start...].firstIndex(where: \.endsLine) {
      lines.append(start..<end)
      start = text.index(after: end)
    }
    lines.append(start..<text.endIndex)
    guard lines.indices.contains(line - 1) else { throw .noSuchLine(line, lineCount: lines.count) }
    let own = text[lines[line - 1]]
    let place: String.Index
    if let column {
      guard column >= 1, let found = own.index(own.startIndex, offsetBy: column - 1, limitedBy: own.endIndex)
      else { throw .noSuchColumn(column, line: line, columnCount: own.count + 1) }
      place = found
    } else {
      place = own.endIndex
    }
    self.init(prefix: String(text[..<place]), suffix: String(text[place...]), path: path)
  }

  /// The line of the place, from 1.
  public var line: Int { prefix.reduce(1) { $0 + ($1.endsLine ? 1 : 0) } }

  /// The text of the line before the place.
  var lineBefore: Substring {
    prefix[(prefix.lastIndex(where: \.endsLine).map(prefix.index(after:)) ?? prefix.startIndex)...]
  }
  /// The text of the line after the place.
  var lineAfter: Substring { suffix[..<(suffix.firstIndex(where: \.endsLine) ?? suffix.endIndex)] }
}

extension Character {
  /// A line feed, or one with a carriage return before it.
  var endsLine: Bool { self == "\n" || self == "\r\n" }
}

extension StringProtocol {
  /// Whether there is nothing but white space.
  var isBlank: Bool { allSatisfy(\.isWhitespace) }
  /// The white space at its beginning.
  var indentation: SubSequence { prefix { $0 == " " || $0 == "\t" } }
  /// The text without white space at its ends.
  var trimmed: String {
    guard let first = firstIndex(where: { !$0.isWhitespace }),
      let last = lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(self[first...last])
  }
}
