import Foundation
import MartletCheckpoints
import MartletJSON
import MartletLanguageModels
import MartletTransformers
import Testing

@testable import MartletGeneration

@Suite("Prompts, their beginning, and what fits into the context")
struct PromptTests {
  @Test(
    "A folder whose post-processor begins texts gets exactly one beginning, also where the prompt writes it")
  func oneBeginning() throws {
    let model = try TinyModel.open()
    let plain = try model.render(.text("the swift"))
    #expect(plain.tokens.first == 1 && plain.tokens.dropFirst().allSatisfy { $0 != 1 })
    #expect(try model.render(.text("<s>the swift")).tokens == plain.tokens)
    #expect(plain.warnings.isEmpty)
  }

  @Test("add_bos_token alone asks for a beginning too, and without either there is none")
  func statedBeginning() async throws {
    let states: [(JSON, Bool)] = [
      (["bos_token": "<s>", "add_bos_token": true], true), (["bos_token": ["content": "<s>"]], false),
    ]
    for (configuration, wants) in states {
      try await TinyModel.changed(tokenizer: { $0["post_processor"] = nil }, configuration: configuration) {
        let tokens = try TinyModel.open(at: $0).render(.text("the")).tokens
        #expect((tokens.first == 1) == wants && tokens.count { $0 == 1 } == (wants ? 1 : 0))
      }
    }
  }

  @Test("A beginning that stands twice is warned of, with how often")
  func twoBeginnings() throws {
    let rendered = try TinyModel.open().render(.text("<s><s>the"))
    #expect(rendered.warnings.count == 1)
    #expect(rendered.warnings.first?.contains("2 times") == true)
  }

  @Test("Messages for a model without a chat template are refused with its name and --raw")
  func noTemplate() throws {
    let error = #expect(throws: GenerationError.self) {
      try TinyModel.open().render(.messages([.user("Hi")]))
    }
    #expect(error == .noChatTemplate(model: "tiny"))
    #expect(error?.description.contains("--raw") == true)
  }

  @Test("What is cut from the start leaves the beginning-of-text token where it was")
  func cutKeepsBeginning() throws {
    let ids = [1] + Array(Int32(10)..<110)
    let (kept, cut) = try ContextOverflow.cutStart.fit(ids, contextLength: 64, reserve: 8, keepsFirst: true)
    #expect(kept.count == 56 && cut == ids.count - 56)
    #expect(kept.first == 1 && kept.dropFirst().elementsEqual(ids.suffix(55)))
    let (plain, _) = try ContextOverflow.cutStart.fit(ids, contextLength: 64, reserve: 8)
    #expect(plain == Array(ids.suffix(56)))
    let (middle, _) = try ContextOverflow.cutMiddle.fit(ids, contextLength: 64, reserve: 8, keepsFirst: true)
    #expect(middle.first == 1 && middle.last == 109 && middle.count == 56)
  }

  @Test("A context above the model's own is refused with both numbers, in perplexity too")
  func contextTooLong() throws {
    #expect(throws: GenerationError.contextTooLong(asked: 129, longest: 128)) {
      try TinyModel.open(context: 129)
    }
    let model = try TinyModel.open(context: 128)
    #expect(throws: GenerationError.contextTooLong(asked: 512, longest: 128)) {
      try model.perplexity(of: String(repeating: "swift ", count: 300))
    }
    let text = GenerationError.contextTooLong(asked: 129, longest: 128).description
    #expect(text.contains("129") && text.contains("128"))
  }

  @Test("A completion that must have N tokens is made in full, or refused before it begins")
  func promisedTokens() async throws {
    let model = try TinyModel.open()
    let prompt = Prompt.text("the swift")
    let length = try model.countTokens(in: prompt)
    func request(_ count: Int) -> GenerationRequest {
      GenerationRequest(prompt, sampling: .greedy, maximumTokens: count, ignoresEnd: true)
    }
    #expect(try await model.complete(request(128 - length)).tokenIDs.count == 128 - length)
    let refusal = GenerationError.completionTooLong(
      promptTokenCount: length, maximumTokens: 129 - length, contextLength: 128)
    await #expect(throws: refusal) { try await model.complete(request(129 - length)) }
  }

  @Test("A token that the weights have no row for is an error where a text needs it, never a trap")
  func tokenWithoutRow() async throws {
    func addToken(_ members: inout JSONObject) throws {
      var model = try #require(members["model"]?.objectValue)
      var vocabulary = try #require(model["vocab"]?.objectValue)
      vocabulary["é"] = 128
      model["vocab"] = .object(vocabulary)
      members["model"] = .object(model)
    }
    try await TinyModel.changed(tokenizer: addToken) { folder in
      let model = try TinyModel.open(at: folder)
      let refusal = ModelError.tokenWithoutRow(128, rows: 128)
      #expect(
        try await model.complete(GenerationRequest(.text("the"), maximumTokens: 2)).promptTokenCount == 2)
      for prompt in [Prompt.text("caf\u{E9}"), .tokens([1, 128])] {
        await #expect(throws: refusal) { try await model.complete(GenerationRequest(prompt)) }
      }
      #expect(throws: refusal) { try model.losses(of: [1, 4, 128]) }
      #expect(throws: refusal) {
        try model.perplexity(of: String(repeating: "\u{E9}", count: 40), context: 16)
      }
    }
  }
}
