/// Reads the text of LaTeX: sections as headings, paragraphs, lists, tables and notes, with mathematics as it is written.
/// Comments, the preamble and commands are left out.
struct LaTeXLoader {
  let path: String

  func load(_ body: (Section) throws -> Void) throws -> DocumentSummary {
    let (text, warnings) = try WholeFile.text(path, limit: SourceCodeLoader.maximumBytes)
    var reader = LaTeXReader(text)
    reader.read()
    for section in reader.sections { try body(section) }
    return DocumentSummary(kind: .latex, title: reader.title, warnings: warnings)
  }
}

/// Reads LaTeX token by token. Macros are not expanded: what a command of the writer's own does is not known, so the text
/// of its arguments is kept.
struct LaTeXReader {
  var sections: [Section] = []
  var title: String?

  let bytes: [UInt8]
  var at = 0
  var line = 1
  var headings: [(level: Int, text: String)] = []
  var out: [UInt8] = []
  var startLine = 0
  var endLine = 0
  /// Environments that are open.
  var environments: [String] = []
  /// The tables that are open: their rows so far.
  var tables: [[String]] = []
  var tableLine = 0
  var items: [Int] = []
  var notes: [(text: String, line: Int)] = []

  /// How deep the argument at hand lies within others.
  var depth = 0
  /// How many bytes may yet be looked through for brackets that are never closed.
  var searchBudget = 2 << 20

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func read() {
    // The preamble has settings, and the title.
    if let start = firstIndex(of: "\\begin{document}", from: 0) {
      readPreamble(upTo: start)
      at = start
      line = 1 + bytes[..<start].count { $0 == 0x0A }
      at += 16
    }
    while at < bytes.count { readToken() }
    endParagraph()
    while !tables.isEmpty { endTable() }
    addNotes()
  }

  mutating func readPreamble(upTo end: Int) {
    for command in ["\\title", "\\author"] {
      guard let start = firstIndex(of: command, from: 0), start < end else { continue }
      var inner = LaTeXReader(bytes)
      inner.at = start + command.utf8.count
      inner.skipOptional()
      line = 1 + bytes[..<start].count { $0 == 0x0A }
      let text = inner.argument()
      if command == "\\title" { setTitle(text) } else { addSection(plain(text), line, line, .metadata) }
    }
  }

  mutating func setTitle(_ source: ArraySlice<UInt8>) {
    let text = plain(source)
    guard !text.isEmpty, title == nil else { return }
    title = text
    sections.append(
      Section(text: text, startLine: line, endLine: line, role: .metadata, linesFollowFile: false))
  }

  /// The words of an argument.
  func plain(_ source: ArraySlice<UInt8>) -> String {
    guard depth < Self.deepest else { return SectionBuilder.oneLine(String(decoding: source, as: UTF8.self)) }
    var reader = LaTeXReader(Array(source))
    (reader.depth, reader.searchBudget) = (depth + 1, searchBudget)
    reader.read()
    return SectionBuilder.oneLine(reader.sections.map(\.text).joined(separator: " "))
  }

  /// Deeper arguments are kept as they are written.
  static let deepest = 40

  // MARK: Tokens

  var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

  mutating func next() -> UInt8? {
    guard at < bytes.count else { return nil }
    defer { at += 1 }
    if bytes[at] == 0x0A { line += 1 }
    return bytes[at]
  }

  mutating func skipBlanks() {
    while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A {
      // A blank line ends more than blanks.
      if byte == 0x0A, at + 1 < bytes.count, bytes[at + 1] == 0x0A { return }
      _ = next()
    }
  }

  func firstIndex(of text: String, from start: Int) -> Int? {
    let needle = Array(text.utf8)
    guard let first = needle.first, bytes.count >= needle.count else { return nil }
    var index = start
    var isComment = false
    while index + needle.count <= bytes.count {
      let byte = bytes[index]
      if byte == 0x0A { isComment = false }
      if byte == UInt8(ascii: "%"), index == 0 || bytes[index - 1] != UInt8(ascii: "\\") { isComment = true }
      if !isComment, byte == first, bytes[index...].starts(with: needle) { return index }
      index += 1
    }
    return nil
  }

