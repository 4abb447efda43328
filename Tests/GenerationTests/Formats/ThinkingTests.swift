import Foundation
import MartletJSON
import MartletLanguageModels
import Testing

@testable import MartletGeneration

@Suite("A form is one of the answer, not of what a model thinks before it")
struct ThinkingTests {
  private static let (open, close): (Int32, Int32) = (100, 101)

  /// The tiny model with marks of thinking, and with a template that may write some at its end.
  private func complete(
    _ script: [Int32], prompt: Prompt = .messages([.user("the")]), ending: String = "",
    maximumTokens: Int = 40
  ) async throws -> Completion {
    func addMarks(_ members: inout JSONObject) throws {
      let added = try #require(members["added_tokens"]?.arrayValue)
      members["added_tokens"] = .array(
        added + [
          ["id": 100, "content": "<think>", "special": false],
          ["id": 101, "content": "</think>", "special": false],
        ])
    }
    let configuration: JSON = [
      "bos_token": "<s>", "eos_token": "</s>",
      "chat_template": .string("{{ messages[0].content }}" + ending),
    ]
    return try await TinyModel.changed(tokenizer: addMarks, configuration: configuration) { folder in
      let model = try TinyModel.open(at: folder)
      let request = GenerationRequest(
        prompt, sampling: .greedy, maximumTokens: maximumTokens, responseFormat: .regex("[ab]+c"))
      for try await event in model.generate(request, processors: [Script(tokens: script)]) {
        if case .finished(let completion) = event { return completion }
      }
      throw CancellationError()
    }
  }

  /// The letters a, b, c and x.
  private static let (a, b, c, x): (Int32, Int32, Int32, Int32) = (68, 69, 70, 91)

  @Test("A model may think first; the text is the answer alone")
  func thinksFirst() async throws {
    let completion = try await complete([Self.open, Self.x, Self.x, Self.close, Self.a, Self.b, Self.c])
    #expect(completion.text == "abc" && completion.thinking == "xx" && completion.finishReason == .stop)
  }

  @Test("White space between the thinking and the answer is part of neither")
  func blankBetween() async throws {
    let completion = try await complete([Self.open, Self.x, Self.close, 3, Self.a, Self.c])
    #expect(completion.text == "ac" && completion.thinking == "x")
  }

  @Test("Thinking that the template has begun goes on to its end, and cannot end the completion")
  func begunByTemplate() async throws {
    let completion = try await complete([Self.x, 2, Self.close, Self.b, Self.c], ending: "<think>")
    #expect(completion.text == "bc" && completion.thinking?.hasPrefix("x") == true)
  }

  @Test("Where the template says that nothing is thought, or the prompt is a text, the answer comes at once")
  func noThinking() async throws {
    let script = [Self.open, Self.a, Self.c]
    let closed = try await complete(script, ending: "<think></think> ")
    #expect(closed.text.wholeMatch(of: /[ab]+c/) != nil && closed.thinking == nil)
    let text = try await complete(script, prompt: .text("the"))
    #expect(text.text.wholeMatch(of: /[ab]+c/) != nil && text.thinking == nil)
  }

  @Test("Thinking that is cut leaves no answer")
  func cutThinking() async throws {
    let completion = try await complete([Self.open, Self.x, Self.x, Self.x], maximumTokens: 3)
    #expect(completion.text.isEmpty && completion.thinking == "xx" && completion.finishReason == .length)
  }
}
