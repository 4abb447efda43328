import Foundation
import MartletCheckpoints
import MartletGeneration
import MartletJSON
import MartletLanguageModels
import MartletTestScope
import MartletVectorStore
import Testing

@testable import MartletRetrieval

@Suite(
  "Questions over 87 documents", .needs(model: embedderName), .needs(data: "squad-xquad-en"), .serialized)
struct QuestionTests {
  struct Question {
    let text: String
    let answers: [String]
    let path: String
  }

  /// Each distinct context as one file, indexed as any folder is.
  private func prepare() throws -> (place: Workplace, library: Library, questions: [Question]) {
    let place = try Workplace()
    var paths: [String: String] = [:]
    let questions = try Shared.lines("squad-xquad-en/qa.jsonl").map { row in
      let context = try #require(row["context"]?.stringValue)
      let path = try paths[context] ?? place.write("\(paths.count).txt", context)
      paths[context] = path
      return Question(
        text: try #require(row["question"]?.stringValue),
        answers: try #require(row["answers"]?.arrayValue).compactMap { $0["text"]?.stringValue }, path: path)
    }
    let library = try place.library()
    let report = try library.index([place.documents.path()])
    try #require(report.addedCount == paths.count && report.failures.isEmpty)
    return (place, library, questions)
  }

  /// SQuAD's normalisation (Rajpurkar et al. 2016, the official evaluation script): lower case, no punctuation, no
  /// articles, single blanks.
  private func normalized(_ text: String) -> String {
    let punctuation = Set("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
    let words = text.lowercased().filter { !punctuation.contains($0) }.split(whereSeparator: \.isWhitespace)
    return words.filter { !["a", "an", "the"].contains($0) }.joined(separator: " ")
  }

  private func holds(_ text: String, _ question: Question) -> Bool {
    let text = normalized(text)
    return question.answers.contains { text.contains(normalized($0)) }
  }

  @Test("The right file comes first for 94% of the questions, and among five for 99%")
  func retrieval() throws {
    let (place, library, questions) = try prepare()
    defer { withExtendedLifetime(place) {} }
    var (first, five) = (0, 0)
    for question in questions {
      var files: [String] = []
      for result in try library.search(question.text, limit: 12) where !files.contains(result.path) {
        files.append(result.path)
      }
      first += files.first == question.path ? 1 : 0
      five += files.prefix(5).contains(question.path) ? 1 : 0
    }
    print("The right file: first for \(first), among five for \(five) of \(questions.count)")
    #expect(first * 100 >= questions.count * 94)
    #expect(five * 100 >= questions.count * 99)
  }

  @Test(
    "The best quote holds the answer for 73%, one of three for 90%, and each stands in its file word for word"
  )
  func quotes() throws {
    let (place, library, questions) = try prepare()
    defer { withExtendedLifetime(place) {} }
    var (best, three) = (0, 0)
    for question in questions {
      let quotes = try library.evidence(for: question.text).quotes
      best += quotes.first.map { holds($0.text, question) } == true ? 1 : 0
      three += quotes.contains { holds($0.text, question) } ? 1 : 0
      for quote in quotes {
        let file = try String(contentsOfFile: quote.path, encoding: .utf8)
        #expect(file.contains(quote.text))
        let lines = file.split(separator: "\n", omittingEmptySubsequences: false)
        let (start, end) = (try #require(quote.startLine), try #require(quote.endLine))
        #expect(lines[(start - 1)..<end].joined(separator: "\n").contains(quote.text))
      }
    }
    print("Quotes hold the answer: the best for \(best), one of three for \(three) of \(questions.count)")
    #expect(best * 100 >= questions.count * 73)
    #expect(three * 100 >= questions.count * 90)
  }

  @Test("Of questions without their document 80% are refused, of those with it 3% at most")
  func refusals() throws {
    let (place, library, questions) = try prepare()
    defer { withExtendedLifetime(place) {} }
    var (rightly, wrongly) = (0, 0)
    let documents = library.documents
    for question in questions {
      wrongly += try library.evidence(for: question.text).isSufficient ? 0 : 1
      // The document is taken out of the collection, and put back after the question.
      let sources = try documents.sources()
      let source = try #require(sources[question.path])
      let records = try documents.records(ofSource: question.path)
      try documents.deleteSources(paths: [question.path])
      rightly += try library.evidence(for: question.text).isSufficient ? 0 : 1
      try documents.replace([(source, records)])
    }
    print("Refused: \(rightly) without their document, \(wrongly) with it, of \(questions.count)")
    #expect(rightly * 100 >= questions.count * 80)
    #expect(wrongly * 100 <= questions.count * 3)
  }

  @Test(
    "Answers hold an expected text for 70% of the questions: forty of them, or all 200 as a slow test",
    .needs(model: answererName))
  func answers() async throws {
    // Every fifth, so that the forty are of all articles.
    let share = try await answered(by: answererName, every: TestScope.isSlow ? 1 : 5)
    #expect(share.right * 100 >= share.asked * 70)
  }

  @Test(
    "A model of a quarter of the size answers 38% of them",
    .needs(model: smallModelName), .slow)
  func answersOfASmallModel() async throws {
    let share = try await answered(by: smallModelName, every: 1)
    #expect(share.right * 100 >= share.asked * 38)
  }

  /// How many answers of at most 64 tokens hold an expected text.
  private func answered(by name: String, every step: Int) async throws -> (right: Int, asked: Int) {
    let (place, library, questions) = try prepare()
    defer { withExtendedLifetime(place) {} }
    let model = try LocalModel(Checkpoint.open(named: name), name: name, device: sharedDevice.get())
    let asked = questions.enumerated().filter { $0.offset % step == 0 }.map(\.element)
    var (right, unanswered) = (0, 0)
    for question in asked {
      let settings = AskSettings(maximumTokens: 64)
      for try await event in library.ask(question.text, settings: settings, model: { model }) {
        guard case .finished(let answer) = event else { continue }
        right += holds(answer.text, question) ? 1 : 0
        unanswered += answer.isAnswered ? 0 : 1
      }
    }
    print("\(name): answers hold an expected text for \(right) of \(asked.count); \(unanswered) were refused")
    return (right, asked.count)
  }
}
