/// Reads Word's documents (DOCX, WordprocessingML of ECMA-376): headings, paragraphs, lists, tables, notes, comments and
/// text boxes in the order of the document, after its page headers and before its page footers.
///
/// Deleted text of tracked changes, hidden text and the table of contents are left out.
struct DOCXLoader {
  let path: String

  func load(_ body: (Section) throws -> Void) throws -> DocumentSummary {
    let package = try OfficePackage(path: path)
    let main = try package.mainPart()
    let relationships = try package.relationships(of: main)
    func part(_ type: String) throws(DocumentError) -> XMLElement? {
      guard let target = relationships.first(where: { $0.type == type && !$0.isExternal })?.target else {
        return nil
      }
      return try package.tree(target)
    }
    guard let document = try package.tree(main), let content = document.first("w:body") else {
      throw DocumentError(path: path, problem: .damaged(detail: "it has no \(main) with a body"))
    }
    var reader = DOCXBody(
      styles: DOCXStyles(try part("styles")), numbering: DOCXNumbering(try part("numbering")),
      footnotes: Self.notes(try part("footnotes"), "w:footnote"),
      endnotes: Self.notes(try part("endnotes"), "w:endnote"),
      comments: Self.notes(try part("comments"), "w:comment"))
    var seen: Set<String> = []
    func marginal(_ type: String) throws(DocumentError) {
      for relationship in relationships where relationship.type == type && !relationship.isExternal {
        guard let tree = try package.tree(relationship.target) else { continue }
        // The first page's header is often the same as the others'.
        if seen.insert(SectionBuilder.oneLine(tree.text)).inserted { reader.readMarginal(tree) }
      }
    }
    try marginal("header")
    reader.read(content)
    try marginal("footer")
    let title = try package.title() ?? reader.title
    for section in reader.builder.finish() { try body(section) }
    var warnings: [String] = []
    if reader.leftOutContents {
      warnings.append("has a table of contents, which was left out")
    }
    return DocumentSummary(kind: .docx, title: title, warnings: warnings)
  }

  private static func notes(_ tree: XMLElement?, _ name: String) -> [String: XMLElement] {
    var notes: [String: XMLElement] = [:]
    for note in tree?.all(name) ?? [] {
      // Separators between text and notes are notes, too, by their form.
      guard let id = note["w:id"], note["w:type"] == nil || note["w:type"] == "normal" else { continue }
      notes[id] = note
    }
    return notes
  }
}

/// The body of a Word document, block by block.
struct DOCXBody {
  let styles: DOCXStyles
  var numbering: DOCXNumbering
  let footnotes: [String: XMLElement]
  let endnotes: [String: XMLElement]
  let comments: [String: XMLElement]
  var builder = SectionBuilder()
  /// The first paragraph in the style of titles.
  private(set) var title: String?
  private(set) var leftOutContents = false
  private var notesSeen: Set<String> = []

  init(
    styles: DOCXStyles, numbering: DOCXNumbering, footnotes: [String: XMLElement],
    endnotes: [String: XMLElement], comments: [String: XMLElement]
  ) {
    self.styles = styles
    self.numbering = numbering
    self.footnotes = footnotes
    self.endnotes = endnotes
    self.comments = comments
  }

  /// Reads the blocks of a container.
  mutating func read(_ container: XMLElement) {
    for element in container.elements {
      switch element.name {
      case "w:p": readParagraph(element)
      case "w:tbl": readTable(element)
      case "w:sdt":
        let gallery = element.first("w:sdtPr")?.firstDescendant("w:docPartGallery")?["w:val"]
        if gallery == "Table of Contents" {
          leftOutContents = true
        } else if let content = element.first("w:sdtContent") {
          read(content)
        }
      case "mc:AlternateContent": if let choice = Self.choice(element) { read(choice) }
      case "w:ins", "w:moveTo", "w:customXml", "w:smartTag", "w:sdtContent": read(element)
      default: break
      }
    }
  }

  /// Reads the header or footer of pages.
  mutating func readMarginal(_ tree: XMLElement) {
    let outline = builder
    read(tree)
    // What stands in a margin heads nothing.
    if builder.outline != outline.outline { builder.enter(outline.outline) }
  }

