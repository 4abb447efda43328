import Foundation
import MartletGrammars
import MartletJSON
import MartletLanguageModels
import Testing

@testable import MartletGeneration

/// Wants one token after another, whatever the model says. It cannot overrule a mask.
struct Script: LogitProcessor {
  var tokens: [Int32]

  mutating func accept(_ token: Int32) { if !tokens.isEmpty { tokens.removeFirst() } }

  func process(_ logits: inout [Float]) {
    if let next = tokens.first { logits[Int(next)] += 10_000 }
  }
}

@Suite("A completion keeps to the form that a request asks for")
struct ResponseFormatTests {
  private func complete(
    _ format: ResponseFormat, script: String? = nil, maximumTokens: Int = 40, seed: UInt64 = 1
  ) async throws -> Completion {
    let model = try TinyModel.open()
    let request = GenerationRequest(
      .text("the"), sampling: SamplingParameters(temperature: 1.5, topK: 0, topP: 1, minP: 0, seed: seed),
      maximumTokens: maximumTokens, responseFormat: format)
    let tokens = try (script ?? "").map { try #require(model.tokenizer.id(of: String($0))) }
    let stream = model.generate(request, processors: script == nil ? [] : [Script(tokens: tokens)])
    for try await event in stream {
      if case .finished(let completion) = event { return completion }
    }
    throw CancellationError()
  }

  @Test("Random draws give one of the choices, and the generation ends there", arguments: 1...8 as ClosedRange<UInt64>)
  func choices(seed: UInt64) async throws {
    let choices = ["yes", "yesterday", "no"]
    let completion = try await complete(.choice(choices), seed: seed)
    #expect(choices.contains(completion.text), "seed \(seed): \(completion.text)")
    #expect(completion.finishReason == .stop)
  }

  @Test("A regular expression, JSON and a grammar are kept to", arguments: 1...4 as ClosedRange<UInt64>)
  func forms(seed: UInt64) async throws {
    let date = try await complete(.regex("[0-9]{4}-[0-9]{2}"), seed: seed)
    #expect(date.text.wholeMatch(of: /[0-9]{4}-[0-9]{2}/) != nil && date.finishReason == .stop)
    let schema: JSON = [
      "type": "object", "properties": ["n": ["type": "integer", "minimum": 0, "maximum": 50]],
      "required": ["n"], "additionalProperties": false,
    ]
    let object = try await complete(.jsonSchema(schema), seed: seed)
    let number = try #require(JSON(parsing: object.text)["n"]?.intValue)
    #expect(0...50 ~= number, "seed \(seed): \(object.text)")
    let derived = try await complete(.grammar(#"root ::= "a" [bc]+ "d""#), maximumTokens: 100, seed: seed)
    if derived.finishReason == .stop { #expect(derived.text.wholeMatch(of: /a[bc]+d/) != nil) }
  }

  @Test("The form wins over a processor that wants other tokens")
  func formWins() async throws {
    let completion = try await complete(.regex("a+b"), script: "aaxab")
    #expect(completion.text.wholeMatch(of: /a+b/) != nil && completion.text.hasPrefix("aa"))
  }

  @Test("A completion that is cut is the beginning of the form, with the reason ‘length’")
  func cut() async throws {
    let completion = try await complete(.regex("a{30}"), maximumTokens: 5)
    #expect(completion.text == "aaaaa" && completion.finishReason == .length)
  }

  @Test("A form begins with a space where it says so, though the tokenizer takes one off the beginning of texts")
  func leadingSpace() async throws {
    func dropFirst(_ members: inout JSONObject) {
      members["decoder"] = [
        "type": "Sequence",
        "decoders": [
          ["type": "Replace", "pattern": ["String": "▁"], "content": " "], ["type": "Fuse"],
          ["type": "Strip", "content": " ", "start": 1, "stop": 0],
        ],
      ]
    }
    try await TinyModel.changed(tokenizer: dropFirst) { folder in
      let request = GenerationRequest(.text("the"), sampling: .greedy, responseFormat: .choice([" a"]))
      let completion = try await TinyModel.open(at: folder).complete(request)
      #expect(completion.text == " a")
    }
  }

  @Test("Stop texts and ignoring the end exclude a form, and a form that cannot be kept to is an error")
  func refusals() async throws {
    let model = try TinyModel.open()
    func error(_ change: (inout GenerationRequest) -> Void) async -> (any Error)? {
      var request = GenerationRequest(.text("the"), maximumTokens: 5, responseFormat: .regex("a"))
      change(&request)
      do { _ = try await model.complete(request) } catch { return error }
      return nil
    }
    #expect(
      await error { $0.stop = ["x"] } as? GenerationError == .formCannotBeKept(beside: "stop texts"))
    #expect(
      await error { $0.ignoresEnd = true } as? GenerationError
        == .formCannotBeKept(beside: "ignoring the end token"))
    #expect(await error { $0.responseFormat = .regex("a(") } is GrammarError)
    #expect(await error { $0.responseFormat = .choice([]) } is GrammarError)
    #expect(await error { $0.responseFormat = .jsonSchema(["type": "object", "unknownKeyword": 1]) } is GrammarError)
  }

  @Test("Sequences of several forms run beside each other")
  func together() async throws {
    let model = try TinyModel.open()
    let texts = try await withThrowingTaskGroup(of: (Int, String).self) { group in
      for index in 0..<12 {
        group.addTask {
          let pattern = "[a-f]{\(index + 1)}"
          let request = GenerationRequest(
            .text("the"), sampling: SamplingParameters(temperature: 1, seed: UInt64(index)), maximumTokens: 30,
            responseFormat: .regex(pattern))
          return (index, try await model.complete(request).text)
        }
      }
      return try await group.reduce(into: [Int: String]()) { $0[$1.0] = $1.1 }
    }
    for index in 0..<12 {
      let text = try #require(texts[index])
      #expect(text.count == index + 1 && text.allSatisfy { "abcdef".contains($0) }, "\(index): \(text)")
    }
  }
}
