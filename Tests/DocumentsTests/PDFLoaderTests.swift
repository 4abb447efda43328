import Foundation
import MartletTestScope
import Testing

@testable import MartletDocuments

@Suite(.enabled(if: SharedData.exists, "needs ../shared/data/pdf"))
struct PDFLoaderTests {
  private func pdf(_ name: String) -> String { SharedData.folder + "/pdf/" + name }

  @Test(.long, arguments: [("bash.pdf", 87), ("libtasn1.pdf", 36), ("valgrind_manual.pdf", 397)])
  func `Every page of a real manual is counted`(name: String, pages: Int) throws {
    let document = try DocumentLoader().load(pdf(name))
    #expect(document.pages.count == pages)
    #expect(document.sections.allSatisfy { $0.startLine == nil && $0.endLine == nil })
    #expect(Set(document.sections.compactMap(\.page)).isSubset(of: Set(1...pages)))
  }

  @Test func `Text is found on the page that poppler has it on`() throws {
    let document = try DocumentLoader().load(pdf("bash.pdf"))
    let oracle = try runProgram(["pdftotext", "-f", "42", "-l", "42", pdf("bash.pdf"), "-"]) ?? ""
    let words = Set(oracle.split(whereSeparator: \.isWhitespace).map(String.init).filter { $0.count > 8 })
    let found = document.sections.filter { $0.page == 42 }.map(\.text).joined(separator: "\n")
    #expect(words.filter { found.contains($0) }.count * 10 >= words.count * 9)
  }

  @Test(.long) func `The real manuals have no scanned page, short title pages or not`() throws {
    for name in ["bash.pdf", "libtasn1.pdf", "valgrind_manual.pdf"] {
      let warnings = try DocumentLoader().load(pdf(name)).warnings
      #expect(warnings.isEmpty, "\(name)")
    }
  }

  @Test func `A table of a real manual keeps its rows`() throws {
    let sections = try DocumentLoader().load(pdf("libtasn1.pdf")).sections
    let table = try #require(sections.first { $0.role == .table && $0.text.contains("--no-time-strict") })
    #expect(table.text.contains("-s, --strict | use strict DER decoding\n"))
  }

  @Test func `Running headers and page numbers are dropped`() throws {
    let document = try DocumentLoader().load(pdf("valgrind_manual.pdf"))
    let numbers = document.sections.filter { Int($0.text) == $0.page }
    #expect(numbers.count < 10)
  }

  @Test(.enabled(if: hasProgram("qpdf"), "needs qpdf: apt-get install qpdf"))
  func `An encrypted PDF is told from a damaged one`() throws {
    let folder = try TemporaryFolder()
    let locked = folder.path + "/locked.pdf"
    _ = try #require(
      try runProgram(["qpdf", "--encrypt", "secret", "owner", "256", "--", pdf("libtasn1.pdf"), locked]))
    #expect(throws: DocumentError(path: locked, problem: .encrypted)) { try DocumentLoader().load(locked) }
  }

  @Test func `A PDF cut in the middle is an error or a warning, never silence`() throws {
    let folder = try TemporaryFolder()
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: pdf("libtasn1.pdf"))))
    for length in [20, 1000, bytes.count / 2, bytes.count - 2000] {
      let path = try folder.write("cut-\(length).pdf", Array(bytes[..<length]))
      do {
        let document = try DocumentLoader().load(path)
        #expect(!document.warnings.isEmpty)
      } catch {
        guard case .damaged = error.problem else {
          Issue.record("\(error)")
          continue
        }
      }
    }
  }

  @Test func `A PDF that takes too much memory is given up`() throws {
    var loader = DocumentLoader()
    loader.pdfMemoryLimit = 8 << 20
    #expect(throws: DocumentError.self) { try loader.load(pdf("bash.pdf")) }
  }
}

@Suite struct SmallPDFTests {
  /// A PDF that `Fixtures/make_pdfs.py` made.
  private func pdf(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/" + name)
      .path
  }

