import Foundation
import Testing

@testable import MartletDocuments

/// Files that other programs wrote, and the words that reference readers find in them (Fixtures/make_office.py).
enum OfficeFixtures {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures")

  static func path(_ name: String) -> String { folder.appendingPathComponent("office/\(name)").path }

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  static func words() throws -> [String: [String]] {
    let data = try Data(contentsOf: folder.appendingPathComponent("office_words.json"))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: [String]])
  }

  /// Runs of letters and digits.
  static func words(of text: String) -> [String] {
    var words: [String] = []
    var word = ""
    for scalar in text.unicodeScalars {
      if scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
        word.unicodeScalars.append(scalar)
      } else if !word.isEmpty {
        words.append(word)
        word = ""
      }
    }
    return word.isEmpty ? words : words + [word]
  }
}

@Suite struct OfficeFixtureTests {
  private func load(_ name: String) throws -> LoadedDocument {
    try DocumentLoader().load(OfficeFixtures.path(name))
  }

  /// The length of the longest common subsequence.
  private func common(_ left: [String], _ right: [String]) -> Int {
    var row = [Int](repeating: 0, count: right.count + 1)
    for word in left {
      var diagonal = 0
      for (index, other) in right.enumerated() {
        let above = row[index + 1]
        row[index + 1] = word == other ? diagonal + 1 : max(above, row[index])
        diagonal = above
      }
    }
    return row[right.count]
  }

  @Test(arguments: [
    ("report.docx", DocumentKind.docx), ("slides.pptx", .pptx), ("stock.xlsx", .xlsx), ("lamp.odt", .odt),
    ("signals.odp", .odp), ("tides.ods", .ods), ("year.epub", .epub), ("tides.ipynb", .notebook),
    ("log.rtf", .rtf),
  ])
  func `The words are those of the reference reader, in their order, and none is doubled`(
    _ name: String, _ kind: DocumentKind
  ) throws {
    let document = try load(name)
    #expect(document.kind == kind)
    let expected = try #require(try OfficeFixtures.words()[name])
    // The reference reads one sheet, and no comments.
    let sections = document.sections.filter { section in
      !section.text.hasPrefix("Comment by") && (kind != .xlsx || section.place == .sheet("Stock"))
    }
    let own = OfficeFixtures.words(of: sections.map(\.text).joined(separator: "\n"))
    #expect(common(expected, own) * 100 >= expected.count * 99)
    // The numbers of a list are ours: python-docx has none.
    let extra = kind == .docx ? 3 : 0
    #expect(own.count <= expected.count + extra, "\(own)")
  }

  @Test func `A Word document has headings, lists, tables and comments, without deleted text`() throws {
    let document = try load("report.docx")
    #expect(document.summary.title == "Rope works")
    let texts = document.sections.map(\.text)
    #expect(texts.contains("1. comb the fibres\n2. spin the yarn\n3. lay the strands\n- hooks\n- sledge"))
    #expect(texts.contains("Delivery takes twelve days."))
    #expect(texts.contains("See the price list before ordering."))
    #expect(texts.contains("Comment by Ines: Ask the carrier first."))
    let table = try #require(document.sections.first { $0.role == .table })
    #expect(table.headings == ["The rope works", "Making", "Prices"])
    #expect(table.table?.header?.text == "Kind | Length | Price")
    #expect(table.table?.rows.last?.text == "Line | 60 m | 48.20")
  }

  @Test func `Slides are in order, under their titles, with notes and figures of charts`() throws {
    let sections = try load("slides.pptx").sections
    #expect(sections.filter { $0.role == .heading }.map(\.place) == (1...4).map { .slide($0) })
    let notes = try #require(sections.first { $0.headings == ["Dredging", "Notes"] })
    #expect(notes.text == "Mention the cost: 80000 a season.")
    #expect(notes.place == .slide(2))
    let chart = try #require(sections.last { $0.role == .table }?.table)
    #expect(chart.rows.map(\.text) == ["2022 | 411", "2023 | 437"])
  }

