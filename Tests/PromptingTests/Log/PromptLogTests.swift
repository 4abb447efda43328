import Foundation
import MartletJSON
import MartletLanguageModels
import MartletPrompting
import MartletSQLite
import Testing

@Suite("The log keeps prompts and answers, and finds them")
struct PromptLogTests {
  private func withLog<Result>(_ body: (PromptLog) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(PromptLog(at: folder.appending(path: "state/log.sqlite").path))
  }

  private func entry(_ question: String, _ answer: String, model: String = "m") -> LogEntry {
    LogEntry(
      source: "generate", model: model, prompt: .messages([.system("Be brief."), .user(question)]),
      answer: answer, finishReason: .stop, tokenCounts: .init(prompt: 9, completion: 3), seconds: 0.5,
      settings: ["temperature": 0])
  }

  @Test("An entry comes back as it was kept, with its number")
  func roundTrip() async throws {
    try await withLog { log in
      var kept = entry("2+2?", "4")
      kept.date = Date(timeIntervalSince1970: 1_700_000_000.5)
      kept.cost = 0.25
      kept.prompt = .messages(
        [
          .user("2+2?"), ChatMessage(role: "assistant", extra: ["tool_calls": [["id": "a"]]]), .user("well?"),
        ],
        tools: [["type": "function"]])
      let id = try log.append(kept)
      kept.id = id
      #expect(try log.entry(id) == kept)
      #expect(kept.question == "2+2?")
      let turns = LogEntry(
        source: "chat", model: "m", prompt: kept.prompt, answer: "4", finishReason: .stop, seconds: 1)
      #expect(turns.question == "well?")
    }
  }

  @Test("A text and a prompt of ids are kept, too, and an answer that was stopped has no reason")
  func otherPrompts() async throws {
    try await withLog { log in
      let text = LogEntry(
        source: "generate", model: "m", prompt: .text("Once"), answer: " upon", finishReason: nil, seconds: 1)
      let logged = try log.entry(log.append(text))
      #expect(logged.prompt == .text("Once") && logged.finishReason == nil)
      var ids = text
      ids.prompt = .tokens([1, 2])
      let second = try log.entry(log.append(ids))
      #expect(second.prompt == .text("[1, 2]"))
    }
  }

  @Test(
    "Entries are found by all of their words, in capital and small letters, in any script, the latest first")
  func search() async throws {
    try await withLog { log in
      try log.append(entry("Calculate 15% tip on $47.50", "The tip is $7.13."))
      try log.append(entry("Wer schrieb die Kritik der reinen Vernunft?", "Immanuel Kant; ÜBER alles."))
      try log.append(entry("富士山の高さは?", "3776メートル"))
      try log.append(entry("A tip for hikers", "Take \"water\" along.", model: "other"))
      func found(_ words: String..., model: String? = nil) throws -> [Int] {
        try log.entries(containing: words, model: model).map(\.id)
      }
      #expect(try found("TIP") == [4, 1])
      #expect(try found("tip", "47.50") == [1])
      #expect(try found("tip", model: "other") == [4])
      #expect(try found("über") == [2])
      #expect(try found("富士山") == [3])
      #expect(try found("高さ") == [3])
      #expect(try found("15%") == [1])
      #expect(try found("5%") == [1])
      #expect(try found("_") == [])
      #expect(try found("\"water\"") == [4])
      #expect(try found("NEAR(tip water)") == [])
      #expect(try log.entries(containing: ["tip"], limit: 1).map(\.id) == [4])
    }
  }

  @Test("Notes are found; deleted entries and notes are not, and their text leaves the file")
  func notesAndDeletion() async throws {
    try await withLog { log in
      let id = try log.append(entry("secretquestion", "secretanswer"))
      try log.append(entry("other", "thing"))
      try log.setNote("works with examples", of: id)
      #expect(try log.entries(containing: ["examples"]).map(\.id) == [id])
      try log.setNote("", of: id)
      #expect(try log.entries(containing: ["examples"]).isEmpty)
      #expect(throws: PromptLogError.noSuchEntry(7, path: log.path)) { try log.setNote("x", of: 7) }
      #expect(throws: PromptLogError.noSuchEntry(7, path: log.path)) { try log.remove([id, 7]) }
      #expect(try log.count() == 2)
      #expect(try log.removeAll() == 2)
      #expect(try log.entries().isEmpty)
      #expect(try log.entries(containing: ["secretanswer"]).isEmpty)
      let mode = try FileManager.default.attributesOfItem(atPath: log.path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
    }
  }

  @Test("A file of another kind is refused")
  func otherFile() async throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data("no database, but a text that is long enough for a header and more, to be sure of it.".utf8)
      .write(to: URL(filePath: path))
    #expect(throws: (any Error).self) { try PromptLog(at: path) }
    #expect(throws: SQLiteError.self) { try PromptLog(at: "/dev/null/x/log.sqlite") }
  }
}
