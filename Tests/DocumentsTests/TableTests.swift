import Foundation
import Testing

@testable import MartletDocuments

@Suite struct TableTests {
  /// A token for each three characters, about as a model counts names and numbers.
  private let chunker = Chunker(maximumTokens: 120, overlapTokens: 16) { ($0.utf8.count + 2) / 3 }

  private func load(_ name: String, _ text: String) throws -> LoadedDocument {
    let folder = try TemporaryFolder()
    return try DocumentLoader().load(try folder.write(name, text))
  }

  private func chunks(_ name: String, _ text: String) throws -> [Chunk] {
    chunker.chunks(of: try load(name, text))
  }

  /// Each own line of a chunk stands in the file where the chunk says, the repeated header aside.
  private func expectPlaces(_ chunks: [Chunk], in text: String) throws {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for chunk in chunks {
      let (start, end) = (try #require(chunk.startLine), try #require(chunk.endLine))
      var own = chunk.text.split(separator: "\n", omittingEmptySubsequences: false)
      if let header = chunk.repeatedHeader {
        let place = (try #require(header.startLine) - 1)..<(try #require(header.endLine))
        #expect(own.prefix(header.lineBreaks) == lines[place])
        own.removeFirst(header.lineBreaks)
      }
      #expect(own == Array(lines[(start - 1)..<end]))
    }
  }

  private let keepers = (1...60).map { "Keeper \($0),\($0) Mill Road,Village\($0 % 7),0\($0)-77\($0 + 100)" }

  @Test func `Each row of a CSV file stands whole in one chunk, below the header word for word`() throws {
    let text = (["keeper,street,village,telephone"] + keepers).joined(separator: "\n") + "\n"
    let chunks = try chunks("keepers.csv", text)
    #expect(chunks.count > 5)
    for chunk in chunks {
      #expect(chunk.text.hasPrefix("keeper,street,village,telephone\n"))
      #expect(chunk.tokenCount <= 120)
    }
    for row in keepers {
      #expect(chunks.count { $0.text.split(separator: "\n").contains(row[...]) } == 1, "\(row)")
    }
    #expect(chunks.map { $0.repeatedHeader != nil } == chunks.indices.map { $0 > 0 })
    try expectPlaces(chunks, in: text)
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: SharedData.folder + "/../cases/addresses.csv")))
  func `In a list of 120 people each telephone number stands in a chunk with its name and the header`() throws
  {
    let path = SharedData.folder + "/../cases/addresses.csv"
    let chunks = chunker.chunks(of: try DocumentLoader().load(path))
    let rows = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    for row in rows.dropFirst() {
      let found = chunks.filter { $0.text.split(separator: "\n").contains(row) }
      #expect(found.count == 1 && found[0].text.hasPrefix(rows[0] + "\n"))
    }
  }

