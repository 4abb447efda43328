import MartletCMarkGFM

/// Splits Markdown at its blocks, by the source positions of cmark-gfm's tree. The text stays as it was written.
struct MarkdownLoader {
  let path: String

  func load(_ body: (Section) throws -> Void) throws -> DocumentSummary {
    let (bytes, warnings) = try TextFile(path: path).readAll()
    let (title, sections) = Self.sections(of: bytes)
    for section in sections { try body(section) }
    return DocumentSummary(kind: .markdown, title: title, warnings: warnings)
  }

  /// The blocks of a Markdown text, and its first heading.
  static func sections(of bytes: [UInt8]) -> (title: String?, sections: [Section]) {
    let lines = LineTable(bytes)
    var blocks = MarkdownBlocks(lines: lines)
    let bodyStart = frontMatterEnd(lines)
    if bodyStart > 0 { blocks.add(1...bodyStart, role: .metadata) }
    let offset = lines.start(of: bodyStart + 1)
    withDocument(Array(bytes[offset...])) { blocks.visit($0, lineOffset: bodyStart) }
    return (blocks.title, blocks.sections)
  }

  /// The number of the line that ends the YAML or TOML front matter; 0 where there is none.
  private static func frontMatterEnd(_ lines: LineTable) -> Int {
    guard lines.count > 1 else { return 0 }
    let fence = lines.text(1...1)
    guard fence == "---" || fence == "+++" else { return 0 }
    return (2...lines.count).first { lines.text($0...$0) == fence } ?? 0
  }

  /// Parses the text and gives `body` the root of the tree, which is freed afterwards.
  private static func withDocument(_ text: [UInt8], _ body: (OpaquePointer) -> Void) {
    cmark_gfm_core_extensions_ensure_registered()
    guard let parser = cmark_parser_new(CMARK_OPT_DEFAULT) else { return }
    defer { cmark_parser_free(parser) }
    for name in ["table", "strikethrough", "tasklist"] {
      if let found = cmark_find_syntax_extension(name) { cmark_parser_attach_syntax_extension(parser, found) }
    }
    text.withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress else { return }
      cmark_parser_feed(parser, base.assumingMemoryBound(to: CChar.self), buffer.count)
    }
    guard let document = cmark_parser_finish(parser) else { return }
    defer { cmark_node_free(document) }
    body(document)
  }
}

/// Collects the top-level blocks of one document with the headings above each.
private struct MarkdownBlocks {
  let lines: LineTable
  private(set) var sections = [Section]()
  private(set) var title: String?
  private var headings: [(level: Int32, text: String)] = []

  init(lines: LineTable) { self.lines = lines }

  mutating func add(_ range: ClosedRange<Int>, role: Section.Role) {
    let trimmed = lines.trimmed(range)
    guard let trimmed else { return }
    sections.append(
      Section(
        text: lines.text(trimmed), startLine: trimmed.lowerBound, endLine: trimmed.upperBound,
        headings: headings.map(\.text), role: role))
  }

  mutating func visit(_ document: OpaquePointer, lineOffset: Int) {
    var next = cmark_node_first_child(document)
    while let node = next {
      let first = Int(cmark_node_get_start_line(node)) + lineOffset
      // The end line that cmark gives for some blocks (an empty list item, a table) may lie before its start.
      let last = max(first, Int(cmark_node_get_end_line(node)) + lineOffset)
      if first >= 1 && first <= lines.count { visit(node, first...min(last, lines.count), lineOffset) }
      next = cmark_node_next(node)
    }
  }

  private mutating func visit(_ node: OpaquePointer, _ range: ClosedRange<Int>, _ lineOffset: Int) {
    let type = cmark_node_get_type(node)
    switch type {
    case CMARK_NODE_HEADING:
      let text = plainText(node)
      let level = cmark_node_get_heading_level(node)
      headings.removeAll { $0.level >= level }
      headings.append((level, text))
      if title == nil { title = text }
      add(range, role: .heading)
    case CMARK_NODE_CODE_BLOCK: add(range, role: .code)
    case CMARK_NODE_THEMATIC_BREAK: break
    default:
      var next = range.lowerBound
      for table in tables(in: node, lineOffset: lineOffset) where table.lowerBound >= next {
        if next < table.lowerBound { add(next...(table.lowerBound - 1), role: .prose) }
        addTable(table)
        next = table.upperBound + 1
      }
      if next <= range.upperBound { add(next...range.upperBound, role: .prose) }
    }
  }

  /// The lines of the tables in a block, which is one or has some, as a list may; those of the tables' rows, since the end
  /// that cmark gives for a table may lie before its start.
  private func tables(in block: OpaquePointer, lineOffset: Int) -> [ClosedRange<Int>] {
    var tables: [ClosedRange<Int>] = []
    guard let iterator = cmark_iter_new(block) else { return [] }
    defer { cmark_iter_free(iterator) }
    while true {
      let event = cmark_iter_next(iterator)
      if event == CMARK_EVENT_DONE { return tables }
      guard event == CMARK_EVENT_ENTER, let node = cmark_iter_get_node(iterator),
        let name = cmark_node_get_type_string(node).map({ String(cString: $0) })
      else { continue }
      let line = Int(cmark_node_get_start_line(node)) + lineOffset
      guard line >= 1, line <= lines.count else { continue }
      if name == "table_header" {
        let dashes = dashes(below: line)
        tables.append(max(1, dashes - 1)...dashes)
      } else if name == "table_row", let last = tables.indices.last, line > tables[last].upperBound {
        tables[last] = tables[last].lowerBound...line
      }
    }
  }

  /// The line of dashes below a header, which is not a row. cmark places a header that ends a paragraph where that
  /// begins.
  private func dashes(below line: Int) -> Int {
    let found = (line + 1..<max(line + 2, lines.count + 1)).first { line in
      guard line <= lines.count else { return false }
      let marks = lines.bytes(of: line).filter { !" \t>".utf8.contains($0) }
      return marks.contains(UInt8(ascii: "-")) && marks.allSatisfy { "|-:".utf8.contains($0) }
    }
    return min(found ?? line + 1, lines.count)
  }

  /// A table of so many lines: the header and the line of dashes, then a line for each row.
  private mutating func addTable(_ range: ClosedRange<Int>) {
    let end = min(range.lowerBound + 1, range.upperBound)
    let header = Table.Row(lines.text(range.lowerBound...end), startLine: range.lowerBound, endLine: end)
    let rows = range.dropFirst(2).map { Table.Row(lines.text($0...$0), startLine: $0, endLine: $0) }
    sections.append(Section(Table(header: header, rows: rows), headings: headings.map(\.text)))
  }

  /// The words of a heading without its marks.
  private func plainText(_ node: OpaquePointer) -> String {
    var text = ""
    guard let iterator = cmark_iter_new(node) else { return text }
    defer { cmark_iter_free(iterator) }
    while true {
      let event = cmark_iter_next(iterator)
      if event == CMARK_EVENT_DONE { return text }
      guard event == CMARK_EVENT_ENTER, let inner = cmark_iter_get_node(iterator) else { continue }
      let type = cmark_node_get_type(inner)
      if type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE {
        text += cmark_node_get_literal(inner).map { String(cString: $0) } ?? ""
      } else if type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK {
        text += " "
      }
    }
  }
}
