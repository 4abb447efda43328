import Testing

@testable import MartletDocuments

/// Text formats that have a structure of their own.
@Suite struct MarkupTextTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func load(_ name: String, _ text: String) throws -> LoadedDocument {
    try DocumentLoader().load(folder.write(name, text))
  }

  @Test func `Subtitles have times, and cues join to passages until a pause`() throws {
    let document = try load(
      "a.srt",
      """
      1
      00:00:01,000 --> 00:00:03,500
      <i>Where is the keeper?</i>

      2
      00:00:03,600 --> 00:00:05,000
      In the lamp room.

      3
      00:01:10,000 --> 00:01:12,000
      {\\an8}Then go up &amp; call him.
      """)
    #expect(
      document.sections.map(\.text) == ["Where is the keeper?\nIn the lamp room.", "Then go up & call him."])
    #expect(document.sections.map(\.place) == [.time(1...5), .time(70...72)])
    let web = try load(
      "b.vtt", "WEBVTT\n\nNOTE no\n\n00:01.000 --> 00:04.000\n<v Ines>The tide is <b>out</b>.\n")
    #expect(web.sections.map(\.text) == ["Ines: The tide is out."])
    #expect(throws: DocumentError.self) { _ = try load("c.srt", "no times") }
  }

  @Test func `LaTeX gives its text, with sections, notes, tables and mathematics`() throws {
    let document = try load(
      "a.tex",
      #"""
      \documentclass{article} % hidden
      \title{The \emph{Wye}}
      \begin{document}
      \section{Caf\'e na\"{\i}ve}
      It costs 5\,\% more\footnote{In 1872 \textbf{only}.} -- ``said'' he % hidden
      and goes on~here, with $a^2$ \cite{key}.
      \begin{tabular}{ll}\hline Ship & Size\\ \hline Celia & 3\\ \end{tabular}
      \begin{enumerate}\item one \item two\end{enumerate}
      \begin{verbatim}
      x = 1
        y
      \end{verbatim}
      \end{document}
      hidden
      """#)
    #expect(document.summary.title == "The Wye")
    #expect(
      document.sections.map(\.text) == [
        "The Wye", "Café naïve", "It costs 5 % more – “said” he and goes on here, with $a^2$ .",
        "In 1872 only.",
        "Ship | Size\nCelia | 3", "1. one", "2. two", "x = 1\n  y",
      ])
    #expect(document.sections[2].headings == ["Café naïve"])
    #expect(document.sections[2].startLine == 5)
  }

  @Test func `LaTeX that nests or never closes ends`() throws {
    _ = try load("deep.tex", String(repeating: "\\footnote{", count: 20_000))
    let closed = try load(
      "closed.tex", String(repeating: "\\footnote{", count: 3000) + "x" + String(repeating: "}", count: 3000))
    #expect(!closed.sections.isEmpty)
  }

  @Test func `reStructuredText is split at titles, tables, literal blocks and directives`() throws {
    let text = """
      =====
      Title
      =====

      Words here.

      .. hidden comment

      .. note:: Take care

      +---+---+
      | A | B |
      +===+===+
      | 1 | 2 |
      +---+---+

      Example::

          code

      Sub
      ---

      == ==
      a  b
      == ==
      1  2
      == ==
      """
    let document = try load("a.rst", text)
    #expect(document.summary.title == "Title")
    #expect(
      document.sections.map(\.role) == [.heading, .prose, .prose, .table, .prose, .code, .heading, .table])
    #expect(document.sections[3].table?.header?.text == "| A | B |")
    #expect(document.sections[7].table?.rows.map(\.text) == ["1  2"])
    #expect(document.sections[7].headings == ["Title", "Sub"])
    #expect(!document.sections.contains { $0.text.contains("hidden") })
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for section in document.sections where section.table == nil {
      let first = try #require(section.startLine)
      let last = try #require(section.endLine)
      #expect(section.text == lines[(first - 1)...(last - 1)].joined(separator: "\n"))
    }
  }

  @Test func `Org has headlines, tables and blocks, without drawers and comments`() throws {
    let document = try load(
      "a.org",
      "#+TITLE: Plan\n* TODO [#A] First thing :tag:\n:PROPERTIES:\n:ID: x\n:END:\nText.\n# no\n| a | b |\n|---+---|\n"
        + "| 1 | 2 |\n#+BEGIN_SRC sh\nls\n#+END_SRC\n** Second\nMore.\n")
    #expect(document.summary.title == "Plan")
    #expect(document.sections.map(\.role) == [.metadata, .heading, .prose, .table, .code, .heading, .prose])
    #expect(document.sections.last?.headings == ["First thing", "Second"])
  }

  @Test func `JSON Lines are rows that can be read`() throws {
    let document = try load(
      "a.jsonl",
      "{\"name\":\"Rope\",\"tags\":[\"hemp\",\"tar\"],\"maker\":{\"town\":\"Wye\"},\"none\":null}\nnot json\n"
    )
    #expect(
      document.sections.first?.table?.rows.map(\.text) == [
        "name: Rope | tags: hemp, tar | maker.town: Wye", "not json",
      ])
    #expect(document.warnings == ["has 1 line that is not JSON, kept as they are"])
  }

  @Test func `A log keeps its lines whole, with the lines of a trace`() throws {
    let document = try load("a.log", "12:00 start\n12:01 error\n  at foo\n  at bar\n12:02 stop\n")
    let rows = try #require(document.sections.first?.table?.rows)
    #expect(rows.map(\.text) == ["12:00 start", "12:01 error\n  at foo\n  at bar", "12:02 stop"])
    #expect(rows.map(\.startLine) == [1, 2, 5])
  }

  @Test func `Of a picture in SVG the text alone is read`() throws {
    let document = try load(
      "a.svg",
      """
      <?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd" [<!ENTITY ns "http://x">]>
      <svg xmlns="http://www.w3.org/2000/svg"><title>Plan</title><style>.a{}</style><path d="M0 0"/>
      <text><tspan x="0">North</tspan><tspan x="0">quay</tspan></text></svg>
      """)
    #expect(document.sections.map(\.text) == ["Plan\nNorth quay"])
  }

  @Test func `Base64 in text is left out and counted, and words are not`() throws {
    let payload = String(repeating: "iVBORw0KGgoAAAANSUhEUgAA0a9Zx", count: 40)
    let document = try load("a.md", "Before ![x](data:image/png;base64,\(payload)) after.\n\nWords stay.\n")
    #expect(document.sections.map(\.text) == ["Before ![x](data:image/png;base64,) after.", "Words stay."])
    #expect(document.warnings == ["has 1 picture or other payload in base64, left out"])
    let long = String(repeating: "antidisestablishmentarianism", count: 30)
    #expect(BinaryPayload.removed(from: long).count == 0)
  }

  @Test func `Semicolons and bars separate values, also beside quoted ones`() throws {
    for separator in [";", "|"] {
      let document = try load("a.csv", "a\(separator)b\n1\(separator)\"x\(separator)y\"\n4\(separator)5\n")
      let table = try #require(document.sections.first?.table)
      #expect(table.header?.text == "a\(separator)b")
      #expect(table.rows.count == 2)
    }
  }
}
