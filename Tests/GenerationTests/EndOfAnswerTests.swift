import Foundation
import MartletJSON
import MartletLanguageModels
import Testing

@testable import MartletGeneration

@Suite("An answer ends where the model ends it")
struct EndOfAnswerTests {
  /// The letters c and d.
  private static let (c, d): (Int32, Int32) = (70, 71)

  private func request(_ bias: [Int32: Float], ignoresEnd: Bool = false) -> GenerationRequest {
    var sampling = SamplingParameters.greedy
    sampling.logitBias = bias
    // What was said once is not said again, so that the next in the order of the biases follows.
    sampling.presencePenalty = 5_000
    return GenerationRequest(.text("the"), sampling: sampling, maximumTokens: 20, ignoresEnd: ignoresEnd)
  }

  @Test("At the end token, which is no part of the answer, with the reason ‘stop’")
  func endToken() async throws {
    let model = try TinyModel.open()
    let completion = try await model.complete(request([Self.c: 3_000, 2: 2_000, Self.d: 1_000]))
    #expect(completion.text == "c" && completion.tokenIDs == [Self.c])
    #expect(completion.finishReason == .stop)
    let atOnce = try await model.complete(request([2: 3_000]))
    #expect(atOnce.text.isEmpty && atOnce.tokenIDs.isEmpty && atOnce.finishReason == .stop)
  }

  @Test("Not where the end is to be ignored: then with the tokens that were asked for")
  func ignoredEnd() async throws {
    let bias: [Int32: Float] = [Self.c: 3_000, 2: 2_000, Self.d: 1_000]
    let completion = try await TinyModel.open().complete(request(bias, ignoresEnd: true))
    #expect(completion.tokenIDs.prefix(3) == [Self.c, 2, Self.d] && completion.tokenIDs.count == 20)
    #expect(completion.text.hasPrefix("cd") && completion.finishReason == .length)
  }

  @Test("At each of the end tokens that generation_config.json names, and at the tokenizer's own")
  func severalEnds() async throws {
    try await TinyModel.changed { folder in
      try Data(#"{"eos_token_id": [70, 71]}"#.utf8).write(
        to: folder.appending(path: "generation_config.json"))
      let model = try TinyModel.open(at: folder)
      for end in [2, Self.c, Self.d] {
        let completion = try await model.complete(request([80: 3_000, end: 2_000]))
        #expect(completion.tokenIDs == [80] && completion.finishReason == .stop, "\(end)")
      }
    }
  }

  @Test("At the end of a turn that the files do not name as an end, as with the same model in a GGUF file")
  func unnamedEnd() async throws {
    func addEnd(_ members: inout JSONObject) throws {
      let added = try #require(members["added_tokens"]?.arrayValue)
      members["added_tokens"] = .array(added + [["id": 100, "content": "<|im_end|>", "special": true]])
    }
    try await TinyModel.changed(tokenizer: addEnd) {
      let completion = try await TinyModel.open(at: $0).complete(request([Self.c: 3_000, 100: 2_000]))
      #expect(completion.tokenIDs == [Self.c] && completion.finishReason == .stop)
    }
  }

  @Test(
    "The default models' files name the end of a turn; that of a text is known too",
    arguments: ["smollm2-135m-instruct", "qwen2.5-coder-0.5b-instruct"].filter(Cache.has))
  func defaultModels(name: String) throws {
    let file = try PromptEncoder(.open(Cache.path(name)), name: name)
    let ends = file.tokenizer.special.endOfGeneration.compactMap { file.tokenizer.token($0) }
    #expect(Set(ends) == ["<|im_end|>", "<|endoftext|>"])
  }
}
