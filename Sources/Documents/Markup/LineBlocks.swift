/// Gathers the blocks of a text whose lines are kept as they are, with the headings above each.
struct LineBlocks {
  let lines: LineTable
  private(set) var sections: [Section] = []
  private var headings: [(level: Int, text: String)] = []

  init(_ text: [UInt8]) { lines = LineTable(text) }

  /// A heading on so many lines, whose words are `text`.
  mutating func addHeading(_ text: String, level: Int, _ range: ClosedRange<Int>) {
    let text = SectionBuilder.oneLine(text)
    guard !text.isEmpty else { return }
    headings.removeAll { $0.level >= level }
    headings.append((level, text))
    add(range, .heading)
  }

  /// A block of lines; nothing is added where all are blank.
  mutating func add(_ range: ClosedRange<Int>, _ role: Section.Role) {
    guard let range = lines.trimmed(range) else { return }
    sections.append(
      Section(
        text: lines.text(range), startLine: range.lowerBound, endLine: range.upperBound,
        headings: headings.map(\.text), role: role))
  }

  /// A table whose first lines are its header.
  mutating func addTable(header: ClosedRange<Int>?, rows: [ClosedRange<Int>]) {
    func row(_ range: ClosedRange<Int>) -> Table.Row {
      Table.Row(lines.text(range), startLine: range.lowerBound, endLine: range.upperBound)
    }
    sections.append(
      Section(Table(header: header.map(row), rows: rows.map(row)), headings: headings.map(\.text)))
  }

  /// A line's text.
  func line(_ number: Int) -> String { String(decoding: lines.bytes(of: number), as: UTF8.self) }
}