  private mutating func readParagraph(_ paragraph: XMLElement) {
    let properties = paragraph.first("w:pPr")
    let style = properties?.first("w:pStyle")?["w:val"]
    if styles.isContents(style) {
      leftOutContents = true
      return
    }
    var runs = DOCXRuns()
    runs.read(paragraph)
    let own = properties?.first("w:outlineLvl")?["w:val"].flatMap { Int($0) }
    let text = runs.text
    if styles.isTitle(style) {
      if title == nil { title = SectionBuilder.oneLine(text) }
      builder.addHeading(text, level: 0)
    } else if let level = own.flatMap({ $0 < 9 ? $0 : nil }) ?? styles.level(style),
      !SectionBuilder.oneLine(text).isEmpty
    {
      builder.addHeading(text, level: level + 1)
    } else if let number = properties?.first("w:numPr") ?? styles.numbering(style),
      let mark = numbering.next(number), !SectionBuilder.oneLine(text).isEmpty
    {
      builder.addItem(text, depth: mark.depth, mark: mark.text)
    } else {
      builder.addParagraph(text, role: styles.isCode(style) ? .code : .prose)
    }
    readAside(runs)
  }

  /// The text boxes, notes and comments of a paragraph, after it.
  private mutating func readAside(_ runs: DOCXRuns) {
    for box in runs.boxes { read(box) }
    for (kind, id) in runs.notes where notesSeen.insert(kind + id).inserted {
      switch kind {
      case "w:footnoteReference": addNote(footnotes[id], "Footnote: ")
      case "w:endnoteReference": addNote(endnotes[id], "Endnote: ")
      default:
        let author = comments[id]?["w:author"].map { " by \($0)" } ?? ""
        addNote(comments[id], "Comment\(author): ")
      }
    }
  }

  private mutating func addNote(_ note: XMLElement?, _ label: String) {
    guard let note else { return }
    let text = note.descendants(["w:p"]).map { paragraph in
      var runs = DOCXRuns()
      runs.read(paragraph)
      return runs.text
    }
    let joined = SectionBuilder.oneLine(text.joined(separator: " "))
    if !joined.isEmpty { builder.addParagraph(label + joined) }
  }

  private mutating func readTable(_ table: XMLElement) {
    var rows: [[String]] = []
    var above: [Int: String] = [:]
    var headerRows = 0
    var asides: [DOCXRuns] = []
    for row in Self.unwrapped(table, "w:tr") {
      if row.first("w:trPr")?.first("w:del") != nil { continue }
      var cells: [String] = []
      let before = row.first("w:trPr")?.first("w:gridBefore")?["w:val"].flatMap { Int($0) } ?? 0
      cells += Array(repeating: "", count: min(max(0, before), 64))
      for cell in Self.unwrapped(row, "w:tc") {
        let properties = cell.first("w:tcPr")
        let column = cells.count
        if let merge = properties?.first("w:vMerge"), merge["w:val"] != "restart" {
          // A cell that is merged with the one above says what that one says.
          cells.append(above[column] ?? "")
        } else {
          var runs = DOCXRuns()
          let text = Self.cellText(cell, &runs)
          asides.append(runs)
          cells.append(text)
          above[column] = text
        }
        let span = properties?.first("w:gridSpan")?["w:val"].flatMap { Int($0) } ?? 1
        if span > 1 { cells += Array(repeating: "", count: min(span - 1, 64)) }
      }
      let isHeader = row.first("w:trPr")?.first("w:tblHeader").map { Self.isOn($0) } ?? false
      if isHeader, headerRows == rows.count { headerRows += 1 }
      rows.append(cells)
    }
    builder.addTable(rows, headerRows: max(1, min(headerRows, rows.count - 1)))
    for aside in asides { readAside(aside) }
  }

  /// The text of a cell with that of tables inside of it.
  private static func cellText(_ cell: XMLElement, _ runs: inout DOCXRuns) -> String {
    for element in cell.elements {
      switch element.name {
      case "w:p", "w:tc", "w:tr", "w:tbl", "w:sdt", "w:sdtContent", "w:ins", "w:customXml":
        if element.name == "w:p" { runs.read(element) } else { _ = cellText(element, &runs) }
        runs.space()
      default: break
      }
    }
    return SectionBuilder.oneLine(runs.text)
  }

