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
  private(set) var sections: [Section] = []
  private(set) var title: String?

  private let bytes: [UInt8]
  private var at = 0
  private var line = 1
  private var headings: [(level: Int, text: String)] = []
  private var out: [UInt8] = []
  private var startLine = 0
  private var endLine = 0
  /// Environments that are open.
  private var environments: [String] = []
  /// The tables that are open: their rows so far.
  private var tables: [[String]] = []
  private var tableLine = 0
  private var items: [Int] = []
  private var notes: [(text: String, line: Int)] = []

  /// How deep the argument at hand lies within others.
  private var depth = 0
  /// How many bytes may yet be looked through for brackets that are never closed.
  private var searchBudget = 2 << 20

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

  private mutating func readPreamble(upTo end: Int) {
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

  private mutating func setTitle(_ source: ArraySlice<UInt8>) {
    let text = plain(source)
    guard !text.isEmpty, title == nil else { return }
    title = text
    sections.append(
      Section(text: text, startLine: line, endLine: line, role: .metadata, linesFollowFile: false))
  }

  /// The words of an argument.
  private func plain(_ source: ArraySlice<UInt8>) -> String {
    guard depth < Self.deepest else { return SectionBuilder.oneLine(String(decoding: source, as: UTF8.self)) }
    var reader = LaTeXReader(Array(source))
    (reader.depth, reader.searchBudget) = (depth + 1, searchBudget)
    reader.read()
    return SectionBuilder.oneLine(reader.sections.map(\.text).joined(separator: " "))
  }

  /// Deeper arguments are kept as they are written.
  private static let deepest = 40

  // MARK: Tokens

  private var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func next() -> UInt8? {
    guard at < bytes.count else { return nil }
    defer { at += 1 }
    if bytes[at] == 0x0A { line += 1 }
    return bytes[at]
  }

  private mutating func skipBlanks() {
    while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A {
      // A blank line ends more than blanks.
      if byte == 0x0A, at + 1 < bytes.count, bytes[at + 1] == 0x0A { return }
      _ = next()
    }
  }

  private func firstIndex(of text: String, from start: Int) -> Int? {
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

  private mutating func readToken() {
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

  private mutating func take(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    at += 1
    return true
  }

  private mutating func append(_ byte: UInt8) {
    if byte == 0x20 || byte == 0x09 {
      if let last = out.last, last != 0x20, last != 0x0A { out.append(0x20) }
      return
    }
    if startLine == 0 { startLine = line }
    endLine = line
    out.append(byte)
  }

  private mutating func append(text: String) { for byte in text.utf8 { append(byte) } }

  /// What stands between two brackets, the first of which is next; comments and inner pairs are jumped over.
  private mutating func group(from open: Unicode.Scalar, to close: Unicode.Scalar) -> ArraySlice<UInt8> {
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

  private mutating func skipOptional() {
    let mark = (at, line)
    skipBlanks()
    if peek == UInt8(ascii: "[") { _ = group(from: "[", to: "]") } else { (at, line) = mark }
  }

  private mutating func argument() -> ArraySlice<UInt8> {
    skipBlanks()
    return group(from: "{", to: "}")
  }

  /// Mathematics between dollars, as it is written.
  private mutating func readMath() {
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

  // MARK: Commands

  private mutating func readCommand() {
    guard let first = next() else { return }
    guard 0x41...0x5A ~= first || 0x61...0x7A ~= first else { return readSymbol(first) }
    var name = [first]
    while let byte = peek, 0x41...0x5A ~= byte || 0x61...0x7A ~= byte {
      name.append(byte)
      at += 1
    }
    _ = take(UInt8(ascii: "*"))
    let command = String(decoding: name, as: UTF8.self)
    if let level = Self.levels[command] { return readHeading(level) }
    if let text = Self.symbols[command] {
      append(text: text)
      // The blank after a command's name is no blank of the text.
      if peek == 0x20 { at += 1 }
      if peek == UInt8(ascii: "{"), at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "}") { at += 2 }
      return
    }
    if let mark = Self.accents[command] { return readAccent(mark) }
    apply(command)
  }

  private mutating func readSymbol(_ symbol: UInt8) {
    switch symbol {
    case UInt8(ascii: "\\"):
      _ = take(UInt8(ascii: "*"))
      skipOptional()
      if tables.isEmpty { append(0x20) } else { endRow() }
    case UInt8(ascii: "["): keepMath("\\[", upTo: "\\]")
    case UInt8(ascii: "("): keepMath("\\(", upTo: "\\)")
    case UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "@"): break
    case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ":"), UInt8(ascii: "!"), 0x20, 0x0A: append(0x20)
    default:
      if let mark = Self.accents[String(UnicodeScalar(symbol))] { return readAccent(mark) }
      append(symbol)
    }
  }

  private mutating func keepMath(_ open: String, upTo close: String) {
    let end = firstIndex(of: close, from: at) ?? bytes.count
    append(text: open)
    while at < end, let byte = next() { append(byte == 0x0A ? 0x20 : byte) }
    append(text: close)
    at = min(bytes.count, end + close.utf8.count)
  }

  /// A letter with a mark above or below.
  private mutating func readAccent(_ mark: UInt32) {
    skipBlanks()
    var letter = ""
    if peek == UInt8(ascii: "{") {
      letter = plain(argument())
    } else if peek == UInt8(ascii: "\\") {
      at += 1
      // The dotless i and j take the place of those with a dot.
      if let byte = peek {
        letter = String(UnicodeScalar(byte))
        at += 1
      }
    } else if let byte = next() {
      var scalar = [byte]
      while let more = peek, more & 0xC0 == 0x80 {
        scalar.append(more)
        at += 1
      }
      letter = String(decoding: scalar, as: UTF8.self)
    }
    guard let first = letter.unicodeScalars.first, let combining = UnicodeScalar(mark) else { return }
    var accented = String(first)
    accented.unicodeScalars.append(combining)
    append(text: Self.composed(accented) + letter.unicodeScalars.dropFirst().map(String.init).joined())
  }

  /// A letter with a combining mark as one character where there is one.
  private static func composed(_ text: String) -> String {
    composedLetters.firstIndex(of: text).map { composedLetters[$0] } ?? text
  }

  /// Strings are equal where they are canonically equivalent, so that a letter with its mark finds the composed one.
  private static let composedLetters = Set(
    ([0xC0...0x24F, 0x1E00...0x1EFF] as [ClosedRange<UInt32>]).joined().compactMap(UnicodeScalar.init)
      .map { String($0) })

  private mutating func apply(_ command: String) {
    switch command {
    case "begin": beginEnvironment(String(decoding: argument(), as: UTF8.self))
    case "end": endEnvironment(String(decoding: argument(), as: UTF8.self))
    case "item": readItem()
    case "title": setTitle(argument())
    case "footnote", "footnotetext", "thanks":
      skipOptional()
      let number = line
      notes.append((plain(argument()), number))
    case "par": endParagraph()
    case "newline", "linebreak", "quad", "qquad", "hspace", "vspace", "hfill", "space", "enspace",
      "thinspace":
      if command.hasSuffix("space"), peek == UInt8(ascii: "{") { _ = argument() }
      append(0x20)
    case "href":
      let address = argument()
      let text = plain(argument())
      append(text: text.isEmpty ? String(decoding: address, as: UTF8.self) : text)
    case "url", "nolinkurl", "path": append(text: String(decoding: argument(), as: UTF8.self))
    case "verb", "lstinline":
      skipOptional()
      guard let mark = next() else { return }
      let close = mark == UInt8(ascii: "{") ? UInt8(ascii: "}") : mark
      while let byte = peek, byte != close, byte != 0x0A { append(next() ?? byte) }
      _ = take(close)
    case "label", "ref", "eqref", "pageref", "autoref", "cref", "Cref", "nameref", "vspace*",
      "includegraphics",
      "bibliographystyle", "bibliography", "addbibresource", "usepackage", "documentclass", "input",
      "include",
      "setlength", "addtolength", "setcounter", "pagestyle", "thispagestyle", "pagenumbering", "graphicspath",
      "definecolor", "color", "hypersetup", "newlength", "selectlanguage", "index", "phantom", "hphantom",
      "vphantom", "nocite", "bibitem", "newcounter", "stepcounter", "addcontentsline", "fontsize", "rule",
      "raisebox", "resizebox", "scalebox", "hyphenation", "captionsetup", "cmidrule", "cline", "tikzset",
      "newcolumntype", "columncolor", "rowcolor", "cellcolor", "arraystretch", "gdef", "edef":
      skipOptional()
      while peek == UInt8(ascii: "{") || peek == UInt8(ascii: "[") {
        if peek == UInt8(ascii: "[") {
          _ = group(from: "[", to: "]")
        } else {
          let start = at
          _ = group(from: "{", to: "}")
          if at == start + 1 { return }
        }
      }
    case "newcommand", "renewcommand", "providecommand", "newenvironment", "renewenvironment", "newtheorem",
      "DeclareMathOperator", "def", "let", "newif", "theoremstyle":
      skipDefinition()
    case "cite", "citep", "citet", "parencite", "textcite", "autocite", "footcite":
      skipOptional()
      skipOptional()
      _ = argument()
    case "multicolumn":
      let count = min(max(1, Int(plain(argument())) ?? 1), 64)
      _ = argument()
      append(text: plain(argument()))
      if count > 1 { out += Array(String(repeating: " |", count: count - 1).utf8) }
    case "multirow":
      skipOptional()
      _ = (argument(), argument())
      append(text: plain(argument()))
    case "textcolor", "colorbox", "hypertarget", "fontfamily", "parbox":
      skipOptional()
      _ = argument()
    case "caption":
      skipOptional()
      let number = line
      let text = plain(argument())
      if tables.isEmpty { endParagraph() }
      addSection(text, number, line, .prose)
    default:
      // What a command's options say is for the program; its arguments are text.
      if peek == UInt8(ascii: "[") { _ = group(from: "[", to: "]") }
      if peek == 0x20 { append(0x20) }
    }
  }

  private mutating func skipDefinition() {
    skipBlanks()
    if peek == UInt8(ascii: "{") {
      _ = argument()
    } else if peek == UInt8(ascii: "\\") {
      at += 1
      while let byte = peek, 0x41...0x5A ~= byte || 0x61...0x7A ~= byte { _ = (byte, next()) }
    }
    while let byte = peek, byte == UInt8(ascii: "#") || 0x30...0x39 ~= byte || byte == UInt8(ascii: "=") {
      _ = (byte, next())
    }
    while true {
      let mark = (at, line)
      skipBlanks()
      if peek == UInt8(ascii: "[") {
        _ = group(from: "[", to: "]")
      } else if peek == UInt8(ascii: "{") {
        _ = group(from: "{", to: "}")
      } else {
        (at, line) = mark
        return
      }
      if at == mark.0 + 1 { return }
    }
  }

  private mutating func readHeading(_ level: Int) {
    endParagraph()
    skipOptional()
    let number = line
    let heading = plain(argument())
    guard !heading.isEmpty else { return }
    headings.removeAll { $0.level >= level }
    headings.append((level, heading))
    addSection(heading, number, line, .heading)
  }

  private mutating func readItem() {
    var label = ""
    skipBlanks()
    if peek == UInt8(ascii: "[") { label = plain(group(from: "[", to: "]")) }
    endParagraph()
    var mark = "- "
    if let count = items.last, environments.last(where: { Self.lists.contains($0) }) == "enumerate" {
      items[items.count - 1] = count + 1
      mark = "\(count + 1). "
    }
    append(text: label.isEmpty ? mark : label + ": ")
    append(0x20)
  }

  // MARK: Environments

  private mutating func beginEnvironment(_ name: String) {
    let bare = name.hasSuffix("*") ? String(name.dropLast()) : name
    if Self.verbatim.contains(bare) { return readVerbatim(name, .code) }
    if bare == "Highlighting" { return readHighlighted(name) }
    if Self.math.contains(bare) { return readVerbatim(name, .prose) }
    if bare == "comment" || bare == "tikzpicture" || bare == "pgfpicture" { return skipEnvironment(name) }
    environments.append(name)
    if Self.tables.contains(bare) {
      if tables.isEmpty {
        endParagraph()
        tableLine = line
      }
      tables.append([])
      skipOptional()
      if ["tabularx", "tabular*", "tabulary"].contains(name) { _ = argument() }
      _ = argument()
    } else if Self.lists.contains(bare) {
      endParagraph()
      items.append(0)
      skipOptional()
    } else {
      if tables.isEmpty { endParagraph() }
      skipOptional()
      if ["minipage", "multicols", "thebibliography", "adjustbox", "wrapfigure", "columns", "column"]
        .contains(bare)
      {
        _ = argument()
      }
    }
  }

  private mutating func endEnvironment(_ name: String) {
    let bare = name.hasSuffix("*") ? String(name.dropLast()) : name
    if let index = environments.lastIndex(of: name) { environments.removeSubrange(index...) }
    if Self.tables.contains(bare) {
      endTable()
    } else {
      if tables.isEmpty { endParagraph() }
      if Self.lists.contains(bare) { _ = items.popLast() }
      if name == "document" { at = bytes.count }
    }
  }

  private mutating func readVerbatim(_ name: String, _ role: Section.Role) {
    if role == .code { endParagraph() }
    let start = at
    let first = line
    let end = firstIndexPlain(of: "\\end{\(name)}", from: at) ?? bytes.count
    let close = min(bytes.count, end + name.utf8.count + 6)
    line += bytes[start..<end].count { $0 == 0x0A }
    at = close
    if role == .code {
      var text = bytes[start..<end]
      if text.first == UInt8(ascii: "["), let options = text.firstIndex(of: 0x0A) { text = text[options...] }
      while let byte = text.first, byte == 0x0A { text.removeFirst() }
      while let byte = text.last, byte <= 0x20 { text.removeLast() }
      addSection(String(decoding: text, as: UTF8.self), first, line, .code)
    } else {
      var math = SectionBuilder.oneLine(String(decoding: bytes[start..<end], as: UTF8.self))
      while let label = math.firstRange(of: "\\label{"),
        let close = math[label.upperBound...].firstIndex(of: "}")
      {
        math.removeSubrange(label.lowerBound...close)
      }
      if startLine == 0 { startLine = first }
      append(text: " " + math + " ")
      endLine = line
    }
  }

  /// Code whose words have commands around them for their colours.
  private mutating func readHighlighted(_ name: String) {
    endParagraph()
    let (start, first) = (at, line)
    skipEnvironment(name)
    let lines = bytes[start..<max(start, at - name.utf8.count - 6)].split(
      separator: 0x0A, omittingEmptySubsequences: false)
    let text = lines.dropFirst().map { line in
      let indentation = line.prefix { $0 == 0x20 }
      return String(decoding: indentation, as: UTF8.self) + plain(line)
    }
    addSection(text.joined(separator: "\n"), first, line, .code)
  }

  private func firstIndexPlain(of text: String, from start: Int) -> Int? {
    let needle = Array(text.utf8)
    var index = start
    while index + needle.count <= bytes.count {
      if bytes[index] == needle[0], bytes[index...].starts(with: needle) { return index }
      index += 1
    }
    return nil
  }

  private mutating func skipEnvironment(_ name: String) {
    let end = firstIndexPlain(of: "\\end{\(name)}", from: at) ?? bytes.count
    line += bytes[at..<end].count { $0 == 0x0A }
    at = min(bytes.count, end + name.utf8.count + 6)
  }

  // MARK: Blocks

  private mutating func endRow() {
    guard !tables.isEmpty else { return }
    let row = String(decoding: out, as: UTF8.self).split(separator: "|", omittingEmptySubsequences: false)
      .map { SectionBuilder.oneLine(String($0)) }
    out = []
    startLine = 0
    let text = SectionBuilder.line(row)
    if !text.isEmpty { tables[tables.count - 1].append(text) }
  }

  private mutating func endTable() {
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

  private mutating func endParagraph() {
    let text = SectionBuilder.oneLine(String(decoding: out, as: UTF8.self))
    out = []
    defer { startLine = 0 }
    addSection(text, startLine, endLine, .prose)
    if tables.isEmpty { addNotes() }
  }

  private mutating func addNotes() {
    let waiting = notes
    notes = []
    for note in waiting { addSection(note.text, note.line, note.line, .prose) }
  }

  private mutating func addSection(_ text: String, _ start: Int, _ end: Int, _ role: Section.Role) {
    guard !text.isEmpty else { return }
    sections.append(
      Section(
        text: text, startLine: max(1, start), endLine: max(1, start, end), headings: headings.map(\.text),
        role: role, linesFollowFile: false))
  }

  private static let levels = [
    "part": 0, "chapter": 1, "section": 2, "subsection": 3, "subsubsection": 4, "paragraph": 5,
    "subparagraph": 6, "frametitle": 5,
  ]
  private static let verbatim: Set<String> = ["verbatim", "lstlisting", "minted", "Verbatim", "alltt"]
  private static let math: Set<String> = [
    "equation", "align", "gather", "multline", "eqnarray", "displaymath", "math", "flalign", "alignat",
  ]
  private static let tables: Set<String> = [
    "tabular", "tabularx", "tabulary", "longtable", "array", "supertabular", "tblr",
  ]
  private static let lists: Set<String> = [
    "itemize", "enumerate", "description", "compactitem", "compactenum",
  ]
  private static let symbols = [
    "textbackslash": "\\", "ldots": "…", "dots": "…", "textellipsis": "…", "ss": "ß", "ae": "æ", "AE": "Æ",
    "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "i": "i", "j": "j",
    "S": "§", "P": "¶", "copyright": "©", "pounds": "£", "euro": "€", "texteuro": "€", "textendash": "–",
    "textemdash": "—", "textquoteleft": "‘", "textquoteright": "’", "textquotedblleft": "“",
    "textquotedblright": "”", "LaTeX": "LaTeX", "TeX": "TeX", "textbar": "|", "textless": "<",
    "textgreater": ">", "textasciitilde": "~", "textasciicircum": "^", "textunderscore": "_",
    "textdegree": "°", "degree": "°", "textregistered": "®", "texttrademark": "™", "textbullet": "•",
  ]
  /// The combining characters of marks.
  private static let accents: [String: UInt32] = [
    "`": 0x300, "'": 0x301, "^": 0x302, "~": 0x303, "=": 0x304, "u": 0x306, ".": 0x307, "\"": 0x308,
    "r": 0x30A, "H": 0x30B, "v": 0x30C, "c": 0x327, "k": 0x328, "d": 0x323, "b": 0x331,
  ]
}
