import MartletJSON
import MartletLanguageModels
import MartletProviders
import Testing

@Suite("Models behind Anthropic's API", .startsProcesses)
struct AnthropicModelTests {
  private let fake: FakeProvider

  init() throws { fake = try FakeProvider(.anthropic) }

  private func body() throws -> JSON { try #require(try fake.requests().last?["body"]) }

  @Test("An answer is streamed without the thinking, with its usage and cost")
  func streaming() async throws {
    let (texts, result) = await gather(
      try fake.model("echo").generate(
        GenerationRequest(
          .messages([.system("Be brief."), .user("swifts sleep")]), maximumTokens: 9, stop: ["zzz"])))
    #expect(texts == ["You", " said:", " swifts", " sleep"])
    let completion = try result.get()
    #expect(completion.text == "You said: swifts sleep" && completion.finishReason == .stop)
    #expect(completion.promptTokenCount == 6 && completion.cachedTokenCount == 2)
    #expect(completion.completionTokenCount == 4)
    #expect(abs(try #require(completion.cost) - 442e-6) < 1e-12)
    #expect(
      try body().serialized()
        == #"{"model":"echo","system":"Be brief.","messages":[{"role":"user","content":"swifts sleep"}],"max_tokens":9,"stop_sequences":["zzz"],"stream":true}"#
    )
    #expect(try fake.requests().last?["fields"]?["anthropic-version"]?.stringValue == "2023-06-01")
  }

  @Test("Stop texts, the limit and a prefill")
  func ends() async throws {
    var request = GenerationRequest.saying("a b c", maximumTokens: 3)
    #expect(try await fake.model("echo").complete(request).finishReason == .length)
    request.stop = [" said"]
    let stopped = try await fake.model("echo").complete(request)
    #expect(stopped.text == "You" && stopped.finishReason == .stop)
    let prefilled = GenerationRequest(.messages([.user("a"), .assistant("Well")]))
    #expect(try await fake.model("echo").complete(prefilled).text == " and so on")
    #expect(try body()["max_tokens"]?.intValue == ProviderSettings.defaultMaximumTokens)
  }

  @Test("Tokens are counted by the API")
  func counting() async throws {
    let prompt = Prompt.messages([.system("Be brief."), .user("swifts sleep")])
    #expect(try await fake.model("echo").countTokens(in: prompt) == 4)
    #expect(try body()["max_tokens"] == nil)
  }

  @Test("Sampling parameters that the API has are sent")
  func sampling() async throws {
    var request = GenerationRequest.saying("a")
    request.sampling = SamplingParameters(temperature: 0.5, topK: 3)
    _ = try await fake.model("echo").complete(request)
    #expect(try body()["temperature"]?.doubleValue == 0.5)
    #expect(try body()["top_k"]?.intValue == 3)
    #expect(try body()["top_p"] == nil)
  }

  @Test("What the API does not have is refused by name")
  func refusals() async throws {
    let changes: [(String, (inout GenerationRequest) -> Void)] = [
      ("seed", { $0.sampling.seed = 1 }), ("min_p", { $0.sampling.minP = 0.3 }),
      ("repetition_penalty", { $0.sampling.repetitionPenalty = 1.1 }),
      ("presence_penalty", { $0.sampling.presencePenalty = 1 }),
      ("frequency_penalty", { $0.sampling.frequencyPenalty = 1 }),
      ("logit_bias", { $0.sampling.logitBias = [1: 2] }),
      ("log-probabilities", { $0.topLogProbabilities = 1 }),
      ("end token", { $0.ignoresEnd = true }), ("without a template", { $0.prompt = .text("a") }),
      ("JSON without a schema", { $0.responseFormat = .json }),
      ("regular expressions", { $0.responseFormat = .regex("a") }),
      ("grammars", { $0.responseFormat = .grammar("root ::= \"a\"") }),
      ("inside of a conversation", { $0.prompt = .messages([.user("a"), .system("b")]) }),
    ]
    let model = try fake.model("echo")
    for (name, change) in changes {
      var request = GenerationRequest.saying("a")
      change(&request)
      await #expect {
        try await model.complete(request)
      } throws: { error in
        error is LanguageModelError && "\(error)".contains(name)
      }
    }
    #expect(fake.server.log().isEmpty)
    await #expect(throws: LanguageModelError.cannotScore(model: model.name)) {
      try await model.score([" b"], after: .text("a"))
    }
  }

  @Test("A schema binds the answer, and a choice is given bare")
  func structured() async throws {
    var request = GenerationRequest.saying("a")
    request.responseFormat = .choice(["swift", "kite"])
    #expect(try await fake.model("echo").complete(request).text == "swift")
    let format = try body()["output_config"]?["format"]
    #expect(
      format?["type"]?.stringValue == "json_schema" && format?["schema"]?["type"]?.stringValue == "object")
  }
}