  @Test func `Sheets have rows with their header, values as shown, and merged cells filled`() throws {
    let document = try load("stock.xlsx")
    #expect(document.warnings == ["has hidden sheets, which were read: Keys"])
    let tables = document.sections.compactMap { section in section.table.map { (section.place, $0) } }
    #expect(tables.map(\.0) == [.sheet("Stock"), .sheet("By year"), .sheet("Keys")])
    #expect(tables[0].1.header?.text == "Article | Count | Price | Share | Since")
    #expect(
      tables[0].1.rows.map(\.text) == [
        "Anchor | 4 | 129.50 | 25% | 2021-03-09", "Buoy | 1,200 | 14.00 | 50% | 2019-11-30",
        "Chain & shackle | 37 | 88.13 | 13% | 2024-02-29",
      ])
    #expect(tables[1].1.header?.text == "Quay | 2022 in | 2022 out | 2023 in | 2023 out")
    #expect(tables[1].1.rows.map(\.text) == ["North | 10 | 11 | 12 | 13", "North | 14 | 15 | 16 | 17"])
    #expect(document.sections.contains { $0.text == "Comment by Ines on B2: Two are bent." })
  }

  @Test func `A book is read in the order of its spine, without its contents`() throws {
    let document = try load("year.epub")
    #expect(document.summary.title == "The Keeper’s Year")
    #expect(
      document.sections.filter { $0.role == .heading }.map(\.text) == [
        "January", "February", "March", "Wreck",
      ])
    #expect(document.sections.allSatisfy { $0.startLine == nil })
    #expect(document.warnings == ["has a table of contents, which was left out"])
  }

  @Test func `A notebook has its cells as places, and its pictures are counted`() throws {
    let document = try load("tides.ipynb")
    #expect(document.warnings == ["has 2 pictures, which were left out"])
    #expect(Set(document.sections.map(\.place)) == [.cell(1), .cell(2), .cell(3)])
    #expect(document.sections.last?.headings == ["Tides", "Next"])
    #expect(!document.sections.contains { $0.text.contains("AAEC") })
    #expect(document.sections.contains { $0.text == "ValueError: no tide" })
  }

  @Test func `Rich text has headings, code pages and tables, without hidden text and pictures`() throws {
    let document = try load("log.rtf")
    #expect(document.summary.title == "Pilot log")
    let texts = document.sections.map(\.text)
    #expect(texts.contains("Café on the quay — naïve “harbour” prices."))
    #expect(texts.contains("Москва sent word."))
    #expect(document.sections.compactMap(\.table).first?.rows.map(\.text) == ["Celia | 3.4 m"])
  }

  @Test func `An archive is told by what is in it, whatever its name`() throws {
    for (name, kind) in [
      ("report.docx", DocumentKind.docx), ("slides.pptx", .pptx), ("stock.xlsx", .xlsx), ("lamp.odt", .odt),
      ("signals.odp", .odp), ("tides.ods", .ods), ("year.epub", .epub),
    ] {
      let head = Array(try OfficeFixtures.bytes(name).prefix(8192))
      #expect(DocumentKind.detect(path: "attachment.zip", head: head) == kind)
    }
    #expect(
      DocumentKind.detect(path: "a.zip", head: Array("PK\u{3}\u{4}".utf8) + [UInt8](repeating: 0, count: 90))
        == nil)
  }

  @Test func `A format that is not read is named with what converts it`() throws {
    let folder = try TemporaryFolder()
    let compound: [UInt8] =
      [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1] + [UInt8](repeating: 0, count: 600)
    let old = try folder.write("old.doc", compound)
    let error = #expect(throws: DocumentError.self) { _ = try DocumentLoader().load(old) }
    #expect(
      error?.explanation
        == "is a Word 97 document, which is not read; save it as .docx: libreoffice --headless --convert-to docx FILE"
    )
    try folder.write("locked.xlsx", compound)
    try folder.write("book.mobi", [UInt8](repeating: 1, count: 60) + Array("BOOKMOBI".utf8) + [0, 0])
    try folder.write("page.one", [0xE4, 0x52, 0x5C, 0x7B, 0x8C, 0xD8, 0xA7, 0x4D, 0, 0])
    let kinds = FileWalker().entries([folder.path]).map { entry in
      if case .file(let file) = entry, case .unsupported(let format) = file.kind { format.name } else { "" }
    }
    #expect(
      kinds == [
        "a Mobipocket book", "an encrypted Office document", "a Word 97 document", "a OneNote section",
      ])
  }
}
