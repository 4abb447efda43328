import Foundation
import MartletJSON
import MartletLanguageModels
import Testing

@testable import MartletGeneration

/// A model that wants a beginning-of-text token gets exactly one, whoever writes it. In transformers a template must
/// write it; llama.cpp adds it where the file says so. Here both end alike.
@Suite("One rule for the beginning-of-text token, whatever files the model is in")
struct BeginningTests {
  private static let turns = "{% for m in messages %}<|im_start|>{{ m.content }}<|im_end|>{% endfor %}"
  private static let writing = "{{ bos_token }}" + turns
  private let conversation = Prompt.messages([.user("swift")])

  @Test(
    "A SentencePiece GGUF file begins texts unless it says that it does not",
    arguments: [(nil, true), (true, true), (false, false)] as [(Bool?, Bool)])
  func sentencePiece(addsBOS: Bool?, wants: Bool) throws {
    try check(wants: wants) { TinyGGUF(model: "llama", template: $0, addsBOS: addsBOS) }
  }

  @Test(
    "A byte-level GGUF file begins texts if it says so, and Llama 3's anyway",
    arguments: [
      ("smollm", nil, false), ("smollm", true, true), ("qwen2", false, false), ("llama-bpe", nil, true),
      ("llama-bpe", false, false),
    ] as [(String, Bool?, Bool)])
  func byteLevel(preTokenizer: String, addsBOS: Bool?, wants: Bool) throws {
    try check(wants: wants) {
      TinyGGUF(model: "gpt2", preTokenizer: preTokenizer, template: $0, addsBOS: addsBOS)
    }
  }

  private func check(wants: Bool, _ file: (String) -> TinyGGUF) throws {
    let plain = try file(Self.turns).encoder()
    let writing = try file(Self.writing).encoder()
    #expect(try beginnings(plain.encode(conversation)) == (wants ? 1 : 0))
    #expect(try beginnings(writing.encode(conversation)) == 1)
    #expect(try beginnings(plain.encode(.text("swift"))) == (wants ? 1 : 0))
    let doubled = try file("{{ bos_token }}" + Self.writing).encoder().encode(conversation)
    #expect(doubled.tokens.prefix { $0 == 1 }.count == 2)
    #expect(doubled.warnings.count == 1 && doubled.warnings.first?.contains("2 times") == true)
  }

  /// How many beginnings there are, none of them warned of.
  private func beginnings(_ prompt: RenderedPrompt) throws -> Int {
    #expect(prompt.warnings.isEmpty)
    return prompt.tokens.count { $0 == 1 }
  }

  @Test(
    "A folder whose post-processor begins texts gets one, whether its template writes it or not",
    arguments: [(turns, 1), (writing, 1), ("{{ bos_token }}" + writing, 2)])
  func folder(template: String, count: Int) async throws {
    let configuration: JSON = ["bos_token": "<s>", "eos_token": "</s>", "chat_template": .string(template)]
    try await TinyModel.changed(configuration: configuration) {
      let prompt = try TinyModel.open(at: $0).render(conversation)
      #expect(prompt.tokens.prefix { $0 == 1 }.count == count && prompt.tokens.count { $0 == 1 } == count)
      #expect(prompt.warnings.count == (count > 1 ? 1 : 0))
    }
  }

  @Test("A folder without a post-processor that adds it gets what its template writes, and nothing else")
  func withoutPostProcessor() async throws {
    for (template, count) in [(Self.turns, 0), (Self.writing, 1)] {
      let configuration: JSON = ["bos_token": "<s>", "eos_token": "</s>", "chat_template": .string(template)]
      try await TinyModel.changed(tokenizer: { $0["post_processor"] = nil }, configuration: configuration) {
        let ids = try TinyModel.open(at: $0).render(conversation).tokens
        #expect(ids.count { $0 == 1 } == count)
      }
    }
  }

  @Test("A beginning that stands twice is told with the generation, before its text")
  func warning() async throws {
    var events: [GenerationEvent] = []
    let request = GenerationRequest(.text("<s><s>the"), sampling: .greedy, maximumTokens: 2, ignoresEnd: true)
    for try await event in try TinyModel.open().generate(request) { events.append(event) }
    #expect(events.first == .started(promptTokenCount: 3, cutTokens: 0))
    guard case .warning(let text)? = events.dropFirst().first else {
      Issue.record("\(events)")
      return
    }
    #expect(text.contains("2 times"))
  }
}
