import Foundation
import Testing

@testable import MartletDocuments

@Suite struct PDFRunningLineTests {
  /// A PDF that `Fixtures/make_pdfs.py` made.
  private func load(_ name: String) throws -> LoadedDocument {
    try DocumentLoader().load(
      URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/" + name)
        .path)
  }

  private func count(_ text: String, in document: LoadedDocument) -> Int {
    document.sections.map(\.text).joined(separator: "\n").components(separatedBy: text).count - 1
  }

  @Test func `An invoice of four pages keeps its text, and what it repeats once`() throws {
    let document = try load("invoice.pdf")
    for line in ["Invoice 2026-114", "Pay within 14 days to account 5512.", "Late fee: 8 percent a year."] {
      #expect(count(line, in: document) == 1, "\(line)")
      #expect(document.summary.runningLines.contains(RunningLine(text: line, pages: 3)))
    }
    for page in 1...4 {
      let text = document.sections.filter { $0.page == page }.map(\.text).joined()
      #expect(text.contains("Position \(page): rope, \(page)0 metres"))
    }
    #expect(document.sections.first?.text == "Invoice 2026-114" && document.sections.first?.page == 1)
  }

  @Test(arguments: [
    (
      "certificates.pdf",
      [
        "Anna Berg", "Jon Dahl", "Ida Falk", "Per Lund", "Certificate of attendance",
        "Saint Aldhelm, 3 May 2026",
      ]
    ),
    (
      "slides.pdf",
      [
        "Why we count", "How we count", "What we found", "Thank you", "31 pairs in 40 boxes.",
        "The swifts of Saint Aldhelm",
      ]
    ),
    ("tickets.pdf", ["Evening at the tower", "Admit one", "Ticket 1", "Ticket 4", "Seat 7", "Seat 10"]),
  ])
  func `Certificates, slides and tickets keep every line at least once, and every page`(
    name: String, lines: [String]
  ) throws {
    let document = try load(name)
    for line in lines { #expect(count(line, in: document) >= 1, "\(line)") }
    #expect(Set(document.sections.compactMap(\.page)) == Set(1...4))
  }

  @Test func `A page that has little else is known by the lines that were left out of it`() throws {
    let sections = try load("certificates.pdf").sections
    let context = sections.first { $0.text == "Ida Falk" }?.headings ?? []
    #expect(context.contains("Certificate of attendance"))
  }

  @Test func `Pages that are all alike are not emptied`() throws {
    let document = try load("same-pages.pdf")
    #expect(count("This page is left blank", in: document) == 4)
    #expect(document.summary.runningLines.isEmpty)
  }

  @Test func `A report's header and footer stand once, its page numbers nowhere, and all are counted`() throws
  {
    let document = try load("report.pdf")
    #expect(count("Annual report of the tower", in: document) == 1)
    #expect(count("Printed by the parish", in: document) == 1)
    #expect(count("of 6", in: document) == 0)
    #expect(count("tells of swifts.", in: document) == 48)
    #expect(
      document.summary.runningLines == [
        RunningLine(text: "Page 1 of 6", isPageNumber: true, pages: 6),
        RunningLine(text: "Annual report of the tower", pages: 5),
        RunningLine(text: "Printed by the parish", pages: 5),
      ])
  }

  @Test func `A heading right above its paragraph is a section of its own, and the paragraph's context`()
    throws
  {
    let sections = try load("heading.pdf").sections
    #expect(sections.map(\.role) == [.heading, .prose])
    #expect(sections.first?.text == "The year at the tower")
    #expect(sections.last?.text.hasPrefix("The first swifts") == true)
    #expect(sections.last?.headings == ["The year at the tower"])
  }

  @Test(arguments: [
    ("17", 17), ("- 17 -", 17), ("Page 17 of 36", 17), ("xiv", 14), ("Seite 3", 3), ("3 / 9", 3),
    ("Ticket 3", nil),
    ("2026-114-7", nil), ("Seat", nil), ("mix", nil), ("20 euros", nil),
  ])
  func `A page number is recognized by the words around it`(line: String, value: Int?) {
    #expect(PageNumber(line)?.value == value)
  }

  @Test func `Figures at the foot of pages that do not count the pages are text`() {
    let pages = ["120", "75", "310", "44", "99"].map { ["Position of the invoice", "", $0] }
    let sections = PDFPages(pages.map { $0.joined(separator: "\n") }).sections()
    for amount in ["120", "75", "310", "44", "99"] { #expect(sections.contains { $0.text == amount }) }
  }

  @Test func `A page number in hyphens does not run into the line below it`() {
    let layout = PDFLayout(
      parsing: Array(
        """
        <page width="600" height="800">
        <block xMin="0">
        <line xMin="280" yMin="30" xMax="300" yMax="40">
        <word xMin="0">-2-</word>
        <block xMin="0">
        <line xMin="0" yMin="60" xMax="100" yMax="70">
        <word xMin="0">4.</word>
        <word xMin="0">Ringing</word>
        """.utf8))
    #expect(PDFPages(["-24. Ringing\nAdults are ringed."], layout: layout).sections().first?.text == "-2-")
  }
}

@Suite struct PDFLanguageDataTests {
  @Test func `What pdftotext lacks is named by its collections`() {
    let complaints = [
      "Syntax Error: Missing language pack for 'Adobe-Japan1' mapping", "Syntax Error: Unknown font tag 'F'",
      "Syntax Error: Unknown character collection 'Adobe-GB1'",
      "Syntax Error: Missing language pack for 'Adobe-Japan1' mapping",
    ]
    #expect(PDFLanguageData.missing(in: complaints) == ["Adobe-Japan1", "Adobe-GB1"])
    #expect(PDFLanguageData.missing(in: ["Syntax Error: Couldn't read xref table"]).isEmpty)
    let warning = PDFLanguageData.warning(["Adobe-Japan1"])
    #expect(warning.contains("Adobe-Japan1") && warning.contains("sudo apt install poppler-data"))
  }

  @Test(.enabled(if: hasProgram("pdftotext"), "needs pdftotext: apt-get install poppler-utils"))
  func `A PDF that needs the data shows whether it is installed`() {
    let folder = "/usr/share/poppler/cMap"
    #expect(PDFLanguageData.isInstalled() == FileManager.default.fileExists(atPath: folder))
  }
}
