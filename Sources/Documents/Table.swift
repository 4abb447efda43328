/// The rows of a table, which are never divided between two chunks, and the header that each of those chunks repeats.
public struct Table: Sendable, Equatable {
  /// A row as it stands in the document, or as it was extracted; a quoted field may span several lines.
  public struct Row: Sendable, Equatable {
    /// The row, word for word.
    public var text: String
    /// The first line, counted from 1; nil in a PDF.
    public var startLine: Int?
    /// The last line, inclusive; nil in a PDF.
    public var endLine: Int?

    /// Creates a row.
    public init(_ text: String, startLine: Int? = nil, endLine: Int? = nil) {
      self.text = text
      self.startLine = startLine
      self.endLine = endLine
    }
  }

  /// The row that names the columns, in Markdown with the line of dashes below it; nil where there is none.
  public var header: Row?
  /// The rows below the header.
  public var rows: [Row]
  /// Whether the header stands directly above the rows. It does not where they continue a table that began in an earlier
  /// section.
  public var startsWithHeader: Bool

  /// Creates a table.
  public init(header: Row?, rows: [Row], startsWithHeader: Bool = true) {
    self.header = header
    self.rows = rows
    self.startsWithHeader = startsWithHeader
  }

  /// The rows that stand at this place, the header among them where it does.
  var ownRows: [Row] { (startsWithHeader ? [header].compactMap(\.self) : []) + rows }
}
