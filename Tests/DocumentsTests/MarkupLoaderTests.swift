import Foundation
import Testing

@testable import MartletDocuments

@Suite struct MarkupLoaderTests {
  private let markdown = """
    ---
    title: Note
    ---

    # Birds *of* prey

    A kite soars.
    It rarely flaps.

    ## Food

    - mice
    - voles

    | a | b |
    |---|---|
    | 1 | 2 |

    ```swift
    let x = 1

    let y = 2
    ```

    # Swifts
    They never land.
    """

  @Test func `Markdown is split at its blocks, with headings and lines`() {
    let (title, sections) = MarkdownLoader.sections(of: Array(markdown.utf8))
    #expect(title == "Birds of prey")
    #expect(
      sections.map(\.role) == [
        .metadata, .heading, .prose, .heading, .prose, .table, .code, .heading, .prose,
      ])
    #expect(sections.map(\.startLine) == [1, 5, 7, 10, 12, 15, 19, 25, 26])
    #expect(sections.map(\.endLine) == [3, 5, 8, 10, 13, 17, 23, 25, 26])
    #expect(sections[4].headings == ["Birds of prey", "Food"])
    #expect(sections[8].headings == ["Swifts"])
    #expect(sections[6].text == "```swift\nlet x = 1\n\nlet y = 2\n```")
  }

  @Test func `Every block of Markdown stands verbatim on the lines it names`() throws {
    let lines = markdown.split(separator: "\n", omittingEmptySubsequences: false)
    for section in MarkdownLoader.sections(of: Array(markdown.utf8)).sections {
      let first = try #require(section.startLine)
      let last = try #require(section.endLine)
      #expect(section.text == lines[(first - 1)...(last - 1)].joined(separator: "\n"))
    }
  }

  @Test
  func `Cells that span are filled, hidden text is dropped, and formulas and alternative texts are kept`()
    throws
  {
    let page = """
      <table><tr><th>A</th><th colspan=2>B</th></tr>
      <tr><td rowspan=2><p>Alpha</p><p>Beta</p></td><td>1</td><td>2</td></tr>
      <tr><td>3</td><td><ul><li>x</li><li>y</li></ul></td></tr>
      <tr><td>z</td><td rowspan=2>q</td></tr><tr><td>w</td></tr></table>
      <p style="Display : none">no</p><div hidden><table><tr><td>no</td></tr></table></div>
      <p>See <math><mi>a</mi><mo>=</mo><mn>2</mn><annotation>no</annotation></math>, <img alt="a lamp">.</p>
      """
    #expect(
      try HTMLLoader.parse(Array(page.utf8), path: "page.html").sections.map(\.text) == [
        "A | B |\nAlpha Beta | 1 | 2\nAlpha Beta | 3 | x y\nz | q\nw | q", "See a=2, a lamp .",
      ])
  }

  private let page = """
    <!doctype html>
    <html><head><title>Of &amp; birds</title>
    <style>p { color: red }</style></head>
    <body><nav><a href="/">Home</a></nav>
    <h1>Birds</h1>
    <p>A kite <b>soars</b>
    over fields.<script>alert("no")</script></p>
    <!-- a
    comment -->
    <h2>Food</h2>
    <ul><li>mice
    <li>voles</ul>
    <table><tr><th>a</th><th>b</th></tr>
    <tr><td>1</td><td>2&nbsp;x</td></tr></table>
    <pre>
    let x = 1
      let y = 2
    </pre>
    <div>Outer <p>inner</p> after</div>
    </body></html>
    """

  @Test func `HTML gives title, headings, paragraphs, lists, tables and code with their lines`() throws {
    let result = try HTMLLoader.parse(Array(page.utf8), path: "page.html")
    #expect(result.title == "Of & birds")
    #expect(
      result.sections.map(\.text) == [
        "Of & birds", "Birds", "A kite soars over fields.", "Food", "mice", "voles", "a | b\n1 | 2\u{A0}x",
        "let x = 1\n  let y = 2", "Outer", "inner", "after",
      ])
    #expect(result.sections.map(\.startLine) == [2, 5, 6, 10, 11, 12, 13, 16, 19, 19, 19])
    #expect(result.sections.map(\.endLine) == [2, 5, 7, 10, 11, 12, 14, 17, 19, 19, 19])
    #expect(result.sections[4].headings == ["Birds", "Food"])
    #expect(result.sections[7].role == .code)
  }

  @Test func `A page in the encoding it declares is read in that`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "a.html",
      Array("<meta charset=\"iso-8859-2\"><p>za".utf8) + [0xBF, 0xF3, 0xB3, 0xE6] + Array("</p>".utf8))
    #expect(try DocumentLoader().load(path).sections.map(\.text) == ["zażółć"])
  }

  @Test func `Deeply nested HTML does not overflow the stack`() throws {
    let deep = String(repeating: "<div>", count: 100_000) + "word"
    _ = try? HTMLLoader.parse(Array(deep.utf8), path: "deep.html")
    let shallow = String(repeating: "<b>", count: 200) + "word"
    #expect(try HTMLLoader.parse(Array(shallow.utf8), path: "b.html").sections.map(\.text) == ["word"])
  }

  @Test func `Lines beyond the sixteen bits of libxml2 are counted`() throws {
    let text = String(repeating: "<p>x</p>\n", count: 70_000) + "<p>last</p>"
    let sections = try HTMLLoader.parse(Array(text.utf8), path: "long.html").sections
    #expect(sections.last?.startLine == 70_001)
  }

  @Test func `An empty page has no text and is no error`() throws {
    let folder = try TemporaryFolder()
    #expect(try DocumentLoader().load(try folder.write("a.html", "")).sections.isEmpty)
    #expect(try DocumentLoader().load(try folder.write("a.md", "")).sections.isEmpty)
    #expect(try DocumentLoader().load(try folder.write("a.py", "")).sections.isEmpty)
  }

  @Test func `Code is split at its declarations`() {
    let code = """
      import os

      # Reads a file.
      @cached
      def read(path):
          with open(path) as f:

              return f.read()

      class Bird:
          def fly(self):
              pass

      x = 1
      """
    let sections = SourceCodeLoader.sections(of: Array(code.utf8))
    #expect(sections.map(\.startLine) == [1, 3, 10, 14])
    #expect(sections.map(\.endLine) == [1, 8, 12, 14])
    #expect(sections.map(\.headings) == [[], ["def read"], ["class Bird"], []])
  }

  @Test func `A long class is split at its members`() {
    let members = (0..<20).map { "  func f\($0)() {\n    one()\n    two()\n  }\n" }.joined(separator: "\n")
    let sections = SourceCodeLoader.sections(of: Array("public struct Big {\n\(members)}\n".utf8))
    #expect(sections.first?.text == "public struct Big {")
    #expect(
      sections.contains { $0.headings == ["struct Big", "func f7"] && $0.text.hasPrefix("  func f7()") })
  }
}
