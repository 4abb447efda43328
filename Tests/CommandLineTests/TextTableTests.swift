import Testing

@testable import MartletCommandLine

@Suite("Tables")
struct TextTableTests {
  private let plain = Style(isOn: false)
  private let table = TextTable(
    headings: ["name", "records", "what it is"],
    rows: [
      ["birds", "1234567", "swifts and martlets"], ["灯台", "7", "lighthouses"], ["e\u{301}", "10", ""],
    ], rightAligned: [1])

  @Test("Columns are aligned by what a terminal shows, and a pipe gets whole lines")
  func aligned() {
    #expect(
      table.text(plain) == """
        name   records  what it is
        birds  1234567  swifts and martlets
        灯台         7  lighthouses
        e\u{301}           10

        """)
    #expect(table.text(plain, width: 80) == table.text(plain))
  }

  @Test("A table that is too wide wraps its words and never breaks a number")
  func narrow() {
    #expect(
      table.text(plain, width: 28) == """
        name   records  what it is
        birds  1234567  swifts and
                        martlets
        灯台         7  lighthouses
        e\u{301}           10

        """)
    for width in [20, 24, 30, 40] {
      let text = table.text(plain, width: width)
      #expect(text.contains("1234567"))
      if width >= 24 { #expect(text.split(separator: "\n").allSatisfy { String($0).displayWidth <= width }) }
    }
  }

  @Test("Remarks move below their rows where there is no room for them")
  func folded() {
    var table = table
    table.foldsLastColumn = true
    #expect(
      table.text(plain, width: 22) == """
        name   records
        birds  1234567
             swifts and
             martlets
        灯台         7
             lighthouses
        e\u{301}           10

        """)
  }
}
