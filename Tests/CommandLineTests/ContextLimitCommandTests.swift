import Foundation
import MartletJSON
import MartletTestScope
import Testing

/// The tiny model: a context of 128 tokens, one token for each character, and "<s>" before them.
@Suite("Prompts at the edge of the context", .startsProcesses)
struct ContextLimitCommandTests {
  private func generate(_ prompt: String, _ options: String...) throws -> MartletProcess.Result {
    try MartletProcess().run(
      ["generate", "-m", TinyFolder.path, "--raw", "--json", "--temperature", "0", "--logit-bias", "2=-inf"]
        + options + [prompt])
  }

  /// A text of so many tokens with "<s>".
  private func text(tokens: Int) -> String {
    let letters = Array("abdfgijklmnopqruvwxyz")
    return String((0..<tokens - 1).map { letters[$0 * 5 % letters.count] })
  }

  @Test(
    "A prompt that leaves room for one token gets one; one more is refused with both numbers and what helps")
  func boundary() throws {
    let fitting = try generate(text(tokens: 127))
    let object = try JSON(parsing: fitting.text)
    #expect(object["prompt_tokens"] == 127 && object["completion_tokens"] == 1)
    #expect(object["finish_reason"] == "length" && object["cut_prompt_tokens"] == nil)
    for tokens in [128, 129] {
      let result = try generate(text(tokens: tokens))
      #expect(result.status == 64 && result.output.isEmpty)
      #expect(result.errors.contains("has \(tokens) tokens") && result.errors.contains("holds 128"))
      #expect(result.errors.contains("--overflow cut-start"), "\(result.errors)")
    }
  }

  @Test("--overflow cuts the middle or the start as it says, reports how much, and goes on with the rest")
  func cut() throws {
    let whole = text(tokens: 200)
    // Four tokens are kept for the answer: 124 of 200 are left, "<s>" among them.
    let ways = [
      ("cut-middle", whole.prefix(61) + whole.suffix(62)), ("cut-start", whole.prefix(0) + whole.suffix(123)),
    ]
    for (way, rest) in ways {
      let result = try generate(whole, "-n", "4", "--overflow", way)
      let object = try JSON(parsing: result.text)
      #expect(object["prompt_tokens"] == 124 && object["cut_prompt_tokens"] == 76, "\(way)")
      #expect(result.errors.contains("76 of its tokens were cut"), "\(result.errors)")
      let shorter = try generate(String(rest), "-n", "4")
      #expect(try JSON(parsing: shorter.text)["token_ids"] == object["token_ids"], "\(way)")
      #expect(!shorter.errors.contains("cut"))
    }
  }

  @Test("Nothing is cut from a prompt that fits", arguments: ["cut-middle", "cut-start"])
  func uncut(way: String) throws {
    let result = try generate(text(tokens: 127), "-n", "4", "--overflow", way)
    let object = try JSON(parsing: result.text)
    #expect(object["prompt_tokens"] == 127 && object["cut_prompt_tokens"] == nil)
    #expect(!result.errors.contains("cut"), "\(result.errors)")
  }

  private let template = "{% for m in messages %}[{{ m.content }}]{% endfor %}"

  @Test(
    "A chat from a pipe whose conversation outgrows the context ends with 64, after the answers before it")
  func chatFromPipe() throws {
    try TinyFolder.with(["chat_template.jinja": template]) { folder in
      let input = "\(text(tokens: 60))\n\(text(tokens: 80))\nthe\n"
      let result = try MartletProcess(input: Data(input.utf8)).run(
        "chat", "-m", folder, "--temperature", "0", "-n", "4")
      #expect(result.status == 64)
      #expect(result.errors.contains("the context holds 128"), "\(result.errors)")
      #expect(result.text.split(separator: "\n", omittingEmptySubsequences: false).count == 2)
    }
  }
}
