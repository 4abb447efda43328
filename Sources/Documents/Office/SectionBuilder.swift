/// Gathers the passages of a document that has no lines, with the headings above each.
struct SectionBuilder {
  private(set) var sections: [Section] = []
  /// What each passage's place is from here on.
  var place: Place?
  private var headings: [(level: Int, text: String)] = []
  private var list: [String] = []

  /// The headings at hand, outermost first.
  var outline: [String] { headings.map(\.text) }

  /// A heading; passages below it have it above them until one of its level, or of one further out, comes.
  mutating func addHeading(_ text: String, level: Int) {
    endList()
    let heading = Self.oneLine(text)
    guard !heading.isEmpty else { return }
    headings.removeAll { $0.level >= level }
    headings.append((level, heading))
    append(Section(text: heading, headings: outline, role: .heading, linesFollowFile: false))
  }

  /// Headings that are no text of the document themselves, as a sheet's name.
  mutating func enter(_ headings: [String]) {
    endList()
    self.headings = headings.enumerated().map { ($0.offset, $0.element) }
  }

  /// A paragraph.
  mutating func addParagraph(_ text: String, role: Section.Role = .prose, under below: [String] = []) {
    endList()
    let text = role == .code ? Self.trimmedLines(text) : Self.trimmed(text)
    guard !text.isEmpty else { return }
    // Each line of code is a paragraph in word processors.
    if role == .code, let last = sections.last, last.role == .code, last.headings == outline,
      last.place == place
    {
      sections[sections.count - 1].text += "\n" + text
      return
    }
    append(Section(text: text, headings: outline + below, role: role, linesFollowFile: false))
  }

  /// An item of a list, which goes on until something else is added.
  mutating func addItem(_ text: String, depth: Int = 0, mark: String = "-") {
    let text = Self.trimmed(text)
    guard !text.isEmpty else { return }
    list.append(String(repeating: "  ", count: min(depth, 8)) + mark + " " + text)
  }

  /// A table of cells; nothing is added where no cell has text.
  ///
  /// - Parameter headerRows: How many rows at the top name the columns.
  mutating func addTable(_ rows: [[String]], headerRows: Int = 1) {
    endList()
    let lines = rows.map(Self.line)
    guard lines.contains(where: { !$0.isEmpty }) else { return }
    // A table of one column is a frame around text, more often than not.
    if !rows.contains(where: { $0.count > 1 }) {
      for row in rows { if let cell = row.first { addParagraph(cell) } }
      return
    }
    let head = lines.prefix(headerRows).filter { !$0.isEmpty }
    let rest = lines.dropFirst(headerRows).filter { !$0.isEmpty }
    let header = head.isEmpty ? nil : Table.Row(head.joined(separator: "\n"))
    append(
      Section(
        Table(header: header, rows: rest.map { Table.Row($0) }), headings: outline, linesFollowFile: false))
  }

  /// A passage that was made elsewhere, below the headings at hand.
  mutating func append(_ section: Section) {
    endList()
    var section = section
    if let place { section.place = place }
    sections.append(section)
  }

  /// All passages.
  mutating func finish() -> [Section] {
    endList()
    return sections
  }

  /// The passages since the last time.
  mutating func take() -> [Section] {
    endList()
    defer { sections = [] }
    return sections
  }

  private mutating func endList() {
    guard !list.isEmpty else { return }
    let text = list.joined(separator: "\n")
    list = []
    append(Section(text: text, headings: outline, linesFollowFile: false))
  }

  /// The cells of a row with bars between them; empty ones at the end are left out.
  static func line(_ cells: [String]) -> String {
    var cells = cells.map(oneLine)
    while cells.last?.isEmpty == true { cells.removeLast() }
    return cells.joined(separator: " | ")
  }

  /// The text with its white space as single blanks.
  static func oneLine(_ text: String) -> String {
    text.split { $0 == " " || $0 == "\t" || $0.isNewline }.joined(separator: " ")
  }

  private static func trimmed(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !isBlank($0) }),
      let last = scalars.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return String(scalars[first...last])
  }

  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value <= 0x20 || scalar.value == 0xFEFF || scalar.value == 0xA0
  }

  /// The text without empty lines at its ends; the first line's indentation stays.
  private static func trimmedLines(_ text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    while let first = lines.first, first.allSatisfy(\.isWhitespace) { lines.removeFirst() }
    while let last = lines.last, last.allSatisfy(\.isWhitespace) { lines.removeLast() }
    return lines.joined(separator: "\n")
  }
}
