import Testing

@testable import MartletRetrieval

@Suite("Evidence on a question", .needs(model: embedderName))
struct EvidenceTests {
  @Test("A name that no passage has is told, and makes the evidence weak")
  func unmentioned() throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    try place.write("print.txt", "The program ms_print draws the heap of Massif as a graph in a text file.")
    let library = try place.library()
    _ = try library.index([place.documents.path()])
    let asked = try library.evidence(for: "Can ms_print draw the graph of the heap as SVG?")
    #expect(asked.unmentioned == ["SVG"] && !asked.isSufficient && asked.strength >= asked.threshold)
    #expect(try library.evidence(for: "What does ms_print draw the heap as?").isSufficient)
  }

  @Test("A passage is known by its file's name, which its own text need not have")
  func fileName() throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    try place.write("quopri.py", "ESCAPE = b'='\nMAXLINESIZE = 76\nHEX = b'0123456789ABCDEF'\n")
    try place.write("base64.py", "MAXLINESIZE = 77\nMAXBINSIZE = (MAXLINESIZE // 4) * 3\n")
    let library = try place.library()
    _ = try library.index([place.documents.path()])
    let evidence = try library.evidence(for: "What is MAXLINESIZE in quopri?")
    #expect(evidence.results.first?.path.hasSuffix("quopri.py") == true && evidence.unmentioned.isEmpty)
  }

  @Test("More passages are looked at than are kept, and the one whose sentences answer goes first")
  func candidates() throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    for number in 0..<8 {
      try place.write(
        "\(number).txt",
        "The lighthouse keeper's log of day \(number): the lamp was lit, the lighthouse was cleaned.")
    }
    try place.write(
      "history.txt",
      """
      The harbour was dredged in spring, and the fishermen mended their nets on the quay. The lighthouse burned whale \
      oil. An electric lamp replaced it in 1904. The market was moved to the square, and the school got a new roof.
      """)
    let library = try place.library()
    _ = try library.index([place.documents.path()])
    let question = "When did an electric lamp replace whale oil in the lighthouse?"
    let kept = try library.evidence(for: question, passages: 2)
    #expect(kept.results.count == 2 && kept.results.first?.path.hasSuffix("history.txt") == true)
    #expect(kept.candidates.map(\.number) == [1, 2] && kept.quotes.contains { $0.text.contains("1904") })
    #expect(kept.candidates[0].score > kept.candidates[1].score)
  }
}
