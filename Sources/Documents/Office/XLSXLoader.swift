/// Reads Excel's workbooks (XLSX, SpreadsheetML of ECMA-376): the rows of each sheet as a table, under the sheet's name,
/// with values as they are shown where the format of a cell is built in. Dates are in the form of ISO 8601.
struct XLSXLoader {
  let path: String

  func load(_ body: (Section) throws -> Void) throws -> DocumentSummary {
    let package = try OfficePackage(path: path)
    let main = try package.mainPart()
    if main.hasSuffix(".bin") {
      throw DocumentError(path: path, problem: .unsupported(.binaryWorkbook))
    }
    let relationships = try package.relationships(of: main)
    guard let workbook = try package.tree(main) else {
      throw DocumentError(path: path, problem: .damaged(detail: "it has no \(main)"))
    }
    func target(_ type: String) -> String? {
      relationships.first { $0.type == type && !$0.isExternal }?.target
    }
    let strings =
      try target("sharedStrings").map { part throws(DocumentError) in
        try sharedStrings(package, part)
      } ?? []
    let styles = try target("styles").flatMap { part throws(DocumentError) in try package.tree(part) }
    let date1904 = workbook.first("x:workbookPr")?["date1904"] ?? "0"
    let formats = CellFormats(styles, startsIn1904: date1904 == "1" || date1904 == "true")

    var hidden: [String] = []
    var missing: [String] = []
    var formulas = 0
    for sheet in workbook.first("x:sheets")?.all("x:sheet") ?? [] {
      let name = sheet["name"] ?? ""
      guard let id = sheet["r:id"], let relationship = relationships.first(where: { $0.id == id }) else {
        missing.append(name)
        continue
      }
      // Sheets that are charts or dialogues have no cells.
      guard relationship.type == "worksheet" else { continue }
      guard package.archive.has(relationship.target) else {
        missing.append(name)
        continue
      }
      if let state = sheet["state"], state != "visible" { hidden.append(name) }
      let reader = SheetReader(strings: strings, formats: formats)
      try reader.read(package.archive, relationship.target)
      formulas += reader.formulasWithoutValue
      try SheetRows(name: name, grid: reader.grid, path: path).emit(body)
      try emitComments(package, sheet: relationship.target, name, body)
    }
    return DocumentSummary(
      kind: .xlsx, title: try package.title(),
      warnings: Self.warnings(hidden: hidden, missing: missing, formulas: formulas))
  }

  static func warnings(hidden: [String], missing: [String] = [], formulas: Int = 0) -> [String] {
    var warnings: [String] = []
    if !hidden.isEmpty {
      warnings.append("has hidden sheets, which were read: \(hidden.joined(separator: ", "))")
    }
    if !missing.isEmpty {
      warnings.append("names sheets that it does not have: \(missing.joined(separator: ", "))")
    }
    if formulas > 0 {
      warnings.append(
        "has \(formulas) \(formulas == 1 ? "formula" : "formulas") without a computed value, shown as "
          + "\(formulas == 1 ? "a formula" : "formulas"): open and save it in a spreadsheet program to compute them"
      )
    }
    return warnings
  }

  private func sharedStrings(_ package: OfficePackage, _ part: String) throws(DocumentError) -> [String] {
    var strings: [String] = []
    var isPhonetic = false
    var isText = false
    var text = ""
    let reader = XMLReader(path: path, part: part) { event in
      switch event {
      case .start(let element):
        switch element.name {
        case "x:si": text = ""
        case "x:rPh": isPhonetic = true
        case "x:t": isText = !isPhonetic
        default: break
        }
      case .text(let piece): if isText { text += piece }
      case .end(let name):
        switch name {
        case "x:si": strings.append(CellText.unescaped(text))
        case "x:rPh": isPhonetic = false
        case "x:t": isText = false
        default: break
        }
      }
    }
    try package.archive.stream(part) { bytes throws(DocumentError) in try reader.append(bytes) }
    try reader.finish()
    return strings
  }

  /// The comments on cells, as notes after the sheet's rows.
  private func emitComments(
    _ package: OfficePackage, sheet: String, _ name: String, _ body: (Section) throws -> Void
  ) throws {
    for relationship in try package.relationships(of: sheet) where relationship.type == "comments" {
      guard let tree = try package.tree(relationship.target) else { continue }
      let authors = tree.first("x:authors")?.all("x:author").map(\.text) ?? []
      for comment in tree.first("x:commentList")?.all("x:comment") ?? [] {
        let author =
          comment["authorId"].flatMap { Int($0) }
          .flatMap { authors.indices.contains($0) ? authors[$0] : nil } ?? ""
        let text = SectionBuilder.oneLine(comment.descendants(["x:t"]).map(\.text).joined())
        guard !text.isEmpty else { continue }
        let by = author.isEmpty ? "" : " by \(author)"
        var section = Section(
          text: "Comment\(by) on \(comment["ref"] ?? "a cell"): \(text)", headings: [name],
          linesFollowFile: false)
        section.place = .sheet(name)
        try body(section)
      }
    }
  }
}