  @Test func `A quoted field keeps its line ends, separators and quotation marks`() throws {
    let rows = (1...30).map { "\"Box \($0), north\",\"first line\nsecond \"\"line\"\", \($0)\",\($0)" }
    let text = (["box,remarks,count"] + rows).joined(separator: "\n")
    let document = try load("boxes.csv", text)
    let table = try #require(document.sections.first?.table)
    #expect(table.rows.map(\.text) == rows)
    #expect(table.rows.map(\.startLine) == (1...30).map { $0 * 2 })
    let chunks = chunker.chunks(of: document)
    for row in rows { #expect(chunks.count { $0.text.contains(row) } == 1) }
    try expectPlaces(chunks, in: text)
  }

  @Test func `Rows that come in pieces of any size are the same`() {
    let text = Array("a;b\r\"x;\n\"\"y\"\"\";2\n\nlast;\"3\"".utf8).map { $0 == 0x0D ? 0x0A : $0 }
    for size in 1...text.count {
      var rows = CSVRows(separator: nil)
      var found: [CSVRow] = []
      for start in stride(from: 0, to: text.count, by: size) {
        found += rows.append(Array(text[start..<min(start + size, text.count)]))
      }
      found += rows.finish()
      // One byte does not tell the separator.
      guard size > 3 else { continue }
      #expect(found.map(\.cells) == [["a", "b"], ["x;\n\"\"y\"\"", "2"], ["last", "3"]], "\(size)")
      #expect(found.map(\.row.startLine) == [1, 2, 5], "\(size)")
    }
  }

  @Test func `A quotation mark that is never closed costs no more than its row, and is reported`() throws {
    let rows = (1...5).map { "\"Box \($0),\($0)" }
    let document = try load("boxes.csv", "box,count\n" + rows.joined(separator: "\n"))
    #expect(document.sections.first?.table?.rows.map(\.text) == rows)
    #expect(document.warnings == ["may have rows cut apart: 5 quotation marks are never closed"])
  }

  @Test(arguments: [
    ([["name", "age"], ["Ann", "4"]], true), ([["Ann", "4"], ["Jon", "5"]], false),
    ([["country", "2019", "2020"], ["Chad", "1", "2"]], true), ([["name"], ["Ann"]], true),
    ([["name", "town"], ["Ann", "Bath"], ["Jon", "Hull"]], true),
    ([["2024-01-01", "rain"], ["2024-01-02", "sun"]], false),
  ])
  func `The first record is the header unless a column of figures begins with it`(
    records: [[String]], expected: Bool
  ) {
    #expect(CSVTable.hasHeader(records) == expected)
  }

  @Test func `A title above the header is prose, and a long table goes on with its header`() throws {
    let rows = (1...4000).map { "Ringed bird \($0);box \($0 % 40)" }
    let document = try load("birds.csv", "Birds of the tower\n\nbird;box\n" + rows.joined(separator: "\n"))
    #expect(document.sections.first?.text == "Birds of the tower")
    let tables = document.sections.compactMap(\.table)
    #expect(
      tables.count > 1 && tables.allSatisfy { $0.header?.text == "bird;box" && $0.header?.startLine == 3 })
    #expect(tables.flatMap(\.rows).map(\.text) == rows)
    let chunks = chunker.chunks(of: document)
    #expect(chunks.dropFirst().allSatisfy { $0.text.hasPrefix("bird;box\n") })
  }

  @Test func `A row that is too long for a chunk is cut, and each part has the header`() throws {
    let long = (1...160).map { "word\($0)" }.joined(separator: " ")
    let chunks = try chunks("a.tsv", "name\tremarks\nAnn\tshort\nJon\t\(long)\nIda\tshort\n")
    #expect(
      chunks.count > 3 && chunks.allSatisfy { $0.text.hasPrefix("name\tremarks\n") && $0.tokenCount <= 120 })
    #expect(chunks.contains { $0.text.hasSuffix("Ida\tshort") })
  }

  @Test
  func `Tables of Markdown keep their rows whole and repeat header and dashes, in lists and quotations, too`()
    throws
  {
    for prefix in ["", "> ", "  "] {
      let rows = (1...30).map { "\(prefix)| Dr. Who \($0). Keeper | room \($0) |" }
      let head = "\(prefix)| name | room |\n\(prefix)|---|---|"
      let before = prefix == "  " ? "- The rooms:" : "# Rooms"
      let text = "\(before)\n\n\(head)\n" + rows.joined(separator: "\n") + "\n\nAfter the table.\n"
      let chunks = try chunks("rooms.md", text)
      #expect(chunks.count > 3)
      for row in rows {
        let found = chunks.filter { $0.text.split(separator: "\n").contains(row[...]) }
        #expect(found.count == 1 && found[0].text.contains(head), "\(prefix)")
      }
    }
  }

  @Test func `A table right below a paragraph of Markdown begins with its own header`() throws {
    let text = "Two lines\nof text.\n| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n"
    let sections = try load("a.md", text).sections
    #expect(sections.map(\.role) == [.prose, .table])
    #expect(sections.last?.table?.header?.text == "| a | b |\n|---|---|")
    #expect(sections.last?.table?.rows.map(\.startLine) == [5, 6])
  }

  @Test func `Tables of HTML keep their rows whole, repeat their header and have lines of their own`() throws
  {
    let rows = (1...40).map { "<tr><td>Keeper \($0)</td>\n<td>0\($0)-77\($0 + 100)</td></tr>" }
    for head in [
      "<thead><tr><td>name</td><td>phone</td></tr></thead>", "<tr><th>name</th><th>phone</th></tr>",
      "<tr><td>name</td><td>phone</td></tr>",
    ] {
      let text = "<table><caption>Keepers</caption>\n\(head)\n" + rows.joined(separator: "\n") + "</table>"
      let chunks = try chunks("keepers.html", text)
      #expect(chunks.count > 3)
      for number in 1...40 {
        let row = "Keeper \(number) | 0\(number)-77\(number + 100)"
        let found = chunks.filter { $0.text.split(separator: "\n").contains(row[...]) }
        try #require(found.count == 1, "\(head)")
        #expect(found[0].text.contains("name | phone\n"), "\(head)")
        let (start, end) = (found[0].startLine ?? 0, found[0].endLine ?? 0)
        #expect(start <= number * 2 + 1 && number * 2 + 2 <= end && end - start < 60)
      }
    }
  }

  @Test func `Blocks in one cell of HTML do not run together`() throws {
    let text = "<table><tr><td><p>Alpha</p><p>Beta</p></td><td><ul><li>one<li>two</ul></td></tr></table>"
    #expect(try load("a.html", text).sections.map(\.text) == ["Alpha Beta | one two"])
  }

  @Test func `A table that fits into one chunk is not divided between two`() throws {
    let sections = [
      Section(text: (1...40).map { "word\($0)" }.joined(separator: " ") + "."),
      Section(Table(header: .init("a,b"), rows: (1...20).map { .init("row \($0),\($0)") })),
    ]
    let chunks = chunker.chunks(of: LoadedDocument(summary: DocumentSummary(kind: .csv), sections: sections))
    try #require(chunks.count == 2)
    #expect(chunks[1].text.hasPrefix("a,b\nrow 1,1\n"))
    #expect(chunks[1].parts.map(\.kind) == [.header] + Array(repeating: .row, count: 20))
  }
}

