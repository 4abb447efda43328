/// Reads comma- and tab-separated values (RFC 4180) as they stream by: the records are the rows of a table, word for word,
/// with line ends inside quoted fields.
struct CSVLoader {
  /// A group of rows becomes a section once it is this long.
  static let sectionBytes = 32 * 1024
  /// A record longer than this began with a stray quotation mark: each of its lines is a record.
  static let maximumRecordBytes = 64 * 1024

  let path: String
  let kind: DocumentKind
  /// Nil where the file tells it.
  var separator: UInt8?

  func load(_ body: (Section) throws -> Void) throws -> DocumentSummary {
    let file = try TextFile(path: path)
    var rows = CSVRows(separator: separator)
    var table = CSVTable()
    let replaced = try file.forEachPiece { piece in
      for row in rows.append(piece) { try table.append(row, body) }
    }
    for row in rows.finish() { try table.append(row, body) }
    try table.finish(body)
    var warnings = file.warnings + TextFile.replacementWarning(replaced)
    if rows.strayQuotes > 0 {
      let marks = rows.strayQuotes == 1 ? "a quotation mark is" : "\(rows.strayQuotes) quotation marks are"
      warnings.append("may have rows cut apart: \(marks) never closed")
    }
    return DocumentSummary(kind: kind, warnings: warnings)
  }
}

/// A record, and its cells without their quotation marks.
package struct CSVRow {
  package var row: Table.Row
  package var cells: [String]
  /// Whether its quotation marks stand around whole fields, and each is closed.
  package var isSound = true
}

/// Groups records into sections. Lines of fewer cells above the header, as a title is, are prose.
struct CSVTable {
  /// As many records are looked at to find the header and the separator.
  static let headRecords = 20

  private var head: [CSVRow]? = []
  private var header: Table.Row?
  private var rows: [Table.Row] = []
  private var bytes = 0
  private var isFirst = true

  mutating func append(_ row: CSVRow, _ body: (Section) throws -> Void) throws {
    guard head != nil else { return try add(row.row, body) }
    head?.append(row)
    if head?.count == Self.headRecords { try openTable(body) }
  }

  mutating func finish(_ body: (Section) throws -> Void) throws {
    if head != nil { try openTable(body) }
    try emit(body)
  }

  private mutating func openTable(_ body: (Section) throws -> Void) throws {
    guard let records = head else { return }
    head = nil
    let widest = records.map(\.cells.count).max() ?? 1
    let start = records.firstIndex { $0.cells.count * 2 > widest } ?? 0
    for record in records[..<start] {
      try body(
        Section(text: record.row.text, startLine: record.row.startLine, endLine: record.row.endLine))
    }
    let table = Array(records[start...])
    let hasHeader = Self.hasHeader(table.map(\.cells))
    if hasHeader { header = table.first?.row }
    for record in table.dropFirst(hasHeader ? 1 : 0) { try add(record.row, body) }
  }

  private mutating func add(_ row: Table.Row, _ body: (Section) throws -> Void) throws {
    rows.append(row)
    bytes += row.text.utf8.count
    if bytes >= CSVLoader.sectionBytes { try emit(body) }
  }

  private mutating func emit(_ body: (Section) throws -> Void) throws {
    guard !rows.isEmpty || (isFirst && header != nil) else { return }
    try body(Section(Table(header: header, rows: rows, startsWithHeader: isFirst)))
    isFirst = false
    rows = []
    bytes = 0
  }

  /// Whether the first record names the columns, as it nearly always does. It does not where a column of figures begins
  /// with a figure; but years name columns, too.
  static func hasHeader(_ records: [[String]]) -> Bool {
    guard let first = records.first, records.count > 1 else { return !records.isEmpty }
    for (column, cell) in first.enumerated() where isFigure(cell) && !isYear(cell) {
      let below = records.dropFirst().compactMap { $0.indices.contains(column) ? $0[column] : nil }
        .filter { !$0.isEmpty }
      if !below.isEmpty, below.allSatisfy(isFigure) { return false }
    }
    return true
  }

  /// A number, an amount, a date, a time or a telephone number: digits, and no letters to speak of.
  private static func isFigure(_ cell: String) -> Bool {
    cell.contains(where: \.isNumber) && !cell.contains(where: \.isLetter)
  }

  private static func isYear(_ cell: String) -> Bool {
    cell.utf8.count == 4 && (Int(cell).map { (1000...2999).contains($0) } ?? false)
  }
}
