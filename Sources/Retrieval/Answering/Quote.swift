import Documents

/// A sentence of a source, word for word, that bears on a question.
public struct Quote: Sendable, Equatable {
  /// The sentence as it stands in its passage.
  public var text: String
  /// How much it bears on the question: cosine, and the share of the question's words that it has. About 1 and more is
  /// strong, below 0.7 weak.
  public var score: Double
  /// The rank of its passage among the results, from 1: the number of the source.
  public var number: Int
  /// The id of its passage.
  public var id: String
  /// The absolute path of the file.
  public var path: String
  /// The page, from 1; nil where there are none.
  public var page: Int?
  /// The first line, from 1; nil in a PDF.
  public var startLine: Int?
  /// The last line, inclusive; nil in a PDF.
  public var endLine: Int?

  /// A part of a result's text. Where each line of the passage is a line of the file, the quote has lines of its own,
  /// else those of its passage.
  init(_ range: Range<String.Index>, of result: SearchResult, number: Int, score: Double) {
    text = String(result.text[range])
    self.score = score
    self.number = number
    (id, path, page) = (result.id, result.path, result.page)
    (startLine, endLine) = (result.startLine, result.endLine)
    guard let first = result.startLine, let last = result.endLine,
      Self.lineBreaks(result.text[...]) == last - first
    else { return }
    let start = first + Self.lineBreaks(result.text[..<range.lowerBound])
    startLine = start
    endLine = start + Self.lineBreaks(result.text[range])
  }

  private static func lineBreaks(_ text: Substring) -> Int { text.utf8.count { $0 == 0x0A } }
}

extension SearchResult {
  /// The ranges of the passage's sentences; of its lines where it is source code.
  var sentenceRanges: [Range<String.Index>] {
    guard case .source? = DocumentKind.detect(path: path, head: []) else {
      return SentenceSplitter.ranges(text)
    }
    return text.split(separator: "\n").filter { !$0.allSatisfy(\.isWhitespace) }
      .map { $0.startIndex..<$0.endIndex }
  }
}
