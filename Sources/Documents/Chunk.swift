/// A passage of the size that an embedding model takes in one piece, with the place it came from.
public struct Chunk: Sendable, Equatable {
  /// The text, verbatim from the document, so that a quote from it can be found there.
  public var text: String
  /// The headings that stand above the chunk and not in it, joined by " > "; empty where there are none. The embedder
  /// and the word index see it before the text.
  public var context: String
  /// The page, counted from 1; nil where there are no pages.
  public var page: Int?
  /// The first line, counted from 1; nil in a PDF.
  public var startLine: Int?
  /// The last line, inclusive; nil in a PDF.
  public var endLine: Int?
  /// The headings above the chunk, outermost first.
  public var headings: [String]
  /// The position of the chunk in its document, counted from 0.
  public var ordinal: Int
  /// The tokens of context and text together.
  public var tokens: Int

  /// What the embedder is given: the context, a line break, the text.
  public var embeddingText: String { context.isEmpty ? text : context + "\n" + text }

  /// Creates a chunk.
  public init(
    text: String, context: String = "", page: Int? = nil, startLine: Int? = nil, endLine: Int? = nil,
    headings: [String] = [], ordinal: Int = 0, tokens: Int = 0
  ) {
    self.text = text
    self.context = context
    self.page = page
    self.startLine = startLine
    self.endLine = endLine
    self.headings = headings
    self.ordinal = ordinal
    self.tokens = tokens
  }
}
