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

  /// The open cell: where its text begins, and over how many columns and rows it goes.
  private var open: (start: Int, columns: Int, rows: Int)?
  private var column = 0
  /// What goes on from rows above, by column: its text and in how many rows more.
  private var spans: [Int: (text: [UInt8], rows: Int)] = [:]

  /// Begins a cell that may go over several columns and rows. What rows above put before it is said again.
  mutating func beginSpan(columns: Int, rows: Int, _ text: inout [UInt8]) {
    while fill(&text) { text += Array(" | ".utf8) }
    open = (text.count, columns, rows)
  }

  /// Adds what a row above says in this column too, and tells whether there is anything.
  private mutating func fill(_ text: inout [UInt8]) -> Bool {
    guard let span = spans[column] else { return false }
    text += span.text
    spans[column] = span.rows > 1 ? (span.text, span.rows - 1) : nil
    column += 1
    return true
  }

  /// Ends the open cell, where there is one. Its columns after the first are empty, and in the rows below it is said again.
  mutating func endCell(_ text: inout [UInt8]) {
    guard let cell = open else { return }
    open = nil
    var own = text[min(cell.start, text.count)...].drop { $0 <= 0x20 }
    while let last = own.last, last <= 0x20 { own.removeLast() }
    if cell.rows > 1 {
      for offset in 0..<cell.columns {
        spans[column + offset] = (offset == 0 ? Array(own) : [], cell.rows - 1)
      }
    }
    column += cell.columns
    for _ in 1..<max(2, cell.columns) where cell.columns > 1 { text += Array(" |".utf8) }
  }

  mutating func beginCell(isHeading: Bool) {
    cells += 1
    if isHeading { headings += 1 }
  }

  /// Ends the row at hand; nothing happens where it has no text.
  mutating func endRow(_ text: [UInt8], startLine: Int, endLine: Int) {
    var text = text
    if cells > 0 {
      while spans[column] != nil {
        text += Array(" | ".utf8)
        _ = fill(&text)
      }
      column = 0
    }
    defer { (cells, headings) = (0, 0) }
    var row = text[...]
    while let last = row.last, last <= 0x20 { row.removeLast() }
    row = row.drop { $0 <= 0x20 }
    guard !row.isEmpty else { return }
    let line = Table.Row(String(decoding: row, as: UTF8.self), startLine: startLine, endLine: endLine)
    rows.append(Row(row: line, cells: cells, headings: headings, isInHead: isInHead))
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