  mutating func readToken() {
    guard let byte = next() else { return }
    switch byte {
    case UInt8(ascii: "\\"): readCommand()
    case UInt8(ascii: "%"):
      while let byte = peek, byte != 0x0A { _ = (byte, next()) }
      // The line end belongs to the comment, and the blanks that begin the next line.
      _ = next()
      while let byte = peek, byte == 0x20 || byte == 0x09 { _ = (byte, next()) }
      if peek == 0x0A { endParagraph() }
    case UInt8(ascii: "{"), UInt8(ascii: "}"): break
    case UInt8(ascii: "~"): append(0x20)
    case UInt8(ascii: "$"): readMath()
    case UInt8(ascii: "&") where !tables.isEmpty: out += Array(" | ".utf8)
    case 0x0A:
      var isBlank = false
      while let byte = peek, byte == 0x0A || byte == 0x20 || byte == 0x09 {
        if byte == 0x0A { isBlank = true }
        _ = next()
      }
      if isBlank, tables.isEmpty { endParagraph() } else { append(0x20) }
    case UInt8(ascii: "-"):
      // Two stand for an en dash, three for an em dash.
      var count = 1
      while peek == UInt8(ascii: "-"), count < 3 { count += next() == nil ? 0 : 1 }
      append(text: count == 1 ? "-" : count == 2 ? "–" : "—")
    case UInt8(ascii: "`"): append(text: take(UInt8(ascii: "`")) ? "“" : "‘")
    case UInt8(ascii: "'"): append(text: take(UInt8(ascii: "'")) ? "”" : "'")
    default: append(byte)
    }
  }

  mutating func take(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    at += 1
    return true
  }

  mutating func append(_ byte: UInt8) {
    if byte == 0x20 || byte == 0x09 {
      if let last = out.last, last != 0x20, last != 0x0A { out.append(0x20) }
      return
    }
    if startLine == 0 { startLine = line }
    endLine = line
    out.append(byte)
  }

  mutating func append(text: String) { for byte in text.utf8 { append(byte) } }

  /// What stands between two brackets, the first of which is next; comments and inner pairs are jumped over.
  mutating func group(from open: Unicode.Scalar, to close: Unicode.Scalar) -> ArraySlice<UInt8> {
    let (open, close) = (UInt8(ascii: open), UInt8(ascii: close))
    guard peek == open else { return [] }
    at += 1
    guard searchBudget > 0 else { return [] }
    let (start, startLine) = (at, line)
    var (depth, braces) = (1, 0)
    while let byte = next() {
      if byte == UInt8(ascii: "\\") {
        _ = next()
      } else if byte == close, braces == 0 || close == UInt8(ascii: "}") {
        depth -= 1
        if depth == 0 { return bytes[start..<(at - 1)] }
      } else if byte == open {
        depth += 1
      } else if byte == UInt8(ascii: "{") {
        braces += 1
      } else if byte == UInt8(ascii: "}") {
        braces -= 1
        // An optional argument ends no later than the group around it.
        if braces < 0 { break }
      } else if byte == UInt8(ascii: "%") {
        while let byte = peek, byte != 0x0A { _ = (byte, next()) }
      }
    }
    // It is never closed: what follows is text.
    searchBudget -= at - start
    (at, line) = (start, startLine)
    return []
  }

  mutating func skipOptional() {
    let mark = (at, line)
    skipBlanks()
    if peek == UInt8(ascii: "[") { _ = group(from: "[", to: "]") } else { (at, line) = mark }
  }

  mutating func argument() -> ArraySlice<UInt8> {
    skipBlanks()
    return group(from: "{", to: "}")
  }

