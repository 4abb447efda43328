import Foundation
import Testing

@testable import Documents

@Suite(.enabled(if: SharedData.exists, "needs ../shared/data/pdf"))
struct PDFLoaderTests {
  private func pdf(_ name: String) -> String { SharedData.folder + "/pdf/" + name }

  @Test(arguments: [("bash.pdf", 87), ("libtasn1.pdf", 36), ("valgrind_manual.pdf", 397)])
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

  @Test func `A PDF that takes too much memory is given up`() throws {
    var loader = DocumentLoader()
    loader.pdfMemoryLimit = 8 << 20
    #expect(throws: DocumentError.self) { try loader.load(pdf("bash.pdf")) }
  }

  @Test func `Hyphenated words are joined where the document has them joined`() {
    let sections = PDFPages(["A continu-\nation of lines\n\nThe continuation is well-\nknown"]).sections()
    #expect(sections.map(\.text) == ["A continuation\nof lines", "The continuation is well-\nknown"])
  }
}
