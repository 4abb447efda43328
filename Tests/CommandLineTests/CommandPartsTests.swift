import Foundation
import MartletCheckpoints
import MartletDocuments
import MartletGeneration
import MartletJSON
import MartletLanguageModels
import MartletTransformers
import Testing

@testable import MartletCommandLine

@Suite("Parts of commands")
struct CommandPartsTests {
  @Test("Results come out in their order, however they come in")
  func order() {
    var results = OrderedResults<String>()
    #expect(results.add("c", at: 2).isEmpty)
    #expect(results.add("a", at: 0) == ["a"])
    #expect(results.add("b", at: 1) == ["b", "c"])
    #expect(results.next == 3)
  }

  @Test("Messages need a role and a content; further members are kept for the template")
  func messages() throws {
    let list = try ChatMessage.list([["role": "user", "content": "Hi", "name": "Ann"]])
    #expect(list == [ChatMessage(role: "user", content: "Hi", extra: ["name": "Ann"])])
    #expect(throws: InvalidValue.self) { try ChatMessage.list(["role": "user"]) }
    #expect(throws: InvalidValue.self) { try ChatMessage.list([["role": "user"]]) }
    #expect(throws: InvalidValue.self) { try ChatMessage.list([["role": "user", "content": .null]]) }
  }

  @Test("An assistant's message that calls tools needs no content; without them it does")
  func toolCalls() throws {
    let calls: JSON = [["type": "function", "function": ["name": "weather"]]]
    let call: JSON = ["role": "assistant", "content": .null, "tool_calls": calls]
    #expect(
      try ChatMessage.list([call, ["role": "assistant", "tool_calls": calls]]).map(\.content) == ["", ""])
    for wrong: JSON in [
      ["role": "assistant", "content": .null], ["role": "assistant", "content": .null, "tool_calls": []],
      ["role": "assistant", "content": 7, "tool_calls": calls],
    ] {
      #expect(throws: InvalidValue.self) { try ChatMessage.list([wrong]) }
    }
  }

  @Test("A logit bias is an id and a number, and may ban a token")
  func bias() throws {
    #expect(try TokenBias.type.read("42=-5.5") == TokenBias(token: 42, bias: -5.5))
    #expect(try TokenBias.type.read("7=-inf") == TokenBias(token: 7, bias: -.infinity))
    for wrong in ["42", "x=1", "-1=2", "3=nan", "3=inf", "="] {
      #expect(throws: InvalidValue.self) { try TokenBias.type.read(wrong) }
    }
  }

  @Test("Each module's errors end the program with the documented status")
  func statuses() {
    let expected: [(any Error, MartletCommandLine.ExitStatus)] = [
      (UsageError("", advice: ""), .usage),
      (GenerationError.promptTooLong(promptTokenCount: 9, contextLength: 8), .usage),
      (GenerationError.contextTooLong(asked: 9, longest: 8), .usage),
      (GenerationError.completionTooLong(promptTokenCount: 1, maximumTokens: 9, contextLength: 8), .usage),
      (ModelError.tokenWithoutRow(9, rows: 8), .badData),
      (CheckpointError.notFound("x", advice: ""), .noInput),
      (CheckpointError.malformed(file: "", field: "", offset: nil, problem: ""), .badData),
      (CheckpointError.unavailable(""), .unavailable),
      (CheckpointError.cancelled, .interrupted),
      (DocumentError(path: "", problem: .encrypted), .badData),
      (DocumentError(path: "", problem: .noTextLayer(pages: 1)), .badData),
      (DocumentError(path: "", problem: .notFound), .noInput),
      (DocumentError(path: "", problem: .noPermission), .noPermission),
      (DocumentError(path: "", problem: .unreadable(reason: "")), .inputOutput),
      (DocumentError(path: "", problem: .cancelled), .interrupted),
      (DocumentError(path: "", problem: .missingProgram(name: "", package: "")), .unavailable),
      (RecordError(source: "", line: 1, problem: ""), .badData),
      (InputOutputError("", code: ENOSPC), .inputOutput),
      (InputOutputError("", code: EACCES), .noPermission),
      (CancellationError(), .interrupted),
    ]
    for (error, status) in expected {
      #expect(MartletCommandLine.ExitStatus(for: error) == status, "\(error)")
    }
  }

  @Test("Amounts are written for people")
  func formatting() {
    #expect(formatBytes(999) == "999 B")
    #expect(formatBytes(98_400_000) == "98.4 MB")
    #expect(formatBytes(491_400_064) == "491 MB")
    #expect(formatBytes(999_960) == "1.0 MB")
    #expect(formatDuration(59.4) == "59 s")
    #expect(formatDuration(185) == "3 min 5 s")
    #expect(formatDuration(7800) == "2 h 10 min")
  }
}
