import MartletDocuments
import Testing

@testable import MartletRetrieval

@Suite("Quotes are sentences, rows and lines of code")
struct PassageUnitTests {
  private func result(_ text: String, _ parts: [Chunk.Part] = [], path: String = "/a.txt") -> SearchResult {
    SearchResult(id: "1", score: 1, path: path, headings: "", text: text, parts: parts)
  }

  private func quotable(_ result: SearchResult) -> [String] {
    result.units.filter(\.isQuotable).map { String(result.text[$0.range]) }
  }

  @Test(
    "A heading glued to a sentence is separated, and is never a quote",
    arguments: [
      "The year at the tower\nThe first swifts come back to the tower in April. They leave in August.",
      "3. The year\nThe first swifts come back to the tower in April. They leave in August.",
    ])
  func glued(text: String) {
    #expect(
      quotable(result(text)) == [
        "The first swifts come back to the tower in April.", "They leave in August.",
      ])
  }

  @Test("Headings, titles and captions are no quotes; items of a list and notes with figures are")
  func titles() {
    let text = "A grounded swift\n\nPut it into a box.\n\n- a towel\n- water\n\nTelephone: 17"
    #expect(quotable(result(text)) == ["Put it into a box.", "- a towel", "- water", "Telephone: 17"])
    let heading = "5. A grounded swift, and what to do with it in the first hour after it was found"
    let parts = [Chunk.Part(kind: .heading, byteRange: 0..<heading.utf8.count)]
    #expect(quotable(result(heading, parts)).isEmpty && result(heading, parts).units.count == 1)
  }

  @Test("A row is quoted with the names of its columns, and the header is never a quote")
  func rows() {
    let text = "| name | room |\n|---|---|\n| Dr. Who. Jr | 7 |\n| Ida | 8 |"
    let parts = [
      Chunk.Part(kind: .header, byteRange: 0..<25), .init(kind: .row, byteRange: 26..<45),
      .init(kind: .row, byteRange: 46..<57),
    ]
    let result = result(text, parts)
    #expect(quotable(result) == ["| Dr. Who. Jr | 7 |", "| Ida | 8 |"])
    #expect(result.units.allSatisfy { $0.header == "| name | room |" })
    #expect(result.meaning(of: result.units[1]) == "| name | room |\n| Ida | 8 |")
  }

  @Test("A log without full stops is quoted line by line, and prose sentence by sentence")
  func lines() {
    let log = (10...15).map { "2026-05-03 20:\($0) INFO box \($0) opened" }
    #expect(quotable(result(log.joined(separator: "\n"))) == log)
    let prose =
      "The station occupies the upper three floors of the tower, which has had no\nbells since 1911."
    #expect(quotable(result(prose)) == [prose])
  }

  @Test("A quote below a repeated header has the line of its row")
  func places() throws {
    var result = result(
      "a,b\nx,1\ny,2",
      [
        .init(kind: .header, byteRange: 0..<3), .init(kind: .row, byteRange: 4..<7),
        .init(kind: .row, byteRange: 8..<11),
      ])
    (result.startLine, result.endLine) = (40, 41)
    result.repeatedHeader = .init(lineBreaks: 1, startLine: 1, endLine: 1)
    let quotes = result.units.map { Quote($0, of: result, number: 1, score: 1) }
    #expect(quotes.map(\.text) == ["x,1", "y,2"])
    #expect(quotes.map(\.startLine) == [40, 41] && quotes.map(\.endLine) == [40, 41])
  }

  @Test("Parts are kept as a text and read back; what is malformed is left out")
  func parts() {
    let parts = [Chunk.Part(kind: .heading, byteRange: 0..<21), .init(kind: .prose, byteRange: 23..<400)]
    #expect(PassageParts.text(of: parts) == "heading 0-21, prose 23-400")
    #expect(PassageParts.parts(in: "heading 0-21, prose 23-400") == parts)
    #expect(PassageParts.text(of: [.init(kind: .prose, byteRange: 0..<9)]) == nil)
    #expect(
      PassageParts.parts(in: "heading 9-3, verse 0-1, prose x-2, , row 1-2") == [
        .init(kind: .row, byteRange: 1..<2)
      ])
    // Offsets beyond the text, or within a character, name nothing.
    #expect(
      result("é", [.init(kind: .row, byteRange: 0..<99), .init(kind: .row, byteRange: 1..<2)]).units.isEmpty)
  }
}
