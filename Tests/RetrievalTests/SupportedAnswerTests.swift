import Foundation
import MartletLanguageModels
import Testing

@testable import MartletRetrieval

@Suite("An answer is held against the passages that its model was shown", .needs(model: embedderName))
struct SupportedAnswerTests {
  static let question = "How often are the ladders of the tower inspected?"

  private func library(in place: Workplace) throws -> Library {
    try place.write(
      "tower.txt", "The eastern ladder of the tower is inspected every six months by the warden.")
    try place.write("ladder.txt", "The western ladder of the tower is inspected every spring by a carpenter.")
    try place.write("cats.txt", "Cats sleep for most of the day.")
    let library = try place.library()
    _ = try library.index([place.documents.path()])
    return library
  }

  private func ask(_ library: Library, answering words: String) async throws -> Answer {
    let settings = AskSettings(passageCount: 3, shownPassageCount: 2)
    for try await event in library.ask(Self.question, settings: settings, model: { ScriptedModel(words) }) {
      if case .finished(let answer) = event { return answer }
    }
    throw CancellationError()
  }

  @Test("A question whose task is cancelled ends with CancellationError, and never just stops")
  func cancelled() async throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let library = try library(in: place)
    let task = Task {
      for try await event in library.ask(Self.question, model: { ScriptedModel("Every six months.") }) {
        if case .found = event { withUnsafeCurrentTask { $0?.cancel() } }
      }
    }
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  static let answers: [(words: String, supporters: Set<String>, unknown: [Int])] = [
    ("Every six months, by the warden.", ["tower.txt"], []),
    ("A carpenter inspects it in spring.", ["ladder.txt"], []),
    // What it repeats of the question supports nothing.
    ("The ladder of the tower is inspected by elephants on bicycles.", [], []),
    // What stands in a passage that the model was not shown is no support.
    ("Cats sleep.", [], []),
    // A number tells nothing of where the words stand: that is looked up.
    ("Every six months [2].", ["tower.txt"], []),
    ("Every six months [7] [7], by the warden [12].", ["tower.txt"], [7, 12]),
    ("By elephants on bicycles [9].", [], [9]),
    // Indices of code are no numbers of sources.
    ("See list[0] and f(x)[3].", [], []),
    ("", [], []),
    ("[1]", [], []),
    // A number that no passage has was made up, however many of the other words are there.
    ("Every 6 months, by the warden.", ["tower.txt"], []),
    // Where the model says it has its answer from is no part of it.
    ("Based on the information provided in the given passages, every six months.", ["tower.txt"], []),
    ("According to the passage, by elephants on bicycles.", [], []),
    ("Every 7 months, by the warden of the eastern ladder.", [], []),
  ]

  @Test(
    "It names the passages with its own words, and the numbers that there are none of", arguments: answers)
  func support(words: String, supporters: Set<String>, unknown: [Int]) async throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let answer = try await ask(library(in: place), answering: words)
    #expect(answer.isAnswered && answer.text == words && answer.shownPassages.count == 2)
    let names = answer.supportingPassages.map {
      URL(filePath: answer.evidence.results[$0 - 1].path).lastPathComponent
    }
    #expect(Set(names) == supporters && Set(answer.supportingPassages).isSubset(of: answer.shownPassages))
    #expect(answer.unknownCitations == unknown)
  }

  @Test("A number that the passage itself has in brackets is its author's, and not the model's invention")
  func authorsReference() async throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    try place.write("tower.txt", "The gallery ladder of the tower is inspected every six months [41].")
    let library = try place.library()
    _ = try library.index([place.documents.path()])
    let answer = try await ask(library, answering: "Every six months [41], not each year [42].")
    #expect(answer.unknownCitations == [42])
  }

  @Test("Quotes stand word for word in the result of their number")
  func quotes() async throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let answer = try await ask(library(in: place), answering: "Every six months.")
    #expect(answer.evidence.quotes.count == 3)
    for quote in answer.evidence.quotes {
      let result = answer.evidence.results[quote.number - 1]
      #expect(result.text.contains(quote.text) && result.id == quote.id && result.path == quote.path)
    }
  }

  @Test("An answer that no passage supports is refused where that is asked for, and its words are held back")
  func refused() async throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let library = try library(in: place)
    for (words, isSupported) in [
      ("By elephants on bicycles.", false), ("Every six months, by the warden.", true),
    ] {
      var (text, answer) = ("", Answer?.none)
      let settings = AskSettings(passageCount: 3, shownPassageCount: 2, requiresSupport: true)
      for try await event in library.ask(Self.question, settings: settings, model: { ScriptedModel(words) }) {
        if case .text(let piece) = event { text += piece }
        if case .finished(let finished) = event { answer = finished }
      }
      #expect(text == (isSupported ? words : "") && answer?.text == text)
      #expect(answer?.refusal == (isSupported ? nil : .unsupported) && answer?.isSupported == isSupported)
    }
  }

  @Test(
    "Weak evidence is answered where that is asked for; quotes that say nothing of the question are not relevant"
  )
  func anyway() async throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    let library = try library(in: place)
    for answersAnyway in [false, true] {
      let settings = AskSettings(answersAnyway: answersAnyway)
      let question = "Who won the football match in Oslo?"
      for try await event in library.ask(question, settings: settings, model: { ScriptedModel("Norway.") }) {
        guard case .finished(let answer) = event else { continue }
        #expect(answer.refusal == (answersAnyway ? nil : .weakEvidence))
        #expect(!answer.evidence.isSufficient && answer.evidence.relevantQuotes.isEmpty)
      }
    }
    let found = try library.evidence(for: Self.question)
    #expect(!found.relevantQuotes.contains { $0.text.hasPrefix("Cats") } && found.relevantQuotes.count == 2)
  }
}
