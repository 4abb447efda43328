import MartletJSON
import MartletLanguageModels
import MartletProviders
import Testing

@Suite("Models behind OpenAI's API", .startsProcesses)
struct OpenAIModelTests {
  private let fake: FakeProvider

  init() throws { fake = try FakeProvider(.openAI) }

  private func body() throws -> JSON { try #require(try fake.requests().last?["body"]) }

  @Test("An answer is streamed word by word, with its usage and cost")
  func streaming() async throws {
    let (texts, result) = await gather(
      try fake.model("echo").generate(
        GenerationRequest(
          .messages([.system("Be brief."), .user("swifts sleep")]), maximumTokens: 9, stop: ["zzz"])))
    #expect(texts == ["You", " said:", " swifts", " sleep"])
    let completion = try result.get()
    #expect(completion.text == "You said: swifts sleep" && completion.finishReason == .stop)
    #expect(completion.promptTokenCount == 4 && completion.cachedTokenCount == 2)
    #expect(completion.completionTokenCount == 4 && completion.tokenIDs.isEmpty && !completion.isReplayed)
    // 2 plain tokens at 10, 2 cached at 1, 4 generated at 100 dollars a million.
    #expect(abs(try #require(completion.cost) - 422e-6) < 1e-12)
    let sent = try body()
    #expect(
      sent.serialized()
        == #"{"model":"echo","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"swifts sleep"}],"max_tokens":9,"stop":["zzz"],"stream":true,"stream_options":{"include_usage":true}}"#
    )
    let request = try #require(try fake.requests().last)
    #expect(request["path"]?.stringValue == "/v1/chat/completions" && request["has_key"]?.boolValue == true)
  }

  @Test("The limit of tokens ends an answer, and OpenAI itself is told of it by its newer name")
  func limit() async throws {
    let completion = try await fake.model("echo").complete(.saying("a b c d", maximumTokens: 3))
    #expect(completion.text == "You said: a" && completion.finishReason == .length)
    let official = try ProviderReference(.openAI, model: "echo").model(try fake.settings())
    _ = try await official.complete(.saying("a", maximumTokens: 3))
    #expect(try body()["max_completion_tokens"]?.intValue == 3)
    #expect(try body()["max_tokens"] == nil)
  }

  @Test("Texts go to completions, with a limit that is never 16 by chance")
  func text() async throws {
    let completion = try await fake.model("words=40").complete(GenerationRequest(.text("Once upon")))
    #expect(completion.text == String(repeating: "word ", count: 40))
    #expect(try body()["max_tokens"]?.intValue == ProviderSettings.defaultMaximumTokens)
    _ = try await fake.model("echo").complete(GenerationRequest(.tokens([1, 2]), maximumTokens: 4))
    #expect(try body()["prompt"]?.serialized() == "[1,2]")
  }

  @Test("Sampling parameters are sent where they differ from the defaults or were asked for")
  func sampling() async throws {
    var sampling = SamplingParameters(temperature: 0, topP: 0.5, presencePenalty: 1, seed: .max)
    sampling.logitBias = [5: -.infinity]
    var request = GenerationRequest.saying("a")
    request.sampling = sampling
    _ = try await fake.model("echo").complete(request)
    var sent = try body()
    #expect(sent["temperature"]?.doubleValue == 0 && sent["top_p"]?.doubleValue == 0.5)
    #expect(sent["presence_penalty"]?.doubleValue == 1 && sent["frequency_penalty"] == nil)
    #expect(sent["seed"]?.intValue == .max && sent["logit_bias"]?["5"]?.doubleValue == -100)
    request.sampling = SamplingParameters()
    request.sampling.stated = [.temperature]
    _ = try await fake.model("echo").complete(request)
    sent = try body()
    #expect(sent["temperature"]?.doubleValue == 0.8 && sent["top_p"] == nil)
  }