  @Test func `Two columns whose lines stand side by side are read one after the other`() throws {
    let text = try DocumentLoader().load(pdf("columns.pdf")).sections.map(\.text).joined(separator: "\n")
    let lines = text.split(separator: "\n").map(String.init)
    let left = (0..<20).map { "Left line \($0) tells of swifts and of their nests in" }
    let right = (0..<20).map { "Right line \($0) tells of owls and of the voles they" }
    #expect(lines == ["The annual report of the tower"] + left + right)
  }

  @Test func `Columns of widely spaced lines are read one after the other, too`() throws {
    let texts = try DocumentLoader().load(pdf("wide-columns.pdf")).sections.map(\.text)
    let left = (0..<12).map { "Left line \($0) tells of swifts and of their nests in" }
    let right = (0..<10).map { "Right line \($0) tells of owls and of the voles they" }
    #expect(texts.count == 4)
    #expect(texts.first == "The annual report of the tower")
    #expect(texts.dropFirst().first == left.joined(separator: "\n"))
    #expect(texts.dropFirst(2).first == right.joined(separator: "\n"))
    #expect(texts.last?.hasPrefix("The parts of the tower are looked after by people") == true)
  }

  @Test(arguments: ["table.pdf", "loose-table.pdf"])
  func `The cells of a table's row stay together, however far the rows stand apart`(name: String) throws {
    let sections = try DocumentLoader().load(pdf(name)).sections
    #expect(sections.map(\.role) == [.prose, .table, .prose])
    #expect(
      sections.dropFirst().first?.text == """
        Part | Keeper | When it is inspected
        Gallery ladder | Anna Berg | every six months
        Weather mast | Jon Dahl | once a year in May
        Bell | nobody | never
        Oak door | Ida Falk | in wet winters
        """)
    #expect(sections.allSatisfy { $0.page == 1 })
  }

  @Test func `Cells of several lines, empty cells and text beside a table`() throws {
    let row = { (cells: [(Double, Double, Double, String)]) in
      cells.map { left, right, top, text in
        "<block xMin=\"0\"><line xMin=\"\(left)\" yMin=\"\(top)\" xMax=\"\(right)\" yMax=\"\(top + 10)\">"
          .replacingOccurrences(of: "><", with: ">\n<")
          + text.split(separator: " ").map { "\n<word xMin=\"0\">\($0)</word>" }.joined()
      }.joined(separator: "\n")
    }
    let layout = PDFLayout(
      parsing: Array(
        """
        <page width="600" height="800">
        \(row([(0, 40, 0, "a &amp; b"), (100, 140, 0, "c")]))
        \(row([(0, 40, 30, "d")]))
        <line xMin="0" yMin="42" xMax="40" yMax="52">
        <word xMin="0">e</word>
        <line xMin="0" yMin="54" xMax="40" yMax="64">
        <word xMin="0">f</word>
        \(row([(100, 140, 30, "g h")]))
        <line xMin="100" yMin="54" xMax="140" yMax="64">
        <word xMin="0">i</word>
        <line xMin="100" yMin="66" xMax="140" yMax="76">
        <word xMin="0">j</word>
        \(row([(0, 500, 100, "A paragraph.")]))
        """.utf8))
    let sections = PDFPages(["a & b\n\nc\n\nd\ne\nf\n\ng h\ni\nj\n\nA paragraph."], layout: layout).sections()
    #expect(sections.map(\.text) == ["a & b | c\nd | g h\ne\nf | i j", "A paragraph."])
    // Where the plain text words the table otherwise, nothing is lost.
    let other = PDFPages(["a & b\n\nc\n\nd\ne\nF"], layout: layout).sections()
    #expect(other.map(\.text) == ["a & b", "c", "d\ne\nF"])
  }

  @Test(arguments: ["scan.pdf", "stamped-scan.pdf"])
  func `A scan has no text layer, page numbers on its pages or not`(name: String) throws {
    #expect(throws: DocumentError(path: pdf(name), problem: .noTextLayer(pages: 3))) {
      try DocumentLoader().load(pdf(name))
    }
  }

  @Test func `The pages of a document that were scanned are named`() throws {
    let document = try DocumentLoader().load(pdf("partly-scanned.pdf"))
    #expect(document.warnings == ["4 of 9 pages have no text layer: 3–5, 8"])
    #expect(document.pages[2] == 1 && document.pages[0] > 100)
  }

  @Test func `A title alone on its page, and words on a picture, are text`() throws {
    let document = try DocumentLoader().load(pdf("titles.pdf"))
    #expect(document.warnings.isEmpty)
    #expect(document.sections.count == 2)
  }

  @Test func `A picture within the page's content counts as one of another object does`() {
    let listing = """
      page   num  type   width height color comp bpc  enc interp  object ID x-ppi y-ppi size ratio
      --------------------------------------------------------------------------------------------
         1     0 image       8     8  gray    1   8  image  no   [inline]   0.941 0.727    0B 0.0%
         2     1 stencil  2480  3508  -       1   1  jbig2  no         9  0   300   300 2307B 0.2%
         2     2 smask    2480  3508  gray    1   8  image  no        10  0   300   300 2307B 0.2%
         3     3 image     100   100  rgb     3   8  jpeg   no        11  0   300   300 2307B 7.5%
         4     4 image     100   100  rgb     3   8  jpeg   no        11  0     0     0 2307B 7.5%
      """
    let pictures = PDFPictures(listing: Array(listing.utf8))
    #expect((1...5).map { pictures.cover($0, width: 595, height: 842) } == [true, true, false, false, false])
  }

  @Test func `A file that is no PDF at all is damaged`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("a.pdf", "just words")
    do {
      _ = try DocumentLoader().load(path)
      Issue.record("no error")
    } catch {
      if case .damaged = error.problem { return }
      Issue.record("\(error)")
    }
  }

  /// A PDF of pages that show a rectangle, or a word.
  private func makePDF(_ pages: [String?]) -> String {
    var objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    var kids = ""
    for page in pages {
      let content = page.map { "BT /F1 12 Tf 72 700 Td (\($0)) Tj ET" } ?? "10 10 100 100 re f"
      objects.append(
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents \(objects.count + 2) 0 R /Resources "
          + "<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>")
      kids += "\(objects.count) 0 R "
      objects.append("<< /Length \(content.utf8.count) >>\nstream\n\(content)\nendstream")
    }
    objects[1] = "<< /Type /Pages /Count \(pages.count) /Kids [\(kids)] >>"
    var text = "%PDF-1.4\n"
    var offsets = [Int]()
    for (index, object) in objects.enumerated() {
      offsets.append(text.utf8.count)
      text += "\(index + 1) 0 obj\n\(object)\nendobj\n"
    }
    let start = text.utf8.count
    text += "xref\n0 \(objects.count + 1)\n0000000000 65535 f \n"
    for offset in offsets { text += String(format: "%010d 00000 n \n", offset) }
    return text + "trailer << /Size \(objects.count + 1) /Root 1 0 R >>\nstartxref\n\(start)\n%%EOF\n"
  }

  @Test func `A PDF without any text has no text layer`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("scan.pdf", makePDF([nil, nil]))
    #expect(throws: DocumentError(path: path, problem: .noTextLayer(pages: 2))) {
      try DocumentLoader().load(path)
    }
  }

  @Test func `Single pages without text are warned of`() throws {
    let folder = try TemporaryFolder()
    let document = try DocumentLoader().load(try folder.write("mixed.pdf", makePDF(["swift", nil, "kite"])))
    #expect(document.pages == [5, 0, 4])
    #expect(document.sections.map(\.page) == [1, 3])
    #expect(document.warnings == ["page 2 of 3 has no text layer"])
  }

  @Test func `Hyphenated words are joined where the document has them joined`() {
    let sections = PDFPages(["A continu-\nation of lines\n\nThe continuation is well-\nknown"]).sections()
    #expect(sections.map(\.text) == ["A continuation\nof lines", "The continuation is well-\nknown"])
  }
}