/// Reads the cells of one sheet.
final class SheetReader {
  /// The cells that have text.
  private(set) var grid = SheetGrid()
  private(set) var formulasWithoutValue = 0

  private let strings: [String]
  private let formats: CellFormats
  private var row = -1
  private var cell = XMLElement(name: "")
  private var column = 0
  private var value: String?
  private var formula: String?
  private var inlineText = ""
  private var text = ""
  private var isPhonetic = false

  init(strings: [String], formats: CellFormats) {
    self.strings = strings
    self.formats = formats
  }

  func read(_ archive: ArchiveReader, _ part: String) throws(DocumentError) {
    let reader = XMLReader(path: archive.path, part: part) { [unowned self] in append($0) }
    try archive.stream(part) { bytes throws(DocumentError) in try reader.append(bytes) }
    try reader.finish()
  }

  private func append(_ event: XMLReader.Event) {
    switch event {
    case .text(let piece): text += piece
    case .start(let element):
      text = ""
      switch element.name {
      case "x:row":
        let number = element["r"].flatMap { Int($0) } ?? row + 2
        row = 1...10_000_000 ~= number ? number - 1 : row + 1
        column = -1
      case "x:c":
        cell = element
        (value, formula, inlineText) = (nil, nil, "")
        let reference = element["r"].flatMap { CellRange.cell($0) }
        column = reference?.column ?? column + 1
      case "x:rPh": isPhonetic = true
      case "x:mergeCell": if let range = element["ref"].flatMap({ CellRange($0) }) { grid.merge(range) }
      default: break
      }
    case .end(let name):
      switch name {
      case "x:c": grid.append(shownValue(), row: row, column: column)
      case "x:v": value = text
      case "x:f": formula = text
      case "x:t": if !isPhonetic { inlineText += text }
      case "x:rPh": isPhonetic = false
      default: break
      }
      text = ""
    }
  }

  private func shownValue() -> String {
    switch cell["t"] ?? "n" {
    case "s":
      guard let index = value.flatMap({ Int($0) }), strings.indices.contains(index) else { return "" }
      return strings[index]
    case "inlineStr": return CellText.unescaped(inlineText)
    case "str", "e", "d":
      if let value { return CellText.unescaped(value) }
    case "b": if let value { return value == "1" ? "TRUE" : "FALSE" }
    default:
      if let value, !value.isEmpty { return formats.shown(value, style: cell["s"].flatMap { Int($0) } ?? 0) }
    }
    guard let formula, !formula.isEmpty else { return "" }
    formulasWithoutValue += 1
    return "=" + formula
  }
}

/// A range of cells, counted from 0.
struct CellRange {
  /// The columns of a sheet (A to XFD).
  static let columns = 16384

  var rows: ClosedRange<Int>
  var columns: ClosedRange<Int>

  init(rows: ClosedRange<Int>, columns: ClosedRange<Int>) {
    self.rows = rows
    self.columns = columns
  }

  /// Reads "B2:C4" or "B2".
  init?(_ reference: String) {
    let parts = reference.split(separator: ":")
    guard let first = parts.first.flatMap({ Self.cell(String($0)) }),
      let last = parts.last.flatMap({ Self.cell(String($0)) }), first.row <= last.row,
      first.column <= last.column
    else { return nil }
    rows = first.row...last.row
    columns = first.column...last.column
  }

  /// Reads "B2" as row 1, column 1.
  static func cell(_ reference: String) -> (row: Int, column: Int)? {
    var column = 0
    var row = 0
    for byte in reference.utf8 where byte != UInt8(ascii: "$") {
      switch byte {
      case 0x41...0x5A, 0x61...0x7A:
        guard row == 0, column <= columns else { return nil }
        column = column * 26 + Int(byte & 0x1F)
      case 0x30...0x39:
        guard row < 10_000_000 else { return nil }
        row = row * 10 + Int(byte - 0x30)
      default: return nil
      }
    }
    guard row > 0, column > 0 else { return nil }
    return (row - 1, column - 1)
  }
}

/// Text of cells.
enum CellText {
  /// Characters that XML cannot hold are written as _x000D_.
  static func unescaped(_ text: String) -> String {
    guard text.contains("_x") else { return text }
    var out = ""
    var rest = Substring(text)
    while let start = rest.firstRange(of: "_x") {
      out += rest[..<start.lowerBound]
      let code = rest[start.upperBound...].prefix(5)
      if code.count == 5, code.last == "_", let value = UInt32(code.dropLast(), radix: 16),
        let scalar = Unicode.Scalar(value)
      {
        if value >= 0x20 || value == 0x0A || value == 0x09 { out.unicodeScalars.append(scalar) }
        rest = rest[code.endIndex...]
      } else {
        out += "_x"
        rest = rest[start.upperBound...]
      }
    }
    return out + rest
  }
}