@Suite struct LineStructureTests {
  private static let verse = """
    The swift that never comes to ground
    Has made the upper air her bed,
    And sleeps while all the tower round
    The stars go wheeling overhead.
    """
  private static let prose = """
    The station occupies the upper three floors of the tower, which has had no bells since
    1911. Swifts have bred under its eaves for as long as anyone has written about the
    parish. In 1986 the louvres of the belfry were replaced by forty nest boxes that open
    outwards through the old slits.
    """
  private static let log = (10...40).map { "2026-05-03 20:\($0) INFO box \($0) door opened by ringer" }
    .joined(separator: "\n")
  private static let list = "milk\ntwo loaves of bread\neggs\na rope of forty metres for the gallery\nsoap"

  @Test(arguments: [(verse, true), (log, true), (list, true), (prose, false), ("One\nTwo", false)])
  func `Line ends are meant in verse, logs and lists, and not in prose that was wrapped`(
    text: String, expected: Bool
  ) {
    #expect(LineStructure.isMeant(text) == expected)
  }

  @Test func `Verse and logs are divided at line ends, what is said again, too`() {
    let chunker = Chunker(maximumTokens: 40, overlapTokens: 12) {
      $0.split(whereSeparator: \.isWhitespace).count
    }
    let poem = (0..<8).map { _ in Self.verse }.joined(separator: "\n")
    for text in [poem, Self.log] {
      let section = Section(text: text, startLine: 1, endLine: text.split(separator: "\n").count)
      let document = LoadedDocument(summary: DocumentSummary(kind: .text), sections: [section])
      let lines = Set(text.split(separator: "\n"))
      let chunks = chunker.chunks(of: document)
      #expect(chunks.count > 3)
      for chunk in chunks { #expect(Set(chunk.text.split(separator: "\n")).isSubset(of: lines)) }
    }
  }

  @Test(arguments: [
    ("The year at the tower\nThe first swifts come back in April.", "The year at the tower"),
    ("3. Visiting\nThe ground floor is open to everyone on Saturdays and Sundays.", "3. Visiting"),
    ("They fly all night.\nThe first swifts come back in April.", nil),
    ("In 1986 the louvres of the belfry were replaced by\nForty boxes.", nil), (verse, nil), (prose, nil),
  ])
  func `A heading right above its paragraph is separated from its first line`(text: String, heading: String?)
  {
    #expect(LineStructure.endOfHeading(in: text[...]).map { String(text[..<$0]) } == heading)
  }
}
