/// A table of a page. Poppler reads one column after the other where the rows stand close, and each cell as a paragraph
/// where they do not: either way nobody can tell any more which cells stood in one row.
struct PDFTable {
  /// The lines in poppler's order, as its plain text has them.
  var lines: [String]
  /// The rows, their cells with bars between them.
  var rows: [String]
  /// Where the table's first column stands, to tell whether the next rows go on with it.
  private var columnLeft: Double
  private var columnRight: Double

  /// Takes as many bands as are rows of the same table; nil where these are too few.
  ///
  /// - Returns: The table, and how many bands it is.
  static func leading(_ bands: ArraySlice<PDFBand>) -> (table: PDFTable, bandCount: Int)? {
    guard let first = bands.first, var table = PDFTable(first) else { return nil }
    var bandCount = 1
    for band in bands.dropFirst() {
      guard let next = PDFTable(band), table.goesOn(with: next) else { break }
      table.lines += next.lines
      table.rows += next.rows
      bandCount += 1
    }
    return table.rows.count > 1 ? (table, bandCount) : nil
  }

  /// The cells of a row by their columns.
  private typealias Row = [Int: PDFLayout.Line]

  /// A band is of a table where most of its lines have a neighbour, and at most one column is of long lines: columns of
  /// prose are more.
  private init?(_ band: PDFBand) {
    let blocks = band.blocks
    guard blocks.count > 1, let first = blocks.first, blocks.count(where: PDFBand.isProse) < 2 else {
      return nil
    }
    guard !first.allSatisfy({ Self.isListMark($0.text) }) else { return nil }
    let rows = Self.rows(of: blocks)
    let full = rows.filter { $0.count > 1 }
    let joined = full.reduce(0) { $0 + $1.count }
    let count = blocks.reduce(0) { $0 + $1.count }
    guard joined * 10 >= count * 6 else { return nil }
    // One line beside a paragraph is a mark in its margin.
    guard full.count > 1 || rows.count == 1 else { return nil }
    lines = band.lines
    self.rows = Self.texts(of: rows, columns: blocks.count)
    columnLeft = PDFBand.left(first)
    columnRight = PDFBand.right(first)
  }

  private func goesOn(with next: PDFTable) -> Bool {
    columnLeft < next.columnRight && next.columnLeft < columnRight
  }

  /// Whether a text is the bullet or the number of a list's item.
  private static func isListMark(_ text: String) -> Bool {
    if text.count <= 5, text.hasSuffix(".") || text.hasSuffix(")") { return true }
    return !text.contains { $0.isLetter || $0.isNumber }
  }

  private static func rows(of blocks: [PDFBand.Block]) -> [Row] {
    let cells = blocks.enumerated().flatMap { column, block in block.map { (column, $0) } }
      .sorted { $0.1.top + $0.1.bottom < $1.1.top + $1.1.bottom }
    var rows: [Row] = []
    for (column, cell) in cells {
      if let row = rows.last, row[column] == nil,
        row.values.allSatisfy({ PDFBand.areLevel(cell.top, cell.bottom, $0.top, $0.bottom) })
      {
        rows[rows.count - 1][column] = cell
      } else {
        rows.append([column: cell])
      }
    }
    return rows
  }

  private static func texts(of rows: [Row], columns: Int) -> [String] {
    var grid: [[String]] = []
    for row in rows {
      // A line that stands alone in a later column is the rest of the cell above it.
      if row.count == 1, let (column, cell) = row.first, column > 0, !grid.isEmpty,
        !grid[grid.count - 1][column].isEmpty
      {
        grid[grid.count - 1][column] += " " + cell.text
      } else {
        grid.append((0..<columns).map { row[$0]?.text ?? "" })
      }
    }
    return grid.map { cells in
      (cells.lastIndex { !$0.isEmpty }).map { cells[...$0].joined(separator: " | ") } ?? ""
    }
  }
}
