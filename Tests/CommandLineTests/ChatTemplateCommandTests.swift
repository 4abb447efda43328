import Foundation
import MartletJSON
import MartletTestScope
import Testing

@Suite("Chat templates through the commands", .startsProcesses)
struct ChatTemplateCommandTests {
  private let turns = "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}[assistant]"

  @Test("chat refuses a model without a chat template before anything is typed, with 64 and what it can do")
  func chatWithoutTemplate() throws {
    for input in ["", "Hello\n"] {
      let result = try MartletProcess(input: Data(input.utf8)).run("chat", "-m", TinyFolder.path)
      #expect(result.status == 64)
      #expect(result.errors.contains("has no chat template"), "\(result.errors)")
      #expect(result.errors.contains("martlet generate --raw"))
      #expect(result.output.isEmpty)
    }
  }

  @Test("generate and template refuse it too, with messages also; --raw takes it")
  func generateWithoutTemplate() throws {
    let records = [
      #"{"prompt": "the"}"#, #"{"messages": [{"role": "user", "content": "the"}]}"#,
    ]
    for record in records {
      let result = try MartletProcess(input: Data(record.utf8)).run(
        "generate", "-m", TinyFolder.path, "--format", "jsonl")
      #expect(result.status == 65)
      #expect(result.errors.contains("line 1") && result.errors.contains("has no chat template"))
    }
    for command in ["generate", "template"] {
      let result = try MartletProcess().run(command, "-m", TinyFolder.path, "Hi")
      #expect(result.status == 64 && result.output.isEmpty)
      #expect(result.errors.contains("has no chat template"), "\(result.errors)")
    }
    #expect(
      try MartletProcess().run("generate", "-m", TinyFolder.path, "--raw", "-n", "2", "the").status == 0)
  }

  @Test("ask refuses it as well, once there is something to answer from", .needs(Models.embedder))
  func askWithoutTemplate() throws {
    try withLibraryPlace { place in
      try place.write("swifts.txt", "The common swift sleeps on the wing, and lands only to nest.\n")
      #expect(try place.run("index", place.documents.path).status == 0)
      let result = try place.run("ask", "Where does the common swift sleep?", "-m", TinyFolder.path)
      #expect(result.status == 64, "\(result.text)")
      #expect(result.errors.contains("has no chat template"), "\(result.errors)")
    }
  }

  @Test("A template that lies in a file of its own is rendered in place of the configuration's")
  func ownFile() throws {
    let configuration = #"{"bos_token": "<s>", "eos_token": "</s>", "chat_template": "configuration"}"#
    let files = ["chat_template.jinja": turns, "tokenizer_config.json": configuration]
    try TinyFolder.with(files) { folder in
      let result = try MartletProcess().run(
        "template", "-m", folder, "--system", "Be brief.", "Hi", "--json")
      #expect(try JSON(parsing: result.text)["text"] == "[system]Be brief.[user]Hi[assistant]")
      let chat = try MartletProcess(input: Data("Hi\n".utf8)).run(
        "chat", "-m", folder, "-n", "4", "--seed", "1")
      #expect(chat.status == 0, "\(chat.errors)")
    }
  }

  @Test(
    "With --tools the template for tools is rendered; without them, and without such a template, it is not")
  func tools() throws {
    let files = [
      "chat_template.jinja": turns,
      "additional_chat_templates/tool_use.jinja": "{{ tools[0].function.name }}",
      "tools.json": #"[{"type": "function", "function": {"name": "get_weather"}}]"#,
    ]
    try TinyFolder.with(files) { folder in
      let plain = try MartletProcess().run("template", "-m", folder, "Hi", "--json")
      #expect(try JSON(parsing: plain.text)["text"] == "[user]Hi[assistant]")
      let arguments = ["template", "-m", folder, "--tools", "\(folder)/tools.json", "Hi", "--json"]
      let told = try MartletProcess().run(arguments)
      #expect(try JSON(parsing: told.text)["text"] == "get_weather")
      #expect(told.errors.isEmpty)
      try FileManager.default.removeItem(atPath: "\(folder)/additional_chat_templates")
      let deaf = try MartletProcess().run(arguments)
      let object = try JSON(parsing: deaf.text)
      #expect(object["text"] == "[user]Hi[assistant]" && object["warnings"]?.arrayValue?.count == 1)
      #expect(deaf.errors.contains("no place for tools"), "\(deaf.errors)")
    }
  }

  @Test("A beginning that stands twice is warned of by each command, and shown with its ids")
  func doubleBeginning() throws {
    let twice = "2 times"
    try TinyFolder.with(["chat_template.jinja": "{{ bos_token }}{{ bos_token }}" + turns]) { folder in
      let template = try MartletProcess().run("template", "-m", folder, "Hi", "--json")
      let object = try JSON(parsing: template.text)
      #expect(object["token_ids"]?.arrayValue?.prefix(3).compactMap(\.intValue).count { $0 == 1 } == 2)
      #expect(object["warnings"]?[0]?.stringValue?.contains(twice) == true)
      #expect(template.errors.contains(twice))
      let generate = ["generate", "-m", folder, "-n", "2"]
      for arguments in [generate + ["Hi"], generate + ["--json", "Hi"]] {
        let result = try MartletProcess().run(arguments)
        #expect(result.status == 0 && result.errors.contains(twice), "\(result.errors)")
        #expect(!result.text.contains(twice))
      }
      let lines = try MartletProcess(input: Data(#"{"prompt": "Hi"}"#.utf8)).run(
        generate + ["--format", "jsonl"])
      #expect(lines.errors.contains("Line 1:") && lines.errors.contains(twice))
      let chat = try MartletProcess(input: Data("Hi\n".utf8)).run("chat", "-m", folder, "-n", "2")
      #expect(chat.errors.contains(twice))
    }
    try TinyFolder.with(["chat_template.jinja": "{{ bos_token }}" + turns]) { folder in
      let template = try MartletProcess().run("template", "-m", folder, "Hi", "--json")
      let object = try JSON(parsing: template.text)
      #expect(object["token_ids"]?.arrayValue?.compactMap(\.intValue).count { $0 == 1 } == 1)
      #expect(object["warnings"] == [] && template.errors.isEmpty)
    }
  }
}