  /// The children of this name, those in content controls among them.
  private static func unwrapped(_ element: XMLElement, _ name: String) -> [XMLElement] {
    element.elements.flatMap { child in
      if child.name == name { return [child] }
      let isWrapper = ["w:sdt", "w:sdtContent", "w:customXml", "w:ins"].contains(child.name)
      return isWrapper ? unwrapped(child, name) : []
    }
  }

  static func isOn(_ element: XMLElement) -> Bool {
    !["0", "false", "off"].contains(element["w:val"] ?? "1")
  }

  /// The form of some content that is read: the newest, or the fallback where that is empty.
  static func choice(_ element: XMLElement) -> XMLElement? {
    let choice = element.first("mc:Choice")
    if let choice, choice.firstDescendant("w:t") != nil || choice.firstDescendant("a:t") != nil {
      return choice
    }
    return element.first("mc:Fallback") ?? choice
  }
}

/// The runs of a paragraph.
struct DOCXRuns {
  private(set) var text = ""
  /// The contents of text boxes that are anchored in the paragraph.
  private(set) var boxes: [XMLElement] = []
  /// References to notes and comments, with the name of the element that refers.
  private(set) var notes: [(kind: String, id: String)] = []
  /// The fields that are open: their instructions so far, and whether what follows is their result.
  private var fields: [(instruction: String, isResult: Bool)] = []

  mutating func space() { if !text.isEmpty, !text.hasSuffix(" ") { text += " " } }

  mutating func read(_ element: XMLElement) {
    for child in element.elements {
      switch child.name {
      case "w:fldChar": readField(child["w:fldCharType"] ?? "")
      case "w:instrText": if !fields.isEmpty { fields[fields.count - 1].instruction += child.text }
      case "w:fldSimple": if !Self.isPageNumber(child["w:instr"] ?? "") { read(child) }
      case "w:t", "m:t":
        if !fields.contains(where: { $0.isResult && Self.isPageNumber($0.instruction) }) {
          text += child.text
        }
      case "w:tab", "w:ptab": text += "\t"
      case "w:br", "w:cr": text += "\n"
      case "w:noBreakHyphen": text += "-"
      case "w:r":
        if let hidden = child.first("w:rPr")?.first("w:vanish"), DOCXBody.isOn(hidden) { continue }
        read(child)
      case "w:sym": if let symbol = Self.symbol(child) { text.unicodeScalars.append(symbol) }
      case "w:del", "w:moveFrom", "w:delText", "w:delInstrText", "w:pPr", "w:rPr", "w:sdtPr",
        "w:softHyphen":
        break
      case "w:ruby": if let base = child.first("w:rubyBase") { read(base) }
      case "w:txbxContent": boxes.append(child)
      case "mc:AlternateContent": if let choice = DOCXBody.choice(child) { read(choice) }
      case "w:footnoteReference", "w:endnoteReference", "w:commentReference":
        if let id = child["w:id"] { notes.append((child.name, id)) }
      case "w:tbl": break
      default: read(child)
      }
    }
  }

  private mutating func readField(_ type: String) {
    switch type {
    case "begin": fields.append(("", false))
    case "separate": if !fields.isEmpty { fields[fields.count - 1].isResult = true }
    case "end": _ = fields.popLast()
    default: break
    }
  }

  /// Whether a field is the number of the page, which says nothing.
  private static func isPageNumber(_ instruction: String) -> Bool {
    let name = instruction.split(separator: " ").first?.uppercased() ?? ""
    return ["PAGE", "NUMPAGES", "SECTIONPAGES"].contains(name)
  }

  /// A character that is named by its code; those of symbol fonts have no meaning elsewhere.
  private static func symbol(_ element: XMLElement) -> Unicode.Scalar? {
    guard let code = element["w:char"].flatMap({ UInt32($0, radix: 16) }), !(0xF000...0xF0FF ~= code) else {
      return nil
    }
    return Unicode.Scalar(code)
  }
}