  @Test("What only some servers have is sent to them by their names for it, and refused elsewhere")
  func extras() async throws {
    var request = GenerationRequest.saying("a")
    request.sampling = SamplingParameters(topK: 7, minP: 0.25, repetitionPenalty: 1.5, penaltyWindow: 9)
    _ = try await fake.model("llamacpp").complete(request)
    var sent = try body()
    #expect(sent["top_k"]?.intValue == 7 && sent["min_p"]?.doubleValue == 0.25)
    #expect(sent["repeat_penalty"]?.doubleValue == 1.5 && sent["repeat_last_n"]?.intValue == 9)
    request.sampling.penaltyWindow = 64
    _ = try await fake.model("vllm").complete(request)
    sent = try body()
    #expect(sent["repetition_penalty"]?.doubleValue == 1.5 && sent["repeat_penalty"] == nil)
    await #expect {
      try await fake.model("echo").complete(request)
    } throws: { error in
      "\(error)".contains("top_k") && "\(error)".contains("‘fake’")
    }
    let official = try ProviderReference(.openAI, model: "echo").model(try fake.settings())
    await #expect(throws: LanguageModelError.self) { try await official.complete(request) }
    // What is off needs no server that has it.
    request.sampling = SamplingParameters(topK: 0, minP: 0)
    _ = try await official.complete(request)
    #expect(try body()["top_k"] == nil)
  }

  @Test("Grammars, regular expressions and prefills go to servers that have them, and nowhere else")
  func forms() async throws {
    var request = GenerationRequest.saying("a")
    request.responseFormat = .grammar("root ::= \"You said: a\"")
    _ = try await fake.model("llamacpp").complete(request)
    #expect(try body()["grammar"]?.stringValue == "root ::= \"You said: a\"")
    request.responseFormat = .regex("[A-Za-z: ]+")
    _ = try await fake.model("vllm").complete(request)
    #expect(try body()["structured_outputs"]?["regex"]?.stringValue == "[A-Za-z: ]+")
    // A server that does not keep to the form is found out.
    request.responseFormat = .regex("[0-9]+")
    await #expect(throws: ProviderError.self) { try await fake.model("vllm").complete(request) }
    for (model, format) in [("llamacpp", ResponseFormat.regex("a")), ("echo", .grammar("root ::= \"a\""))] {
      request.responseFormat = format
      await #expect(throws: LanguageModelError.self) { try await fake.model(model).complete(request) }
    }
    let prefilled = GenerationRequest(.messages([.user("a"), .assistant("b")]))
    _ = try await fake.model("vllm").complete(prefilled)
    #expect(try body()["continue_final_message"]?.boolValue == true)
    await #expect(throws: LanguageModelError.self) { try await fake.model("echo").complete(prefilled) }
  }

  @Test("A schema binds the answer, and a choice is given bare")
  func structured() async throws {
    var request = GenerationRequest.saying("a")
    let schema: JSON = ["type": "object", "properties": ["age": ["type": "integer"]]]
    request.responseFormat = .jsonSchema(schema)
    #expect(try await fake.model("echo").complete(request).text == #"{"age": 1}"#)
    let sent = try body()["response_format"]
    #expect(sent?["type"]?.stringValue == "json_schema" && sent?["json_schema"]?["strict"]?.boolValue == true)
    #expect(sent?["json_schema"]?["schema"]?.serialized() == schema.serialized())
    request.responseFormat = .choice(["swift", "kite"])
    let (texts, result) = await gather(try fake.model("echo").generate(request))
    #expect(texts == ["swift"])
    #expect(try result.get().text == "swift")
    // Half a choice is none.
    request.maximumTokens = 1
    await #expect(throws: ProviderError.self) { try await fake.model("echo").complete(request) }
    request = .saying("a")
    request.responseFormat = .json
    #expect(try await fake.model("echo").complete(request).text == "{}")
  }

  @Test("Log-probabilities come with their alternatives, in chats and in completions")
  func probabilities() async throws {
    var request = GenerationRequest.saying("größe")
    request.topLogProbabilities = 2
    let chat = try await fake.model("echo").complete(request)
    #expect(chat.tokens.map(\.chosen.text) == ["You", " said:", " größe"])
    #expect(chat.tokens[2].chosen.bytes == Array(" größe".utf8) && chat.tokens[2].top.count == 2)
    #expect(chat.tokens.allSatisfy { $0.chosen.logProbability < 0 && $0.chosen.id == -1 })
    request.prompt = .text("a b")
    let completion = try await fake.model("echo").complete(request)
    #expect(completion.tokens.map(\.chosen.text) == ["You", " said:", " a", " b"])
    #expect(completion.tokens[0].top.map(\.text) == ["?", "You"])
    request.topLogProbabilities = 21
    await #expect(throws: LanguageModelError.self) { try await fake.model("echo").complete(request) }
  }

  @Test("Tools and counting tokens are refused by name")
  func refusals() async throws {
    let model = try fake.model("echo")
    await #expect {
      try await model.complete(GenerationRequest(.messages([.user("a")], tools: [])))
    } throws: { "\($0)".contains("tools") }
    await #expect { try await model.countTokens(in: .text("a")) } throws: {
      "\($0)".contains("counting tokens")
    }
  }

  @Test("Continuations are scored by echo, as lm-evaluation-harness asks")
  func scoring() async throws {
    let scores = try await fake.model("vllm").score([
      ScoringRequest(.text("the swift"), continuations: [" rests here", " sleeps"]),
      ScoringRequest(.text("a"), continuations: [" b"]),
    ])
    #expect(scores.map { $0.map(\.tokenCount) } == [[2, 1], [1]])
    // The fake's values: a token that ends with a vowel is not the most probable one.
    #expect(scores[0].map(\.isGreedy) == [false, true])
    #expect(scores[0].allSatisfy { $0.logLikelihood < 0 })
    let sent = try #require(
      try fake.requests().first { $0["body"]?["prompt"]?.arrayValue?.count == 2 }?["body"])
    #expect(
      sent["echo"]?.boolValue == true && sent["logprobs"]?.intValue == 1 && sent["max_tokens"]?.intValue == 1)
  }

  @Test("A server that ignores echo, as llama.cpp's does, is named")
  func noEcho() async throws {
    await #expect(throws: ProviderError.noEcho(model: fake.name("noecho"))) {
      try await fake.model("noecho").score([" b"], after: .text("a"))
    }
    await #expect(throws: LanguageModelError.self) {
      try await fake.model("vllm").score([" b"], after: .messages([.user("a")]))
    }
  }

  @Test("Embeddings come in order, in several requests, as base64 or lists", arguments: ["echo", "plain"])
  func embeddings(model: String) async throws {
    let embeddings = try OpenAIEmbeddings(fake.reference(model), try fake.settings(), dimensions: 4)
    let texts = (0..<300).map { "text \($0)" }
    let vectors = try await embeddings.embed(texts)
    #expect(vectors.count == 300 && vectors.allSatisfy { $0.count == 4 })
    #expect(try await embeddings.embed(["text 299"]) == [vectors[299]])
    #expect(try fake.requests().count == 3)
    #expect(try await embeddings.embed([]).isEmpty)
  }
}
