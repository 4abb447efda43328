/// Splits reStructuredText at its blocks: titles, paragraphs, tables, literal blocks and directives. The text stays as it
/// was written; comments and what directives say to the program alone are left out.
struct RestructuredTextLoader {
  let path: String

  func load(_ body: (Section) throws -> Void) throws -> DocumentSummary {
    let (text, warnings) = try WholeFile.text(path, limit: SourceCodeLoader.maximumBytes)
    var reader = RestructuredTextReader(text)
    reader.read()
    for section in reader.blocks.sections { try body(section) }
    return DocumentSummary(kind: .restructuredText, title: reader.title, warnings: warnings)
  }
}

private struct RestructuredTextReader {
  var blocks: LineBlocks
  private(set) var title: String?
  /// The adornments of titles in the order of their first use, which is that of their levels.
  private var adornments: [String] = []

  init(_ text: [UInt8]) { blocks = LineBlocks(text) }

  private var count: Int { blocks.lines.count }

  mutating func read() {
    var line = 1
    while line <= count {
      if blocks.lines.isBlank(line) {
        line += 1
      } else if let next = readTitle(line) ?? readTable(line) ?? readDirective(line) {
        line = next
      } else {
        line = readParagraph(line)
      }
    }
  }

  /// The character that a line of punctuation repeats.
  private func adornment(_ line: Int) -> (mark: UInt8, length: Int)? {
    guard line >= 1, line <= count else { return nil }
    var bytes = blocks.lines.bytes(of: line)
    while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
    guard let mark = bytes.first, bytes.count >= 2, Self.isPunctuation(mark), bytes.allSatisfy({ $0 == mark })
    else { return nil }
    return (mark, bytes.count)
  }

  private static func isPunctuation(_ byte: UInt8) -> Bool {
    0x21...0x2F ~= byte || 0x3A...0x40 ~= byte || 0x5B...0x60 ~= byte || 0x7B...0x7E ~= byte
  }

  private mutating func readTitle(_ line: Int) -> Int? {
    // With a line above and below, or below alone.
    if let over = adornment(line), let under = adornment(line + 2), over.mark == under.mark,
      !blocks.lines.isBlank(line + 1), over.length == under.length,
      over.length >= text(line + 1).count
    {
      return addTitle(text(line + 1), "\(over.mark)/", line...(line + 2))
    }
    guard let under = adornment(line + 1), adornment(line) == nil,
      blocks.lines.indentation(of: line) == 0, under.length >= min(text(line).count, 4)
    else { return nil }
    return addTitle(text(line), "\(under.mark)", line...(line + 1))
  }

  private func text(_ line: Int) -> String { SectionBuilder.oneLine(blocks.line(line)) }

  private mutating func addTitle(_ text: String, _ adornment: String, _ range: ClosedRange<Int>) -> Int {
    let level = adornments.firstIndex(of: adornment) ?? adornments.count
    if level == adornments.count { adornments.append(adornment) }
    if title == nil { title = text }
    blocks.addHeading(text, level: level + 1, range)
    return range.upperBound + 1
  }

  private mutating func readTable(_ line: Int) -> Int? {
    let first = blocks.lines.bytes(of: line).drop { $0 == 0x20 }
    if first.starts(with: Array("+-".utf8)) || first.starts(with: Array("+=".utf8)) {
      return readGridTable(line)
    }
    guard Self.isSimpleRule(first) else { return nil }
    return readSimpleTable(line)
  }

  private mutating func readGridTable(_ line: Int) -> Int? {
    var end = line
    while end + 1 <= count, let mark = blocks.lines.bytes(of: end + 1).first(where: { $0 != 0x20 }),
      mark == UInt8(ascii: "+") || mark == UInt8(ascii: "|")
    {
      end += 1
    }
    guard end > line + 1 else { return nil }
    var rows: [ClosedRange<Int>] = []
    var header: ClosedRange<Int>?
    var start = line + 1
    for number in line + 1...end
    where blocks.lines.bytes(of: number).first(where: { $0 != 0x20 }) == UInt8(ascii: "+") {
      if start < number {
        if header == nil, rows.isEmpty, blocks.lines.bytes(of: number).contains(UInt8(ascii: "=")) {
          header = start...(number - 1)
        } else {
          rows.append(start...(number - 1))
        }
      }
      start = number + 1
    }
    guard !rows.isEmpty || header != nil else { return nil }
    blocks.addTable(header: header, rows: rows)
    return end + 1
  }

  /// Whether a line is of equals signs with blanks between columns.
  private static func isSimpleRule(_ line: ArraySlice<UInt8>) -> Bool {
    line.starts(with: Array("==".utf8)) && line.contains(0x20)
      && line.allSatisfy { $0 == UInt8(ascii: "=") || $0 <= 0x20 }
  }

