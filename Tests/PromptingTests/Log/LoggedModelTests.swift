import Foundation
import MartletLanguageModels
import MartletPrompting
import MartletSQLite
import Testing

@Suite("A logged model answers as before, and leaves an entry")
struct LoggedModelTests {
  /// Says two words, or waits after the first for ever.
  private struct TwoWords: LanguageModel {
    var waits = false
    let name = "two-words"
    let contextLength: Int? = 10

    func countTokens(in prompt: Prompt) -> Int { 3 }

    func generate(_ request: GenerationRequest) -> GenerationStream {
      GenerationStream { continuation in
        continuation.yield(.started(promptTokenCount: 3, cutTokens: 0))
        continuation.yield(.text("two "))
        if waits { return }
        continuation.yield(.text("words"))
        continuation.yield(
          .finished(
            Completion(
              text: "two words", tokenIDs: [5, 6], promptTokenCount: 3, finishReason: .stop, promptSeconds: 0,
              completionSeconds: 0, cost: 0.5)))
        continuation.finish()
      }
    }
  }

  private func withLog(_ body: (PromptLog) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(PromptLog(at: folder.appending(path: "log.sqlite").path))
  }

  @Test("The entry is there when the answer is whole, with model, counts, cost and settings")
  func wholeAnswer() async throws {
    try await withLog { log in
      let model = LoggedModel(TwoWords(), log: log, source: "test")
      #expect(model.name == "two-words" && model.contextLength == 10)
      let request = GenerationRequest(
        .text("Say two words:"), sampling: .greedy, maximumTokens: 9, responseFormat: .regex("[a-z ]+"))
      let completion = try await model.complete(request)
      #expect(completion.text == "two words")
      let entry = try #require(try log.entries().first)
      #expect(entry.answer == "two words" && entry.model == "two-words" && entry.source == "test")
      #expect(entry.prompt == .text("Say two words:") && entry.finishReason == .stop && entry.cost == 0.5)
      #expect(entry.tokenCounts == .init(prompt: 3, completion: 2))
      #expect(
        entry.settings == ["temperature": 0.0, "max_tokens": 9, "response_format": ["regex": "[a-z ]+"]])
    }
  }

  @Test("An answer that is stopped is kept as far as it came")
  func stoppedAnswer() async throws {
    try await withLog { log in
      let model = LoggedModel(TwoWords(waits: true), log: log, source: "test")
      let (first, heard) = AsyncStream.makeStream(of: Void.self)
      let task = Task {
        for try await event in model.generate(GenerationRequest(.text("Say"))) {
          if case .text = event { heard.finish() }
        }
      }
      for await _ in first {}
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      // The entry is written by the task behind the stream, which ends a moment later.
      while try log.count() == 0 { await Task.yield() }
      let entry = try log.entry(1)
      #expect(entry.answer == "two " && entry.finishReason == nil && entry.tokenCounts == nil)
    }
  }

  @Test("A log that cannot be written is a warning, not a lost answer")
  func unwritableLog() async throws {
    try await withLog { log in
      let other = try SQLiteConnection<SQLiteError>(
        path: log.path, readOnly: false, format: SQLiteFormat(applicationID: 0x4D61_724C, version: 1))
      try other.execute("DROP TABLE entries")
      var warnings: [String] = []
      var text = ""
      let model = LoggedModel(TwoWords(), log: log, source: "test")
      for try await event in model.generate(GenerationRequest(.text("Say"))) {
        if case .warning(let warning) = event { warnings.append(warning) }
        if case .finished(let completion) = event { text = completion.text }
      }
      #expect(text == "two words")
      #expect(warnings.count == 1 && warnings[0].hasPrefix("The answer is not in the log: "))
    }
  }
}