/// `Tests/GenerationTests/Reference/chat.py` asked transformers.
@Suite("The default models' prompts are transformers', to the letter and to the id", .startsProcesses)
struct PromptParityTests {
  @Test(
    "With instructions and without, over several turns, and with tools",
    arguments: [Models.small, "qwen2.5-coder-0.5b-instruct"].filter(Models.has))
  func prompts(model: String) throws {
    let file = MartletProcess.packageRoot.appendingPathComponent("Tests/GenerationTests/Reference/chat.json")
    let reference = try JSON(parsing: [UInt8](Data(contentsOf: file)))
    let cases = try #require(reference["models"]?[model]?.arrayValue)
    #expect(cases.count >= 11)
    try withTemporaryFolder { folder in
      let (messages, tools) = (
        folder.appendingPathComponent("messages.json"), folder.appendingPathComponent("tools.json")
      )
      for record in cases {
        var arguments = ["template", "-m", model, "--json", "--messages", messages.path]
        try Data((record["messages"] ?? .null).serialized().utf8).write(to: messages)
        if let list = record["tools"], list != .null {
          try Data(list.serialized().utf8).write(to: tools)
          arguments += ["--tools", tools.path]
        }
        let result = try MartletProcess().run(arguments)
        let name = record["messages"]?.serialized() ?? ""
        guard let text = record["text"]?.stringValue else {
          // The template itself fails, there as here.
          #expect(result.status == 65 && result.output.isEmpty, "\(name)")
          continue
        }
        let object = try JSON(parsing: result.text)
        #expect(object["text"]?.stringValue.map { Array($0.utf8) } == Array(text.utf8), "\(name)")
        #expect(object["token_ids"] == record["ids"], "\(name)")
      }
    }
  }
}

@Suite("An answer ends by itself", .startsProcesses)
struct AnswerEndTests {
  @Test(
    "At the end of the model's turn, long before the limit, with the reason ‘stop’",
    arguments: [Models.small, "qwen2.5-coder-0.5b-instruct"].filter(Models.has))
  func turn(model: String) throws {
    let result = try MartletProcess().run(
      "generate", "-m", model, "--temperature", "0", "-n", "600", "--json", "Say hello.")
    let object = try JSON(parsing: result.text)
    #expect(object["finish_reason"] == "stop", "\(result.errors)")
    #expect((object["completion_tokens"]?.intValue ?? 600) < 200)
    let text = try #require(object["text"]?.stringValue)
    #expect(text.contains("Hello") && !text.contains("<|im_end|>") && !text.contains("<|endoftext|>"))
  }

  @Test("In a chat too, which says so where the limit ends it instead", .needs(Models.small))
  func chat() throws {
    let chat = MartletProcess(input: Data("Say hello.\n".utf8))
    let arguments = ["chat", "-m", Models.small, "--temperature", "0", "-n"]
    let whole = try chat.run(arguments + ["600"])
    #expect(whole.status == 0 && whole.text.contains("Hello"))
    #expect(!whole.errors.contains("limit of tokens"), "\(whole.errors)")
    #expect(!whole.text.contains("<|im_"))
    let limited = try chat.run(arguments + ["2"])
    #expect(limited.errors.contains("limit of tokens"))
  }
}
