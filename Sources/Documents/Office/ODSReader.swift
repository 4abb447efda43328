/// Reads the sheets of an OpenDocument workbook, whose cells have their text as it is shown.
final class ODSReader {
  /// The names of hidden sheets.
  private(set) var hidden: [String] = []

  private let path: String
  private var sheets: [(name: String, grid: SheetGrid, notes: [String])] = []
  private var hiddenStyles: Set<String> = []
  private var style: String?
  private var name = ""
  private var grid = SheetGrid()
  private var notes: [String] = []
  private var row = 0
  private var column = 0
  private var rowRepeat = 1
  private var rowCells: [(column: Int, text: String)] = []
  /// The cell that is read; it may hold a table of its own, whose text is the cell's.
  private var cell: XMLTreeBuilder?
  private var cellDepth = 0

  init(path: String) { self.path = path }

  func read(_ archive: ArchiveReader, _ body: (Section) throws -> Void) throws {
    let reader = XMLReader(path: path, part: "content.xml") { [unowned self] in append($0) }
    try archive.stream("content.xml") { bytes throws(DocumentError) in try reader.append(bytes) }
    try reader.finish()
    for sheet in sheets {
      try SheetRows(name: sheet.name, grid: sheet.grid, path: path).emit(body)
      for note in sheet.notes {
        var section = Section(text: note, headings: [sheet.name], linesFollowFile: false)
        section.place = .sheet(sheet.name)
        try body(section)
      }
    }
  }

  private func append(_ event: XMLReader.Event) {
    if cell != nil { return appendToCell(event) }
    switch event {
    case .text: break
    case .start(let element): start(element)
    case .end(let end):
      switch end {
      case "table:table-row": endRow()
      case "table:table":
        sheets.append((name, grid, notes))
      default: break
      }
    }
  }

  private func start(_ element: XMLElement) {
    switch element.name {
    case "style:style": style = element["style:name"]
    case "style:table-properties":
      if element["table:display"] == "false", let style { hiddenStyles.insert(style) }
    case "table:table":
      name = element["table:name"] ?? ""
      (grid, notes, row) = (SheetGrid(), [], 0)
      if element["table:style-name"].map({ hiddenStyles.contains($0) }) == true { hidden.append(name) }
    case "table:table-row":
      column = 0
      rowCells = []
      rowRepeat = Self.count(element["table:number-rows-repeated"])
    case "table:table-cell", "table:covered-table-cell":
      cell = XMLTreeBuilder()
      cellDepth = 1
      cell?.append(.start(element))
    default: break
    }
  }

  private func appendToCell(_ event: XMLReader.Event) {
    cell?.append(event)
    switch event {
    case .start: cellDepth += 1
    case .end: cellDepth -= 1
    case .text: break
    }
    guard cellDepth == 0, let element = cell?.root else { return }
    cell = nil
    endCell(element)
  }

  private func endCell(_ element: XMLElement) {
    let count = Self.count(element["table:number-columns-repeated"])
    defer { column = min(column + count, CellRange.columns) }
    // A covered cell keeps what it showed before it was covered; nobody sees it.
    guard element.name == "table:table-cell", !element.children.isEmpty else { return }
    var runs = ODFRuns(styles: nil)
    for paragraph in element.all("text:p") + element.all("text:h") {
      runs.space()
      runs.read(paragraph)
    }
    for note in element.all("office:annotation") + runs.notes {
      let text = note.descendants(["text:p"]).map(\.text).joined(separator: " ")
      let author = note.first("dc:creator").map { " by \($0.text)" } ?? ""
      notes.append("Comment\(author): \(SectionBuilder.oneLine(text))")
    }
    let text = SectionBuilder.oneLine(runs.text)
    guard !text.isEmpty else { return }
    for offset in 0..<min(count, 1024) { rowCells.append((column + offset, text)) }
    let rows = Self.count(element["table:number-rows-spanned"])
    let columns = Self.count(element["table:number-columns-spanned"])
    if rows > 1 || columns > 1, column < CellRange.columns {
      grid.merge(
        CellRange(rows: row...row + rows - 1, columns: column...min(column + columns - 1, CellRange.columns)))
    }
  }

  private func endRow() {
    // A row of text that is repeated is said as often, within reason.
    for offset in 0..<(rowCells.isEmpty ? 0 : min(rowRepeat, 1024)) {
      for (column, text) in rowCells { grid.append(text, row: row + offset, column: column) }
    }
    row += rowRepeat
  }

  private static func count(_ text: String?) -> Int {
    min(max(1, text.flatMap { Int($0) } ?? 1), 2_000_000)
  }
}
