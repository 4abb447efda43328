import Foundation
import MartletCheckpoints
import MartletJSON
import MartletJinja
import MartletLanguageModels
import Testing

@testable import MartletGeneration

@Suite("Chat templates are found, chosen and rendered as transformers does")
struct ChatTemplateTests {
  private static let weather: JSON = [["type": "function", "function": ["name": "get_weather"]]]

  @Test("Of a folder's files the template is taken that transformers takes, with tools and without")
  func folders() async throws {
    let cases = try ChatReference.list(ChatReference.read()["folders"])
    #expect(cases.count >= 13)
    for record in cases {
      let files = try #require(record["files"]?.objectValue)
      // Not the tiny model's own configuration, which the reference has not got.
      try await TinyModel.changed(configuration: [:]) { folder in
        for (name, text) in files {
          let url = folder.appending(path: name)
          try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
          let text = try #require(text.stringValue)
          try Data(text.utf8).write(to: url)
        }
        let templates = try Checkpoint.open(folder.path()).chatTemplates
        #expect(templates.template(forTools: false) == record["plain"]?.stringValue, "\(files)")
        #expect(templates.template(forTools: true) == record["tools"]?.stringValue, "\(files)")
      }
    }
  }

  @Test("A processor's chat_template.json stands after chat_template.jinja and before tokenizer_config.json")
  func processor() async throws {
    try await TinyModel.changed(configuration: ["chat_template": "config"]) { folder in
      try Data(#"{"chat_template": "processor"}"#.utf8).write(
        to: folder.appending(path: "chat_template.json"))
      #expect(try Checkpoint.open(folder.path()).chatTemplates.standard == "processor")
      try Data("jinja".utf8).write(to: folder.appending(path: "chat_template.jinja"))
      #expect(try Checkpoint.open(folder.path()).chatTemplates.standard == "jinja")
    }
  }

  @Test("Null members, missing tools and special tokens reach a template as in transformers")
  func rendering() throws {
    for record in try ChatReference.list(ChatReference.read()["templates"]) {
      let source = try #require(record["template"]?.stringValue)
      let template = try ChatTemplate(source: source, beginningToken: "<s>", endToken: "</s>")
      let tools = record["tools"] == .null ? nil : record["tools"]
      let text = try template.render(messages: ChatReference.messages(record["messages"]), tools: tools)
      #expect(text == record["text"]?.stringValue, "\(source)")
    }
  }

  @Test(
    "The default models' files hold the templates that the conversations of the Jinja tests are rendered with",
    arguments: ["smollm2-135m-instruct", "qwen2.5-coder-0.5b-instruct"].filter(Cache.has))
  func sameTemplates(model: String) throws {
    let path = "../JinjaTests/Fixtures/templates/\(model).jinja"
    let fixture = try Data(contentsOf: ChatReference.tests.appending(path: path).standardized)
    let own = try #require(Checkpoint.open(Cache.path(model)).chatTemplates.standard)
    #expect(Array(own.utf8) == Array(fixture))
  }

  @Test(
    "A GGUF file's template for tools is chosen where there are tools, and where there are none it is not")
  func ggufTools() throws {
    var file = TinyGGUF(model: "llama", template: "plain")
    file.add("tokenizer.chat_template.tool_use", .string("tools:{{ tools | length }}"))
    file.add("tokenizer.chat_template.rag", .string("rag"))
    let encoder = try file.encoder()
    func text(_ tools: JSON?) throws -> String? {
      try encoder.encode(.messages([.user("Hi")], tools: tools)).text
    }
    #expect(try text(nil) == "plain")
    #expect(try text(.null) == "plain")
    #expect(try text(Self.weather) == "tools:1")
    // transformers too asks only whether a list was given.
    #expect(try text([]) == "tools:0")
  }

  @Test("A template of the name default in a GGUF file is the standard one; one for a purpose is not")
  func ggufNames() throws {
    var file = TinyGGUF(model: "llama", template: nil)
    file.add("tokenizer.chat_template.tool_use", .string("tools"))
    let conversation = Prompt.messages([.user("Hi")])
    let error = #expect(throws: GenerationError.self) { try file.encoder().encode(conversation) }
    #expect(error == .noChatTemplate(model: "tiny", named: ["tool_use"]))
    #expect(error?.description.contains("tool_use") == true)
    #expect(try file.encoder().encode(.messages([.user("Hi")], tools: Self.weather)).text == "tools")
    file.add("tokenizer.chat_template.default", .string("standard"))
    #expect(try file.encoder().encode(conversation).text == "standard")
  }

  @Test("A template for tools that is malformed does not matter to conversations without tools")
  func malformedToolTemplate() throws {
    var file = TinyGGUF(model: "llama", template: "plain")
    file.add("tokenizer.chat_template.tool_use", .string("{% if %}"))
    let encoder = try file.encoder()
    #expect(try encoder.encode(.messages([.user("Hi")])).text == "plain")
    #expect(throws: TemplateError.self) { try encoder.encode(.messages([.user("Hi")], tools: Self.weather)) }
  }

  @Test("Tools that a template has no place for are warned of; those that it lists are not")
  func ignoredTools() throws {
    let deaf = try TinyGGUF(model: "llama", template: "{{ messages[0].content }}").encoder()
    let listing = try TinyGGUF(model: "llama", template: "{% for t in tools or [] %}{{ t.type }}{% endfor %}")
      .encoder()
    let prompt = Prompt.messages([.user("a")], tools: Self.weather)
    #expect(try deaf.encode(prompt).warnings.first?.contains("no place for tools") == true)
    #expect(try deaf.encode(.messages([.user("a")])).warnings.isEmpty)
    #expect(try deaf.encode(.messages([.user("a")], tools: [])).warnings.isEmpty)
    #expect(try listing.encode(prompt).warnings.isEmpty)
  }

  @Test("A conversation of no messages is refused, as transformers refuses it")
  func nothingSaid() throws {
    let encoder = try TinyGGUF(model: "llama", template: "a").encoder()
    #expect(throws: GenerationError.emptyPrompt) { try encoder.encode(.messages([])) }
  }
}