  /// Mathematics between dollars, as it is written.
  mutating func readMath() {
    let isDisplay = take(UInt8(ascii: "$"))
    append(text: isDisplay ? "$$" : "$")
    while let byte = peek {
      if byte == UInt8(ascii: "$") {
        at += 1
        if isDisplay { _ = take(UInt8(ascii: "$")) }
        append(text: isDisplay ? "$$" : "$")
        return
      }
      // A dollar that is never closed ends with its paragraph.
      if byte == 0x0A, at + 1 < bytes.count, bytes[at + 1] == 0x0A { return }
      _ = next()
      append(byte == 0x0A ? 0x20 : byte)
      if byte == UInt8(ascii: "\\"), let escaped = next() { append(escaped) }
    }
  }

  // MARK: Blocks

  mutating func endRow() {
    guard !tables.isEmpty else { return }
    let row = String(decoding: out, as: UTF8.self).split(separator: "|", omittingEmptySubsequences: false)
      .map { SectionBuilder.oneLine(String($0)) }
    out = []
    startLine = 0
    let text = SectionBuilder.line(row)
    if !text.isEmpty { tables[tables.count - 1].append(text) }
  }

  mutating func endTable() {
    endRow()
    guard let rows = tables.popLast() else { return }
    if let outer = tables.indices.last {
      tables[outer] += rows
      return
    }
    guard !rows.isEmpty else { return }
    func row(_ text: String) -> Table.Row { Table.Row(text, startLine: tableLine, endLine: line) }
    sections.append(
      Section(
        Table(header: rows.first.map(row), rows: rows.dropFirst().map(row)), headings: headings.map(\.text),
        linesFollowFile: false))
    addNotes()
  }

  mutating func endParagraph() {
    let text = SectionBuilder.oneLine(String(decoding: out, as: UTF8.self))
    out = []
    defer { startLine = 0 }
    addSection(text, startLine, endLine, .prose)
    if tables.isEmpty { addNotes() }
  }

  mutating func addNotes() {
    let waiting = notes
    notes = []
    for note in waiting { addSection(note.text, note.line, note.line, .prose) }
  }

  mutating func addSection(_ text: String, _ start: Int, _ end: Int, _ role: Section.Role) {
    guard !text.isEmpty else { return }
    sections.append(
      Section(
        text: text, startLine: max(1, start), endLine: max(1, start, end), headings: headings.map(\.text),
        role: role, linesFollowFile: false))
  }

  static let levels = [
    "part": 0, "chapter": 1, "section": 2, "subsection": 3, "subsubsection": 4, "paragraph": 5,
    "subparagraph": 6, "frametitle": 5,
  ]
  static let verbatim: Set<String> = ["verbatim", "lstlisting", "minted", "Verbatim", "alltt"]
  static let math: Set<String> = [
    "equation", "align", "gather", "multline", "eqnarray", "displaymath", "math", "flalign", "alignat",
  ]
  static let tables: Set<String> = [
    "tabular", "tabularx", "tabulary", "longtable", "array", "supertabular", "tblr",
  ]
  static let lists: Set<String> = [
    "itemize", "enumerate", "description", "compactitem", "compactenum",
  ]
  static let symbols = [
    "textbackslash": "\\", "ldots": "…", "dots": "…", "textellipsis": "…", "ss": "ß", "ae": "æ", "AE": "Æ",
    "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "i": "i", "j": "j",
    "S": "§", "P": "¶", "copyright": "©", "pounds": "£", "euro": "€", "texteuro": "€", "textendash": "–",
    "textemdash": "—", "textquoteleft": "‘", "textquoteright": "’", "textquotedblleft": "“",
    "textquotedblright": "”", "LaTeX": "LaTeX", "TeX": "TeX", "textbar": "|", "textless": "<",
    "textgreater": ">", "textasciitilde": "~", "textasciicircum": "^", "textunderscore": "_",
    "textdegree": "°", "degree": "°", "textregistered": "®", "texttrademark": "™", "textbullet": "•",
  ]
  /// The combining characters of marks.
  static let accents: [String: UInt32] = [
    "`": 0x300, "'": 0x301, "^": 0x302, "~": 0x303, "=": 0x304, "u": 0x306, ".": 0x307, "\"": 0x308,
    "r": 0x30A, "H": 0x30B, "v": 0x30C, "c": 0x327, "k": 0x328, "d": 0x323, "b": 0x331,
  ]
}