  private mutating func readSimpleTable(_ line: Int) -> Int? {
    var rules: [Int] = [line]
    var number = line + 1
    while number <= count, rules.count < 3 {
      if Self.isSimpleRule(blocks.lines.bytes(of: number).drop { $0 == 0x20 }) {
        rules.append(number)
        // A table ends at a rule before a blank line; the header's rule has a row below it.
        if number == count || blocks.lines.isBlank(number + 1) { break }
      }
      number += 1
    }
    guard rules.count > 1, let end = rules.last else { return nil }
    let hasHeader = rules.count == 3
    let header = hasHeader && rules[1] > line + 1 ? (line + 1)...(rules[1] - 1) : nil
    var rows: [ClosedRange<Int>] = []
    for number in (hasHeader ? rules[1] : line) + 1..<end where !blocks.lines.isBlank(number) {
      // A row without its first column continues the one before.
      if let last = rows.last,
        (blocks.lines.indentation(of: number) ?? 0) > (blocks.lines.indentation(of: line) ?? 0)
      {
        rows[rows.count - 1] = last.lowerBound...number
      } else {
        rows.append(number...number)
      }
    }
    guard !rows.isEmpty else { return nil }
    blocks.addTable(header: header, rows: rows)
    return end + 1
  }

  /// The last line of a block that is indented more than `indentation`, from `line` on.
  private func endOfIndented(after line: Int, indentation: Int) -> Int {
    var end = line
    var number = line + 1
    while number <= count {
      if let own = blocks.lines.indentation(of: number) {
        if own <= indentation { break }
        end = number
      }
      number += 1
    }
    return end
  }

  private mutating func readDirective(_ line: Int) -> Int? {
    let bytes = blocks.lines.bytes(of: line).drop { $0 == 0x20 || $0 == 0x09 }
    guard bytes.starts(with: Array("..".utf8)), bytes.count == 2 || bytes.dropFirst(2).first == 0x20 else {
      return nil
    }
    let indentation = blocks.lines.indentation(of: line) ?? 0
    let end = endOfIndented(after: line, indentation: indentation)
    let rest = String(decoding: bytes.dropFirst(3), as: UTF8.self)
    let name = rest.firstRange(of: "::").map { String(rest[..<$0.lowerBound]) }
    guard let name, !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || "-_:.+".contains($0) })
    else {
      // Footnotes and citations have text; targets and comments have none for a reader.
      if rest.hasPrefix("[") { blocks.add(line...end, .prose) }
      return end + 1
    }
    switch name {
    case "code", "code-block", "sourcecode", "parsed-literal", "math", "doctest", "prompt", "literalinclude":
      blocks.add(line...end, .code)
    case "toctree", "contents", "include", "index", "raw", "highlight", "default-role", "currentmodule",
      "automodule", "autoclass", "autofunction", "meta", "role", "sectnum", "tabularcolumns", "only-raw":
      break
    case "image", "figure":
      // The alternative text and the caption.
      readContent(line, end)
    case "list-table", "csv-table", "table": readContent(line, end)
    default: readContent(line, end)
    }
    return end + 1
  }

  /// A directive's argument and options as they stand, and its content by its blocks.
  private mutating func readContent(_ line: Int, _ end: Int) {
    var head = line
    while head + 1 <= end, !blocks.lines.isBlank(head + 1) { head += 1 }
    blocks.add(line...head, .prose)
    var number = head + 1
    while number <= end {
      if blocks.lines.isBlank(number) {
        number += 1
      } else if let next = readTable(number) ?? readDirective(number) {
        number = next
      } else {
        number = readParagraph(number)
      }
    }
  }

  private mutating func readParagraph(_ line: Int) -> Int {
    let indentation = blocks.lines.indentation(of: line) ?? 0
    var end = line
    while end + 1 <= count, !blocks.lines.isBlank(end + 1), !isTitleStart(end + 1) { end += 1 }
    // A doctest ends at a blank line.
    let role: Section.Role = blocks.lines.bytes(of: line).starts(with: Array(">>> ".utf8)) ? .code : .prose
    blocks.add(line...end, role)
    // Two colons at its end announce a literal block.
    guard text(end).hasSuffix("::"), end < count else { return end + 1 }
    let last = endOfIndented(after: end, indentation: indentation)
    if last > end { blocks.add((end + 1)...last, .code) }
    return last + 1
  }

  private func isTitleStart(_ line: Int) -> Bool {
    guard let under = adornment(line + 1), under.length > 3, blocks.lines.indentation(of: line) == 0 else {
      return false
    }
    return adornment(line) == nil && under.length >= text(line).count && line > 1
      && blocks.lines.isBlank(line - 1)
  }
}
