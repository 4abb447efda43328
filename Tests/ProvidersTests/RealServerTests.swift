import Foundation
import MartletJSON
import MartletLanguageModels
import MartletProviders
import Testing

/// A llama.cpp server that runs somewhere, such as the one of PyPI's xllamacpp:
/// `MARTLET_LLAMA_SERVER=http://127.0.0.1:8080/v1 swift test --filter RealServerTests`. Skipped without the variable.
@Suite(
  "llama.cpp's own server",
  .enabled(
    if: ProcessInfo.processInfo.environment["MARTLET_LLAMA_SERVER"] != nil, "needs MARTLET_LLAMA_SERVER"))
struct RealServerTests {
  private let model: any LanguageModel

  init() throws {
    let address = ProcessInfo.processInfo.environment["MARTLET_LLAMA_SERVER"] ?? ""
    let settings = try ProviderSettings(folder: "/nowhere", environment: [:])
    model = try ProviderReference(.openAI, address: address, model: "model").model(settings)
  }

  private func request(
    _ text: String, _ format: ResponseFormat = .text, maximumTokens: Int = 32
  ) -> GenerationRequest {
    GenerationRequest(
      .messages([.user(text)]), sampling: .greedy, maximumTokens: maximumTokens, responseFormat: format)
  }

  @Test("An answer is streamed, with its usage")
  func streaming() async throws {
    let (texts, result) = await gather(model.generate(request("Count from one to ten.")))
    let completion = try result.get()
    #expect(texts.count > 3 && texts.joined() == completion.text)
    #expect(completion.promptTokenCount > 5 && completion.completionTokenCount > 3)
  }

  @Test("A schema, a choice and a grammar bind the answer; a regular expression is refused")
  func forms() async throws {
    let schema: JSON = [
      "type": "object", "properties": ["city": ["type": "string"], "people": ["type": "integer"]],
      "required": ["city", "people"], "additionalProperties": false,
    ]
    let object = try JSON(
      parsing: try await model.complete(request("A large city?", .jsonSchema(schema), maximumTokens: 64)).text
    )
    #expect(object["city"]?.stringValue != nil && object["people"]?.intValue != nil)
    let choice = try await model.complete(
      request("Which bird sleeps on the wing?", .choice(["swift", "hen"])))
    #expect(["swift", "hen"].contains(choice.text))
    let grammar = ResponseFormat.grammar(#"root ::= "ab" [0-9] "yz""#)
    let text = try await model.complete(request("Say anything.", grammar)).text
    #expect(text.wholeMatch(of: /ab[0-9]yz/) != nil, "\(text)")
    await #expect(throws: LanguageModelError.self) { try await model.complete(request("a", .regex("a+"))) }
  }

  @Test("Log-probabilities come in chats and in completions")
  func probabilities() async throws {
    for prompt in [Prompt.messages([.user("The capital of France?")]), .text("The capital of France is")] {
      var request = GenerationRequest(prompt, sampling: .greedy, maximumTokens: 6)
      request.topLogProbabilities = 3
      let completion = try await model.complete(request)
      #expect(!completion.tokens.isEmpty && completion.tokens.allSatisfy { $0.top.count == 3 })
      for token in completion.tokens {
        #expect(
          token.chosen.logProbability <= 0
            && token.top[0].logProbability >= token.chosen.logProbability - 1e-6)
      }
      #expect(completion.tokens.map(\.chosen.text).joined().hasPrefix(completion.text))
    }
  }

  @Test("It ignores echo, which is named")
  func echo() async throws {
    await #expect(throws: ProviderError.noEcho(model: model.name)) {
      try await model.score([" Paris"], after: .text("The capital of France is"))
    }
  }

  @Test("A cancelled answer ends, and the server answers the next one")
  func cancellation() async throws {
    var long = request("Write a long story.", maximumTokens: 4000)
    long.ignoresEnd = true
    let story = long
    let task = Task {
      for try await event in model.generate(story) { if case .text = event { return } }
    }
    try await task.value
    let completion = try await model.complete(request("Say hi.", maximumTokens: 4))
    #expect(completion.completionTokenCount > 0)
  }
}
