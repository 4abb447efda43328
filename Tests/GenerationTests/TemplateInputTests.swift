import Foundation
import MartletCheckpoints
import MartletJSON
import MartletLanguageModels
import Testing

@testable import MartletGeneration

@Suite("What a chat template is given is what transformers gives it")
struct TemplateInputTests {
  private func render(_ source: String, _ messages: [ChatMessage]) throws -> String {
    try ChatTemplate(source: source, specialTokens: [:]).render(messages: messages)
  }

  private static let call: JSON = [["type": "function", "function": ["name": "f", "arguments": [:]]]]

  @Test("An empty content beside tool calls is an empty text; one that is null is not there")
  func emptyContent() throws {
    let source = "{% for m in messages %}{{ m.content is defined }}:{{ m.content }};{% endfor %}"
    let messages: [ChatMessage] = [
      .init(role: "assistant", content: "", extra: ["tool_calls": Self.call]),
      .init(role: "assistant", extra: ["tool_calls": Self.call]), .user(""),
    ]
    #expect(try render(source, messages) == "True:;False:;True:;")
  }

  @Test("Reasoning is there as reasoning_content and as thinking, whatever the message calls it")
  func reasoning() throws {
    let source =
      "{% for m in messages %}{{ m.reasoning_content }}/{{ m.thinking }}/{{ m.reasoning }};{% endfor %}"
    let messages: [ChatMessage] = [
      .init(role: "assistant", content: "a", extra: ["reasoning_content": "r"]),
      .init(role: "assistant", content: "a", extra: ["thinking": "t"]),
      .init(role: "assistant", content: "a", extra: ["reasoning": "x"]),
      .init(role: "assistant", content: "a", extra: ["thinking": "t", "reasoning_content": "r"]),
      .init(role: "assistant", content: "a", extra: ["reasoning": "x", "reasoning_content": nil]),
      .user("u"),
    ]
    #expect(try render(source, messages) == "r/r/;t/t/;x/x/x;r/t/;x/x/x;//;")
    #expect(
      try render("{{ messages[0] | tojson }}", [.init(role: "a", content: "b", extra: ["reasoning": "x"])])
        == #"{"thinking": "x", "role": "a", "content": "b", "reasoning": "x", "reasoning_content": "x"}"#)
  }

  private static let source = """
    {{ bos_token }}|{{ eos_token }}|{{ unk_token }}|{{ pad_token }}|{{ image_token }}|{{ fim_pad }}|\
    {{ bos_token is defined }}{{ pad_token is defined }}
    """
  /// `tokenizer_config.json`, `special_tokens_map.json`, and what transformers 5 renders with them.
  private static let folders: [(config: JSON, map: JSON?, text: String)] = [
    ([:], nil, "||||||FalseFalse"),
    (
      ["bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "</s>"], nil,
      "<s>|</s>|<unk>|</s>|||TrueTrue"
    ),
    (
      ["bos_token": nil, "eos_token": ["__type": "AddedToken", "content": "</s>"], "image_token": "<img>"],
      nil,
      "|</s>|||<img>||FalseFalse"
    ),
    (
      [
        "bos_token": "<s>", "extra_special_tokens": ["image_token": "<i>", "fim_pad": "<f>"],
        "additional_special_tokens": ["<a>"],
      ], nil, "<s>||||<i>|<f>|TrueFalse"
    ),
    (["bos_token": "<s>"], ["bos_token": "</s>", "pad_token": ["content": "<p>"]], "</s>|||<p>|||TrueTrue"),
    (["bos_token": "<s>", "added_tokens_decoder": [:]], ["pad_token": "<p>"], "<s>||||||TrueFalse"),
  ]

  @Test(
    "Of a folder's special tokens a template may name each, additional ones too", arguments: folders.indices)
  func folder(index: Int) async throws {
    let (config, map, text) = Self.folders[index]
    var members = try #require(config.objectValue)
    members["chat_template"] = .string(Self.source)
    try await TinyModel.changed(configuration: .object(members)) { folder in
      if let map {
        try Data(map.serialized().utf8).write(to: folder.appending(path: "special_tokens_map.json"))
      }
      let encoder = try PromptEncoder(Checkpoint.open(folder.path()), name: "tiny")
      #expect(try encoder.encode(.messages([.user("x")])).text == text)
    }
  }

  @Test("Of a GGUF file's special tokens a template may name those whose ids it states")
  func gguf() throws {
    var file = TinyGGUF(model: "llama", template: Self.source)
    #expect(try file.encoder().encode(.messages([.user("x")])).text == "<s>|</s>|<unk>||||TrueFalse")
    file.add("tokenizer.ggml.padding_token_id", .number(4))
    #expect(try file.encoder().encode(.messages([.user("x")])).text == "<s>|</s>|<unk>|<|im_end|>|||TrueTrue")
  }

  @Test("Messages for an embedding model are refused by what the model is")
  func embedder() throws {
    let encoder = try TinyGGUF(model: "llama", architecture: "bert", template: nil).encoder()
    #expect(throws: GenerationError.embeddingModel(name: "tiny")) {
      try encoder.encode(.messages([.user("x")]))
    }
  }
}
