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

  /// The tables of a page, in reading order.
  ///
  /// Blocks that follow each other to the right at the same height are a band. A band is of a table where most of its
  /// lines have a neighbour, and at most one column is of long lines: columns of prose are more.
  static func all(on page: PDFLayout.Page) -> [PDFTable] {
    var tables: [PDFTable] = []
    var open: PDFTable?
    let close = { (table: PDFTable?) in if let table, table.rows.count > 1 { tables.append(table) } }
    for band in bands(of: page.blocks) {
      guard let next = PDFTable(band) else {
        close(open)
        open = nil
        continue
      }
      if let table = open, table.goesOn(with: next) {
        open?.lines += next.lines
        open?.rows += next.rows
      } else {
        close(open)
        open = next
      }
    }
    close(open)
    return tables
  }

  private typealias Block = [PDFLayout.Line]
  /// The cells of a row by their columns.
  private typealias Row = [Int: PDFLayout.Line]

  /// A longer line, on average, is one of prose.
  private static let longLine = 30

  private init?(_ band: [Block]) {
    guard band.count > 1, let first = band.first else { return nil }
    let long = band.count { block in block.reduce(0) { $0 + $1.text.count } > Self.longLine * block.count }
    guard long < 2 else { return nil }
    guard !first.allSatisfy({ Self.isListMark($0.text) }) else { return nil }
    let rows = Self.rows(of: band)
    let full = rows.filter { $0.count > 1 }
    let joined = full.reduce(0) { $0 + $1.count }
    let count = band.reduce(0) { $0 + $1.count }
    guard joined * 10 >= count * 6 else { return nil }
    // One line beside a paragraph is a mark in its margin.
    guard full.count > 1 || rows.count == 1 else { return nil }
    lines = band.flatMap { $0.map(\.text) }
    self.rows = Self.texts(of: rows, columns: band.count)
    columnLeft = Self.left(first)
    columnRight = Self.right(first)
  }

  private func goesOn(with next: PDFTable) -> Bool {
    columnLeft < next.columnRight && next.columnLeft < columnRight
  }

  /// Whether a text is the bullet or the number of a list's item.
  private static func isListMark(_ text: String) -> Bool {
    if text.count <= 5, text.hasSuffix(".") || text.hasSuffix(")") { return true }
    return !text.contains { $0.isLetter || $0.isNumber }
  }

  private static func left(_ block: Block) -> Double { block.map(\.left).min() ?? 0 }
  private static func right(_ block: Block) -> Double { block.map(\.right).max() ?? 0 }
  private static func top(_ block: Block) -> Double { block.map(\.top).min() ?? 0 }
  private static func bottom(_ block: Block) -> Double { block.map(\.bottom).max() ?? 0 }

  private static func bands(of blocks: [Block]) -> [[Block]] {
    var bands: [[Block]] = []
    for block in blocks where !block.isEmpty {
      if let last = bands.last?.last, left(block) >= right(last) - 1,
        areLevel(top(block), bottom(block), top(last), bottom(last))
      {
        bands[bands.count - 1].append(block)
      } else {
        bands.append([block])
      }
    }
    return bands
  }

  /// Whether two spans share at least half of the smaller one.
  private static func areLevel(_ top: Double, _ bottom: Double, _ otherTop: Double, _ otherBottom: Double)
    -> Bool
  {
    min(bottom, otherBottom) - max(top, otherTop) >= min(bottom - top, otherBottom - otherTop) / 2
  }

  private static func rows(of band: [Block]) -> [Row] {
    let cells = band.enumerated().flatMap { column, block in block.map { (column, $0) } }
      .sorted { $0.1.top + $0.1.bottom < $1.1.top + $1.1.bottom }
    var rows: [Row] = []
    for (column, cell) in cells {
      if let row = rows.last, row[column] == nil,
        row.values.allSatisfy({ areLevel(cell.top, cell.bottom, $0.top, $0.bottom) })
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
