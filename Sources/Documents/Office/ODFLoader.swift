/// Reads OpenDocument texts, workbooks and presentations (ODT, ODS, ODP; ISO/IEC 26300).
///
/// Deleted text of tracked changes and tables of contents are left out.
struct ODFLoader {
  let path: String
  let kind: DocumentKind

  func load(_ body: (Section) throws -> Void) throws -> DocumentSummary {
    let archive = try ArchiveReader(path: path)
    try refuseEncrypted(archive)
    guard archive.has("content.xml") else {
      throw DocumentError(path: path, problem: .damaged(detail: "it is an archive without content.xml"))
    }
    let title = try archive.read("meta.xml").flatMap { bytes throws(DocumentError) in
      try XMLElement(parsing: bytes, path: path, part: "meta.xml")
    }?.firstDescendant("dc:title").map { SectionBuilder.oneLine($0.text) }
    var summary = DocumentSummary(kind: kind, title: title == "" ? nil : title)
    if kind == .ods {
      let reader = ODSReader(path: path)
      try reader.read(archive, body)
      summary.warnings = XLSXLoader.warnings(hidden: reader.hidden)
      return summary
    }
    guard let bytes = try archive.read("content.xml") else { return summary }
    let content = try XMLElement(parsing: bytes, path: path, part: "content.xml")
    let styles = try archive.read("styles.xml").map { bytes throws(DocumentError) in
      try XMLElement(parsing: bytes, path: path, part: "styles.xml")
    }
    var reader = ODFBody(
      styles: ODFStyles([styles].compactMap(\.self) + [content]), objects: try ODFObjects(archive, content))
    let office = content.first("office:body")
    if let text = office?.first("office:text") {
      readMarginals(styles, ["style:header", "style:header-first"], &reader)
      reader.read(text)
      readMarginals(styles, ["style:footer", "style:footer-first"], &reader)
    } else if let presentation = office?.first("office:presentation") {
      reader.readSlides(presentation)
      if !reader.hiddenSlides.isEmpty {
        summary.warnings.append("has hidden slides, which were read: \(PPTXLoader.list(reader.hiddenSlides))")
      }
    } else {
      throw DocumentError(path: path, problem: .damaged(detail: "it has neither text nor slides"))
    }
    for section in reader.builder.finish() { try body(section) }
    summary.title = summary.title ?? reader.title
    if reader.leftOutContents { summary.warnings.append("has a table of contents, which was left out") }
    return summary
  }

  private func refuseEncrypted(_ archive: ArchiveReader) throws(DocumentError) {
    guard let manifest = try archive.read("META-INF/manifest.xml") else { return }
    let tree = try XMLElement(parsing: manifest, path: path, part: "META-INF/manifest.xml")
    if tree.firstDescendant("manifest:encryption-data") != nil {
      throw DocumentError(path: path, problem: .protected(by: "a password"))
    }
  }

  /// The headers or footers of pages, each text once.
  private func readMarginals(_ styles: XMLElement?, _ names: Set<String>, _ reader: inout ODFBody) {
    var seen: Set<String> = []
    for marginal in styles?.first("office:master-styles")?.descendants(names) ?? [] {
      guard marginal["style:display"] != "false",
        seen.insert(SectionBuilder.oneLine(marginal.text)).inserted
      else { continue }
      let outline = reader.builder.outline
      reader.read(marginal)
      if reader.builder.outline != outline { reader.builder.enter(outline) }
    }
  }
}

/// The styles of an OpenDocument file that matter to its text.
struct ODFStyles {
  /// The styles of titles, by name.
  private var titles: Set<String> = ["Title"]
  /// The styles of hidden text.
  private var hidden: Set<String> = []
  /// The list levels that are numbered: the list style's name with the level.
  private var numbered: [String: String] = [:]
  /// The styles of code.
  private var code: Set<String> = ["Preformatted_20_Text"]
  /// The styles of slides that are not shown.
  private var hiddenPages: Set<String> = []

  init(_ trees: [XMLElement]) {
    for tree in trees {
      for group in ["office:styles", "office:automatic-styles"] {
        for style in tree.first(group)?.elements ?? [] { note(style) }
      }
    }
  }

  private mutating func note(_ style: XMLElement) {
    guard let name = style["style:name"] else { return }
    if style.name == "text:list-style" {
      for level in style.elements where level.name == "text:list-level-style-number" {
        let format = level["style:num-format"] ?? ""
        if !format.isEmpty { numbered[name + "/" + (level["text:level"] ?? "1")] = format }
      }
      return
    }
    if let parent = style["style:parent-style-name"] {
      if titles.contains(parent) { titles.insert(name) }
      if code.contains(parent) { code.insert(name) }
    }
    if style.first("style:text-properties")?["text:display"] == "none" { hidden.insert(name) }
    if style.first("style:drawing-page-properties")?["presentation:visibility"] == "hidden" {
      hiddenPages.insert(name)
    }
  }

