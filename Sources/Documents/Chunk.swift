/// A passage of the size that an embedding model takes in one piece, with the place it came from.
public struct Chunk: Sendable, Equatable {
  /// The text, verbatim from the document, so that a quote from it can be found there. Where it begins in the midst of a
  /// table, the table's header stands before it once more.
  public var text: String
  /// The headings that stand above the chunk and not in it, joined by " > "; empty where there are none. The embedder
  /// and the word index see it before the text.
  public var context: String
  /// The page, counted from 1; nil where there are no pages.
  public var page: Int?
  /// The first line, counted from 1, a repeated header aside; nil in a PDF.
  public var startLine: Int?
  /// The last line, inclusive; nil in a PDF.
  public var endLine: Int?
  /// The headings above the chunk, outermost first.
  public var headings: [String]
  /// The position of the chunk in its document, counted from 0.
  public var ordinal: Int
  /// The tokens of context and text together.
  public var tokenCount: Int
  /// The slide, sheet, message, cell or time that the chunk begins at; nil where page or lines say where it is.
  public var place: Place?
  /// What is known of the chunk besides its text, by name: the sender and the date of a message, for example. Only what
  /// all of it has in common is here.
  public var attributes: [String: Attribute] = [:]
  /// What the parts of the text are in the document, in order. White space between parts belongs to none.
  public var parts: [Part] = []
  /// The header of a table whose rows begin above this chunk: `text` begins with it, and `startLine` does not count it.
  public var repeatedHeader: RepeatedHeader?

  /// A part of a chunk's text.
  public struct Part: Sendable, Equatable {
    /// What a part is.
    public enum Kind: String, Sendable {
      /// Sentences.
      case prose
      /// A heading.
      case heading
      /// Lines of code.
      case code
      /// One row of a table.
      case row
      /// The row that names a table's columns.
      case header
      /// Front matter, or the title of a page.
      case metadata
    }

    /// What it is.
    public var kind: Kind
    /// Where it is in the text, as bytes of UTF-8.
    public var byteRange: Range<Int>

    /// Creates a part.
    public init(kind: Kind, byteRange: Range<Int>) {
      self.kind = kind
      self.byteRange = byteRange
    }
  }

  /// A table's header at the beginning of a chunk that has later rows of the table.
  public struct RepeatedHeader: Sendable, Equatable {
    /// The line breaks of the chunk's text up to the first of the chunk's own lines.
    public var lineBreaks: Int
    /// The header's own first line; nil in a PDF.
    public var startLine: Int?
    /// The header's own last line, inclusive; nil in a PDF.
    public var endLine: Int?

    /// Creates a note of a repeated header.
    public init(lineBreaks: Int, startLine: Int? = nil, endLine: Int? = nil) {
      self.lineBreaks = lineBreaks
      self.startLine = startLine
      self.endLine = endLine
    }
  }

  /// What the embedder is given: the context, a line break, the text.
  public var embeddingText: String { context.isEmpty ? text : context + "\n" + text }

  /// Creates a chunk.
  public init(
    text: String, context: String = "", page: Int? = nil, startLine: Int? = nil, endLine: Int? = nil,
    headings: [String] = [], ordinal: Int = 0, tokenCount: Int = 0
  ) {
    self.text = text
    self.context = context
    self.page = page
    self.startLine = startLine
    self.endLine = endLine
    self.headings = headings
    self.ordinal = ordinal
    self.tokenCount = tokenCount
  }
}
