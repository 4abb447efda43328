import MartletDocuments

/// How documents are looked for.
public enum SearchMethod: String, Sendable, CaseIterable {
  /// By the nearness of vectors.
  case semantic
  /// By BM25 over words.
  case keyword
  /// By both rankings, fused.
  case hybrid
}

/// A passage that a search found.
public struct SearchResult: Sendable, Equatable {
  /// A place in one of the rankings that a result came from.
  public struct Place: Sendable, Equatable {
    /// From 1.
    public var rank: Int
    /// The cosine of the angle between query and passage, or the BM25 score.
    public var score: Double
  }

  /// Unique in its collection, and the same each time the same file is indexed.
  public var id: String
  /// Larger is better; comparable within one search only.
  public var score: Double
  /// The absolute path of the file.
  public var path: String
  /// The page, from 1; nil where there are none.
  public var page: Int?
  /// The first line, from 1; nil in a PDF.
  public var startLine: Int?
  /// The last line, inclusive; nil in a PDF.
  public var endLine: Int?
  /// The message, slide, sheet, cell or time that the passage begins at; nil where page or lines say where it is.
  public var place: MartletDocuments.Place?
  /// What is known of the passage besides its text, by name: of mail `from`, `to`, `date`, `subject` and others.
  public var attributes: [String: Attribute] = [:]
  /// The headings above the passage, outermost first, joined by " > "; empty where there are none.
  public var headings: String
  /// The passage, word for word. Where it begins in the midst of a table, the table's header stands before it.
  public var text: String
  /// Its place in the semantic ranking; nil where that does not have it.
  public var semantic: Place?
  /// Its place in the keyword ranking; nil where that does not have it.
  public var keyword: Place?
  /// Whether ``score`` is a reranker's.
  public var isReranked = false
  /// Whether the reranker read only a part of the passage.
  public var isCutForReranking = false
  /// What the parts of the text are in the document; empty where all of it is prose.
  public var parts: [Chunk.Part] = []
  /// The table header that the text begins with, though it stands above the passage's first line.
  public var repeatedHeader: Chunk.RepeatedHeader?
}