  func isTitle(_ name: String?) -> Bool { name.map { titles.contains($0) } ?? false }
  func isCode(_ name: String?) -> Bool { name.map { code.contains($0) } ?? false }
  func isHidden(_ name: String?) -> Bool { name.map { hidden.contains($0) } ?? false }
  func isHiddenPage(_ name: String?) -> Bool { name.map { hiddenPages.contains($0) } ?? false }

  /// The mark of a list item.
  func mark(_ style: String?, depth: Int, number: Int) -> String {
    guard let style, let format = numbered["\(style)/\(depth + 1)"] else { return "-" }
    let names = ["a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"]
    return ListNumber.text(number, format: names[format] ?? "decimal") + "."
  }
}

/// The body of an OpenDocument text or presentation, block by block.
struct ODFBody {
  let styles: ODFStyles
  var builder = SectionBuilder()
  private(set) var title: String?
  private(set) var leftOutContents = false
  private(set) var hiddenSlides: [Int] = []
  private let objects: ODFObjects

  init(styles: ODFStyles, objects: ODFObjects) {
    self.styles = styles
    self.objects = objects
  }

  mutating func read(_ container: XMLElement) {
    for element in container.elements {
      switch element.name {
      case "text:h":
        let (text, runs) = text(of: element)
        builder.addHeading(text, level: element["text:outline-level"].flatMap { Int($0) } ?? 1)
        readAside(runs)
      case "text:p":
        let (text, runs) = text(of: element)
        if styles.isTitle(element["text:style-name"]) {
          if title == nil { title = SectionBuilder.oneLine(text) }
          builder.addHeading(text, level: 0)
        } else {
          builder.addParagraph(text, role: styles.isCode(element["text:style-name"]) ? .code : .prose)
        }
        readAside(runs)
      case "text:list": readList(element, style: element["text:style-name"], depth: 0)
      case "table:table": readTable(element)
      case "text:table-of-content": leftOutContents = true
      case "text:tracked-changes", "office:forms", "text:sequence-decls", "text:variable-decls",
        "text:user-field-decls":
        break
      case "draw:frame" where objects.table(in: element) != nil:
        if let table = objects.table(in: element) { readTable(table) }
      case "draw:frame", "draw:custom-shape", "draw:text-box", "draw:g", "draw:rect", "draw:ellipse",
        "text:section", "text:index-body", "text:numbered-paragraph":
        read(element)
      default: if element.name.hasSuffix("-index") || element.name.hasPrefix("draw:") { read(element) }
      }
    }
  }

  mutating func readSlides(_ presentation: XMLElement) {
    for (index, page) in presentation.all("draw:page").enumerated() {
      builder.enter([])
      builder.place = .slide(index + 1)
      if styles.isHiddenPage(page["draw:style-name"]) { hiddenSlides.append(index + 1) }
      let title = page.descendants(["draw:frame", "draw:custom-shape"]).first {
        $0["presentation:class"] == "title"
      }
      if let title {
        builder.addHeading(plain(title), level: 1)
      }
      for element in page.elements {
        if element["presentation:class"] == "title" { continue }
        if element.name == "presentation:notes" {
          readNotes(element)
        } else {
          readShape(element)
        }
      }
    }
    builder.place = nil
  }

  private mutating func readShape(_ shape: XMLElement) {
    switch shape["presentation:class"] ?? "" {
    case "page-number", "date-time": return
    default: break
    }
    if shape.name == "office:annotation" { return addNote(shape, "Comment") }
    if shape.name == "draw:frame", let table = shape.first("table:table") ?? objects.table(in: shape) {
      return readTable(table)
    }
    if shape.name.hasPrefix("draw:") {
      read(
        { () -> XMLElement in
          var box = XMLElement(name: shape.name)
          box.children = shape.children
          return box
        }())
    }
  }

  private mutating func readNotes(_ notes: XMLElement) {
    for frame in notes.elements where frame["presentation:class"] == "notes" {
      builder.addParagraph(plain(frame), under: ["Notes"])
    }
  }

  /// All paragraphs below an element, one a line.
  private func plain(_ element: XMLElement) -> String {
    element.descendants(["text:p", "text:h"]).map { text(of: $0).text }.filter { !$0.isEmpty }
      .joined(separator: "\n")
  }

  private mutating func readList(_ list: XMLElement, style: String?, depth: Int) {
    var number = 0
    for item in list.elements where item.name == "text:list-item" || item.name == "text:list-header" {
      number = item["text:start-value"].flatMap { Int($0) } ?? (number &+ 1)
      var isFirst = true
      for element in item.elements {
        switch element.name {
        case "text:list":
          readList(element, style: element["text:style-name"] ?? style, depth: depth + 1)
        case "text:p", "text:h":
          let (text, runs) = text(of: element)
          if element.name == "text:h" {
            builder.addHeading(text, level: element["text:outline-level"].flatMap { Int($0) } ?? depth + 1)
          } else {
            let mark = isFirst ? styles.mark(style, depth: depth, number: number) : " "
            builder.addItem(text, depth: depth, mark: item.name == "text:list-header" ? " " : mark)
          }
          readAside(runs)
          isFirst = false
        default: break
        }
      }
    }
  }

