import Foundation
import MartletJSON
import Testing

@Suite("martlet template, perplexity and chat", .needs(Models.small))
struct TemplateTests {
  @Test("The prompt is the template's own, with its ids")
  func template() throws {
    let result = try MartletProcess().run(
      "template", "-m", Models.small, "--system", "Be brief.", "Hi", "--json")
    let object = try JSON(parsing: result.text)
    #expect(
      object["text"]?.stringValue
        == "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n")
    #expect(object["token_ids"]?.arrayValue?.first == 1)
    #expect(object["warnings"]?.arrayValue == [])
  }

  @Test("Perplexity is one object with perplexity and tokens")
  func perplexity() throws {
    let text = String(repeating: "The swift flies over the tower in the evening. ", count: 60)
    let result = try MartletProcess(input: Data(text.utf8)).run(
      "perplexity", "-", "-m", Models.small, "--context", "128", "--json")
    #expect(result.status == 0, "\(result.errors)")
    let object = try #require(try JSON(parsing: result.text).objectValue)
    #expect(object.keys == ["perplexity", "tokens"])
    #expect((object["tokens"]?.intValue ?? 0) % 63 == 0)
  }

  @Test("A text shorter than a window ends with 65 and both numbers")
  func shortText() throws {
    let result = try MartletProcess(input: Data("swift".utf8)).run("perplexity", "-", "-m", Models.small)
    #expect(result.status == 65)
    #expect(result.errors.contains("512"))
  }

  @Test("Chat takes messages and commands from a pipe, and saves what template reads")
  func chat() throws {
    try withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("talk.json").path
      let input = "/system Be brief.\nHello\n/save \(path)\n/reset\n/nonsense\n"
      let result = try MartletProcess(input: Data(input.utf8)).run(
        "chat", "-m", Models.small, "--temperature", "0", "--max-tokens", "4")
      #expect(result.status == 0)
      #expect(!result.text.isEmpty && !result.text.contains(">"))
      #expect(result.errors.contains("3 messages written"))
      let roles = try JSON(parsing: String(contentsOfFile: path, encoding: .utf8)).arrayValue?.map {
        $0["role"]
      }
      #expect(roles == ["system", "user", "assistant"])
      let template = try MartletProcess().run("template", "-m", Models.small, "--messages", path)
      #expect(template.status == 0)
    }
  }
}
