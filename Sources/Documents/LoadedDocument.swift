/// A passage of a document that belongs together: a paragraph, a heading, a table, a function.
public struct Section: Sendable, Equatable {
  /// What the passage is in its document.
  public enum Role: String, Sendable, Equatable {
    /// A paragraph, a list or a quotation.
    case prose
    /// A heading.
    case heading
    /// Code, in a source file or a fenced block.
    case code
    /// A table.
    case table
    /// The front matter of a Markdown file, or the title of a page.
    case metadata
  }

  /// The text as it stands in the file (in a PDF or an HTML page: as it was extracted).
  public var text: String
  /// The page, counted from 1; nil where there are no pages.
  public var page: Int?
  /// The first line, counted from 1; nil in a PDF.
  public var startLine: Int?
  /// The last line, inclusive; nil in a PDF.
  public var endLine: Int?
  /// The headings above the passage, outermost first. In code: the enclosing declarations.
  public var headings: [String]
  /// What the passage is.
  public var role: Role
  /// Whether each line of `text` is one line of the file, so that a part of the text has lines of its own.
  public var linesFollowFile: Bool
  /// The slide, sheet, message, cell or time; nil where page or lines say where the passage is.
  public var place: Place?
  /// What is known of the passage, by name. Of mail: `from`, `to`, `cc`, `date` (in seconds since 1970), `subject`,
  /// `message_id` and `thread`, `attachment` (the name of the file) and `quoted` (1) where the passage is such.
  ///
  /// An index keeps them beside the passage's place. Names of its own, such as `page` and `headings`, are not for
  /// attributes.
  public var attributes: [String: Attribute] = [:]
  /// The rows of a table; nil for everything else.
  public private(set) var table: Table?

  /// Creates a section.
  public init(
    text: String, page: Int? = nil, startLine: Int? = nil, endLine: Int? = nil, headings: [String] = [],
    role: Role = .prose, linesFollowFile: Bool = true
  ) {
    self.text = text
    self.page = page
    self.startLine = startLine
    self.endLine = endLine
    self.headings = headings
    self.role = role
    self.linesFollowFile = linesFollowFile
  }

  /// Creates a section of a table, whose text and lines are those of its rows.
  public init(_ table: Table, page: Int? = nil, headings: [String] = [], linesFollowFile: Bool = true) {
    let rows = table.ownRows
    self.init(
      text: rows.map(\.text).joined(separator: "\n"), page: page, startLine: rows.first?.startLine,
      endLine: rows.last?.endLine, headings: headings, role: .table, linesFollowFile: linesFollowFile)
    self.table = table
  }
}

/// What is known of a document once it has been read to its end.
public struct DocumentSummary: Sendable, Equatable {
  /// What the file was read as.
  public var kind: DocumentKind
  /// The title of the page or the PDF, where it has one.
  public var title: String?
  /// What a user should know: a guessed encoding, replaced bytes, pages without text.
  public var warnings: [String]
  /// The characters on each page of a PDF; empty for other files.
  public var pageCharacters: [Int]
  /// The running headers, footers and page numbers of a PDF that were left out; empty for other files.
  public var runningLines: [RunningLine]

  /// Creates a summary.
  public init(
    kind: DocumentKind, title: String? = nil, warnings: [String] = [], pageCharacters: [Int] = [],
    runningLines: [RunningLine] = []
  ) {
    self.kind = kind
    self.title = title
    self.warnings = warnings
    self.pageCharacters = pageCharacters
    self.runningLines = runningLines
  }
}

/// A line that recurs at the top or bottom of a PDF's pages. A header or footer is kept where it first stands, and left
/// out of later pages; page numbers are left out everywhere.
public struct RunningLine: Sendable, Equatable {
  /// The line; the first of them where they are page numbers.
  public var text: String
  /// Whether the line is the page's number.
  public var isPageNumber: Bool
  /// From how many pages it was left out.
  public var pages: Int

  /// Creates a note of a line that was left out.
  public init(text: String, isPageNumber: Bool = false, pages: Int) {
    self.text = text
    self.isPageNumber = isPageNumber
    self.pages = pages
  }
}

/// A whole document in memory.
public struct LoadedDocument: Sendable, Equatable {
  /// Kind, title, warnings and page counts.
  public var summary: DocumentSummary
  /// The passages in the order of the file.
  public var sections: [Section]

  /// What the file was read as.
  public var kind: DocumentKind { summary.kind }
  /// What a user should know about how it was read.
  public var warnings: [String] { summary.warnings }
  /// The characters on each page of a PDF; empty for other files.
  public var pages: [Int] { summary.pageCharacters }

  /// Creates a document from its parts.
  public init(summary: DocumentSummary, sections: [Section]) {
    self.summary = summary
    self.sections = sections
  }
}
