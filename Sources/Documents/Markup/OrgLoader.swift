/// Splits Org mode's outlines at their blocks: headlines, paragraphs, lists, tables and source blocks. The text stays as it
/// was written; comments, drawers and settings are left out.
struct OrgLoader {
  let path: String

  func load(_ body: (Section) throws -> Void) throws -> DocumentSummary {
    let (text, warnings) = try WholeFile.text(path, limit: SourceCodeLoader.maximumBytes)
    var reader = OrgReader(text)
    reader.read()
    for section in reader.blocks.sections { try body(section) }
    return DocumentSummary(kind: .org, title: reader.title, warnings: warnings)
  }
}

private struct OrgReader {
  var blocks: LineBlocks
  private(set) var title: String?

  init(_ text: [UInt8]) { blocks = LineBlocks(text) }

  mutating func read() {
    let count = blocks.lines.count
    var start = 1
    var line = 1
    func flush(_ blocks: inout LineBlocks) { if start < line { blocks.add(start...(line - 1), .prose) } }
    while line <= count {
      let text = blocks.line(line)
      let bare = text.drop { $0 == " " || $0 == "\t" }
      let stars = text.prefix { $0 == "*" }.count
      if stars > 0, text.dropFirst(stars).first == " " {
        flush(&blocks)
        blocks.addHeading(Self.headline(text.dropFirst(stars)), level: stars, line...line)
      } else if bare.isEmpty {
        flush(&blocks)
      } else if bare.hasPrefix("#+") {
        flush(&blocks)
        line = readKeyword(bare, line)
      } else if bare.hasPrefix("# ") || bare == "#" {
        flush(&blocks)
      } else if bare.hasPrefix(":"), bare.hasSuffix(":"), bare.count > 2, !bare.contains(" "),
        let end = (line + 1..<max(line + 2, count + 1)).first(where: { number in
          number <= count && SectionBuilder.oneLine(blocks.line(number)).uppercased() == ":END:"
        })
      {
        flush(&blocks)
        line = end
      } else if bare.hasPrefix("|") {
        flush(&blocks)
        line = readTable(line)
      } else {
        line += 1
        continue
      }
      line += 1
      start = line
    }
    flush(&blocks)
  }

  /// The usual states of a task.
  private static let keywords: Set<Substring> = ["TODO", "DONE", "NEXT", "WAITING", "CANCELLED"]

  /// The words of a headline without its keyword, priority and tags.
  private static func headline(_ text: Substring) -> String {
    var words = text.split(separator: " ")
    if let first = words.first, keywords.contains(first) {
      words.removeFirst()
    }
    if let first = words.first, first.hasPrefix("[#"), first.count == 4 { words.removeFirst() }
    if words.count > 1, let last = words.last, last.hasPrefix(":"), last.hasSuffix(":"), last.count > 2 {
      words.removeLast()
    }
    return words.joined(separator: " ")
  }

  /// Reads what begins with "#+", and gives its last line.
  private mutating func readKeyword(_ text: Substring, _ line: Int) -> Int {
    let key = text.dropFirst(2).prefix { $0 != ":" && $0 != " " }.lowercased()
    let value = SectionBuilder.oneLine(String(text.drop { $0 != ":" }.dropFirst()))
    if key.hasPrefix("begin_") {
      let end = "#+end_" + key.dropFirst(6)
      let count = blocks.lines.count
      guard
        let last = (line + 1..<max(line + 2, count + 1)).first(where: { number in
          number <= count && SectionBuilder.oneLine(blocks.line(number)).lowercased().hasPrefix(end)
        })
      else {
        blocks.add(line...line, .prose)
        return line
      }
      if key == "begin_comment" { return last }
      let isCode = ["begin_src", "begin_example", "begin_export"].contains(key)
      blocks.add(line...last, isCode ? .code : .prose)
      return last
    }
    if key == "title", !value.isEmpty {
      if title == nil { title = value }
      blocks.add(line...line, .metadata)
    } else if ["subtitle", "author", "date", "description", "caption"].contains(key), !value.isEmpty {
      blocks.add(line...line, .metadata)
    }
    return line
  }

  private mutating func readTable(_ line: Int) -> Int {
    var rows: [ClosedRange<Int>] = []
    var header: ClosedRange<Int>?
    var end = line
    while end <= blocks.lines.count {
      let text = blocks.line(end).drop { $0 == " " || $0 == "\t" }
      guard text.hasPrefix("|") else { break }
      if text.hasPrefix("|-") {
        if header == nil, rows.count == 1 {
          header = rows[0]
          rows = []
        }
      } else {
        rows.append(end...end)
      }
      end += 1
    }
    if !rows.isEmpty || header != nil { blocks.addTable(header: header, rows: rows) }
    return end - 1
  }
}
