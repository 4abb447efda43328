/// Gathers the rows of an HTML table; a table within a cell adds its rows to those of the outer one.
struct HTMLTable {
  /// Whether the next row stands in a `thead`.
  var isInHead = false

  /// A row, and what tells whether it names the columns.
  private struct Row {
    var row: Table.Row
    var cells: Int
    var headings: Int
    var isInHead: Bool

    /// Whether all cells, or the element around the row, say that it is of headings.
    var isHeader: Bool { isInHead || (cells > 0 && headings == cells) }
  }

  private var rows: [Row] = []
  private var cells = 0
  private var headings = 0

  /// Whether the row at hand has a cell.
  var hasCells: Bool { cells > 0 }

  mutating func beginCell(isHeading: Bool) {
    cells += 1
    if isHeading { headings += 1 }
  }

  /// Ends the row at hand; nothing happens where it has no text.
  mutating func endRow(_ text: [UInt8], startLine: Int, endLine: Int) {
    defer { (cells, headings) = (0, 0) }
    var text = text[...]
    while let last = text.last, last <= 0x20 { text.removeLast() }
    text = text.drop { $0 <= 0x20 }
    guard !text.isEmpty else { return }
    let row = Table.Row(String(decoding: text, as: UTF8.self), startLine: startLine, endLine: endLine)
    rows.append(Row(row: row, cells: cells, headings: headings, isInHead: isInHead))
  }

  /// The table, with its caption and what else stands in no cell before it.
  func finish(headings: [String]) -> [Section] {
    var sections: [Section] = []
    var rest = rows[...]
    while let first = rest.first, first.cells == 0 {
      sections.append(
        Section(
          text: first.row.text, startLine: first.row.startLine, endLine: first.row.endLine,
          headings: headings, linesFollowFile: false))
      rest.removeFirst()
    }
    guard !rest.isEmpty else { return sections }
    let head = rest.prefix(while: \.isHeader).map(\.row)
    rest = rest.dropFirst(head.count)
    // Where no cell says that it is a heading, the first of several rows of several cells is taken to name the columns.
    let isPlain = head.isEmpty && !rest.contains { $0.headings > 0 }
    if isPlain, rest.count > 2, let first = rest.first, first.cells > 1,
      first.row.text.utf8.count <= Self.longestGuess
    {
      rest.removeFirst()
      sections.append(Self.section(header: first.row, rest, headings))
    } else if rest.isEmpty {
      sections.append(Section(Table(header: nil, rows: head), headings: headings, linesFollowFile: false))
    } else {
      sections.append(Self.section(header: Self.joined(head), rest, headings))
    }
    return sections
  }

  /// Longer ones are cells of a page's layout.
  private static let longestGuess = 200

  private static func section(header: Table.Row?, _ rows: ArraySlice<Row>, _ headings: [String]) -> Section {
    Section(Table(header: header, rows: rows.map(\.row)), headings: headings, linesFollowFile: false)
  }

  /// A header of several rows is one.
  private static func joined(_ rows: [Table.Row]) -> Table.Row? {
    guard let first = rows.first else { return nil }
    return Table.Row(
      rows.map(\.text).joined(separator: "\n"), startLine: first.startLine, endLine: rows.last?.endLine)
  }
}