  private mutating func readTable(_ table: XMLElement) {
    var rows: [[String]] = []
    var headerRows = 0
    var asides: [ODFRuns] = []
    /// What is merged over rows: by column, the text and how many rows more it is said in.
    var spans: [Int: (text: String, rows: Int)] = [:]
    func readRow(_ row: XMLElement) {
      var cells: [String] = []
      for cell in row.elements
      where cell.name == "table:table-cell" || cell.name == "table:covered-table-cell" {
        let column = cells.count
        var text = ""
        if let span = spans[column], cell.name == "table:covered-table-cell" {
          text = span.text
          spans[column] = span.rows > 1 ? (span.text, span.rows - 1) : nil
        } else {
          var runs = ODFRuns(styles: styles, objects: objects)
          for paragraph in cell.descendants(["text:p", "text:h"]) {
            runs.space()
            runs.read(paragraph)
          }
          text = SectionBuilder.oneLine(runs.text)
          asides.append(runs)
          if let count = cell["table:number-rows-spanned"].flatMap({ Int($0) }), count > 1 {
            spans[column] = (text, count - 1)
          }
        }
        let count = min(max(1, cell["table:number-columns-repeated"].flatMap { Int($0) } ?? 1), 64)
        cells += Array(repeating: text, count: count)
      }
      rows.append(cells)
    }
    func readRows(_ container: XMLElement) {
      for element in container.elements {
        switch element.name {
        case "table:table-row": readRow(element)
        case "table:table-header-rows":
          readRows(element)
          if headerRows == 0 { headerRows = rows.count }
        case "table:table-rows", "table:table-row-group": readRows(element)
        default: break
        }
      }
    }
    readRows(table)
    builder.addTable(rows, headerRows: headerRows > 0 && headerRows < rows.count ? headerRows : 1)
    for aside in asides { readAside(aside) }
  }

  private func text(of element: XMLElement) -> (text: String, runs: ODFRuns) {
    var runs = ODFRuns(styles: styles, objects: objects)
    runs.read(element)
    return (runs.text, runs)
  }

  private mutating func readAside(_ runs: ODFRuns) {
    for box in runs.boxes { read(box) }
    for note in runs.notes {
      if note.name == "office:annotation" {
        addNote(note, "Comment")
      } else if let content = note.first("text:note-body") {
        addNote(content, note["text:note-class"] == "endnote" ? "Endnote" : "Footnote")
      }
    }
  }

  private mutating func addNote(_ note: XMLElement, _ label: String) {
    let text = SectionBuilder.oneLine(plain(note))
    let author = note.first("dc:creator").map { " by \($0.text)" } ?? ""
    if !text.isEmpty { builder.addParagraph(label + author + ": " + text) }
  }
}

/// The text of a paragraph of OpenDocument.
struct ODFRuns {
  let styles: ODFStyles?
  let objects: ODFObjects
  private(set) var text = ""
  /// Frames with text of their own that are anchored in the paragraph.
  private(set) var boxes: [XMLElement] = []
  /// Notes and comments.
  private(set) var notes: [XMLElement] = []

  init(styles: ODFStyles?, objects: ODFObjects = ODFObjects()) {
    self.styles = styles
    self.objects = objects
  }

  mutating func space() { if !text.isEmpty, !text.hasSuffix(" ") { text += " " } }

  mutating func read(_ element: XMLElement) {
    for child in element.children {
      switch child {
      case .text(let piece): append(piece)
      case .element(let element): readElement(element)
      }
    }
  }

  private mutating func readElement(_ element: XMLElement) {
    switch element.name {
    case "text:s":
      text += String(repeating: " ", count: min(max(1, element["text:c"].flatMap { Int($0) } ?? 1), 100))
    case "text:tab": text += "\t"
    case "text:line-break": text += "\n"
    case "text:note", "office:annotation": notes.append(element)
    case "text:soft-page-break", "text:bookmark", "office:annotation-end", "svg:title", "svg:desc",
      "text:ruby-text", "text:page-number", "text:page-count", "draw:image", "office:event-listeners":
      break
    case "text:span":
      if styles?.isHidden(element["text:style-name"]) != true { read(element) }
    default:
      if let formula = objects.formula(in: element) {
        text += formula
      } else if element.name.hasPrefix("draw:") {
        boxes.append(Self.wrapped(element))
      } else {
        read(element)
      }
    }
  }

  private static func wrapped(_ element: XMLElement) -> XMLElement {
    var box = XMLElement(name: "office:text")
    box.children = [.element(element)]
    return box
  }

  /// White space of the file is one blank, as OpenDocument has it; there is an element for more.
  private mutating func append(_ piece: String) {
    for scalar in piece.unicodeScalars {
      if scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r" {
        if let last = text.unicodeScalars.last, last != " ", last != "\n", last != "\t" { text += " " }
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
  }
}
