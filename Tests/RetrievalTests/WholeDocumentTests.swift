import Foundation
import MartletLanguageModels
import Testing

@testable import MartletRetrieval

@Suite("Questions about documents as a whole", .needs(model: embedderName))
struct WholeDocumentTests {
  private static let swifts = (0..<60).map { number in
    "Swift \(number) of the colony came to the tower in April, and left it for Africa in August."
  }
  private static let bread =
    "Bread is made of flour, water and salt. The dough rests for a night before it is baked."

  private func library(_ place: Workplace, _ files: [String: String]) throws -> Library {
    for (name, text) in files { try place.write(name, text) }
    let library = try place.library()
    _ = try library.index([place.documents.path()], settings: IndexSettings(chunkTokens: 64))
    return library
  }

  static let otherLanguages = [
    "Worum geht es in diesem Dokument?", "De quoi parle ce document ?", "¿De qué trata este documento?",
  ]

  static let generic = [
    "What is this document about?", "Summarize this", "What is this about?",
    "Give me a short summary, please.",
    "What are the key points?", "What does the text say?", "Can you explain this document to me?",
    "What topics are covered in these files?", "Tell me about it.",
  ]

  @Test(
    "Of one document they are answered from its beginning, however they are put",
    arguments: generic + otherLanguages)
  func one(question: String) throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let library = try library(place, ["swifts.txt": Self.swifts.joined(separator: "\n\n")])
    let evidence = try library.evidence(for: question)
    #expect(evidence.isSufficient)
    let whole = try #require(evidence.whole)
    let total = try library.documents.records.count()
    #expect(whole.documents == 1 && whole.passages == total)
    #expect(evidence.results.count == 5 && evidence.quotes.count == 3)
    #expect(evidence.candidates.map(\.number) == [1, 2, 3, 4, 5])
    #expect(evidence.results.first?.startLine == 1)
    let lines = evidence.results.compactMap(\.startLine)
    #expect(lines == lines.sorted())
    for quote in evidence.quotes { #expect(evidence.results[quote.number - 1].text.contains(quote.text)) }
  }

  @Test("Of a few documents the model is shown the beginning of each, and says how much that is")
  func few() async throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let library = try library(
      place,
      [
        "a.txt": Self.swifts.joined(separator: "\n\n"), "b.txt": Self.bread, "c.txt": "Cats sleep by day.",
        "d.txt": "The rent is due on Friday.",
      ])
    var warnings: [String] = []
    for try await event in library.ask(
      "What are these documents about?", model: { ScriptedModel("Swifts, bread, cats and rent.") })
    {
      if case .warning(let text) = event { warnings.append(text) }
      guard case .finished(let answer) = event else { continue }
      #expect(answer.isAnswered)
      let shown = answer.shownPassages.map {
        URL(filePath: answer.evidence.results[$0 - 1].path).lastPathComponent
      }
      #expect(Set(shown) == ["a.txt", "b.txt", "c.txt", "d.txt"])
    }
    let total = try library.documents.records.count()
    #expect(warnings.count == 1 && warnings[0].contains("of \(total) passages"), "\(warnings)")
  }

  @Test("A document that is named is meant alone")
  func named() throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    var files = ["bread.md": Self.bread]
    for number in 0..<9 { files["diary-\(number).txt"] = Self.swifts[number] }
    let library = try library(place, files)
    let evidence = try library.evidence(for: "What is bread.md about?")
    #expect(evidence.whole?.documents == 1)
    #expect(evidence.results.allSatisfy { $0.path.hasSuffix("bread.md") } && !evidence.results.isEmpty)
    let german = try library.evidence(for: "Worum geht es in bread.md?")
    #expect(german.whole?.documents == 1 && german.results.allSatisfy { $0.path.hasSuffix("bread.md") })
    // Of ten documents nobody can say what "this document" is.
    #expect(try library.evidence(for: "What is this document about?").whole == nil)
    #expect(try !library.evidence(for: "Summarize this").isSufficient)
  }

  @Test(
    "A question for something in particular is none about the whole, and is refused where that is not there",
    arguments: [
      "Who won the football match in Oslo?", "What is this document's opinion on football in Oslo?",
      "What about the key?", "Who?", "Where?", "Summarize the chapter on football in Oslo.",
    ])
  func particular(question: String) throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let library = try library(place, ["bread.md": Self.bread])
    let evidence = try library.evidence(for: question)
    #expect(evidence.whole == nil && !evidence.isSufficient)
  }

  @Test("A file's bare name is a hint only: what passages say on the word goes first")
  func hint() throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let library = try library(
      place, ["budget.txt": "A list of sums follows.", "report.txt": "The budget is about two thousand."])
    let found = try library.evidence(for: "What does the report say about the budget?")
    #expect(found.whole == nil && found.quotes.first?.path.hasSuffix("report.txt") == true)
  }
}
