import MartletDocuments

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
  /// The message, slide, sheet, cell or time of its passage; nil where page or lines say where it is.
  public var place: Place?
  /// What is known of its passage besides the text, by name.
  public var attributes: [String: Attribute] = [:]

  /// The names of the columns where the quote is a row of a table; nil for everything else.
  public var header: String?

  /// Below this score a quote says next to nothing of the question.
  public static let floor = 0.5

  /// A unit of a result's text. Where each line of the passage is a line of the file, the quote has lines of its own, else
  /// those of its passage.
  init(_ unit: PassageUnit, of result: SearchResult, number: Int, score: Double) {
    let range = unit.range
    text = String(result.text[range])
    header = unit.header
    self.score = score
    self.number = number
    (id, path, page) = (result.id, result.path, result.page)
    (startLine, endLine) = (result.startLine, result.endLine)
    (place, attributes) = (result.place, result.attributes)
    let repeated = result.repeatedHeader?.lineBreaks ?? 0
    guard let first = result.startLine, let last = result.endLine,
      Self.lineBreaks(result.text[...]) == last - first + repeated
    else { return }
    let start = first + Self.lineBreaks(result.text[..<range.lowerBound]) - repeated
    startLine = start
    endLine = start + Self.lineBreaks(result.text[range])
  }

  private static func lineBreaks(_ text: Substring) -> Int { text.utf8.count { $0 == 0x0A } }
}
