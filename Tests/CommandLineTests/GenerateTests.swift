import Foundation
import MartletJSON
import Testing

@Suite("martlet generate", .needs(Models.small))
struct GenerateTests {
  private let base = ["generate", "-m", Models.small, "--temperature", "0"]

  @Test("--json prints one object with exactly the documented members, in their order")
  func members() throws {
    let result = try MartletProcess().run(base + ["--json", "--max-tokens", "8", "Name a bird."])
    #expect(result.status == 0, "\(result.errors)")
    let object = try #require(try JSON(parsing: result.text).objectValue)
    #expect(
      object.keys == [
        "text", "token_ids", "completion_tokens", "prompt_tokens", "finish_reason", "load_seconds",
        "prompt_seconds",
        "completion_seconds", "peak_memory_bytes", "sampling",
      ])
    #expect(object["token_ids"]?.arrayValue?.count == object["completion_tokens"]?.intValue)
    #expect(["stop", "length"].contains(object["finish_reason"]?.stringValue))
    #expect((object["peak_memory_bytes"]?.intValue ?? 0) > 50_000_000)
  }

  @Test("--ignore-eos generates exactly --max-tokens, and the reason is length")
  func ignoresEnd() throws {
    let result = try MartletProcess().run(
      base + ["--json", "--ignore-eos", "--raw", "--max-tokens", "40", "The end.<|im_end|>"])
    let object = try JSON(parsing: result.text)
    #expect(object["completion_tokens"] == 40)
    #expect(object["finish_reason"] == "length")
  }

  @Test("Text, JSON and JSON lines give the same completion; a stop text is not part of it")
  func sameCompletion() throws {
    let options = ["--max-tokens", "12"]
    let text = try MartletProcess().run(base + options + ["Count to ten."])
    let json = try MartletProcess().run(base + options + ["--json", "Count to ten."])
    let completion = try #require(try JSON(parsing: json.text)["text"]?.stringValue)
    #expect(text.text == completion + "\n")
    let lines = MartletProcess(input: Data(#"{"prompt": "Count to ten."}"#.utf8))
    let record = try JSON(parsing: try lines.run(base + options + ["--format", "jsonl"]).text)
    #expect(record["completion"]?.stringValue == completion)
  }

  @Test("A stop text ends the completion before it")
  func stop() throws {
    let options = base + ["--max-tokens", "12", "--json"]
    let whole = try MartletProcess().run(options + ["Count to ten."])
    let completion = try #require(try JSON(parsing: whole.text)["text"]?.stringValue)
    let word = try #require(completion.split(separator: " ").dropFirst(2).first)
    let stopped = try MartletProcess().run(options + ["--stop", String(word), "Count to ten."])
    let object = try JSON(parsing: stopped.text)
    #expect(object["finish_reason"] == "stop")
    #expect(object["text"]?.stringValue?.contains(word) == false)
    #expect(completion.hasPrefix(object["text"]?.stringValue ?? "?"))
  }

  @Test("JSON lines come back in order, with their own members first and untouched")
  func lines() throws {
    let input = (0..<9).map { #"{"n": \#($0).50, "prompt": "Say \#($0)", "more": {"a":[1 ,2]}}"# }
    let process = MartletProcess(input: Data((input.joined(separator: "\n") + "\n").utf8))
    let result = try process.run(base + ["--format", "jsonl", "--parallel", "4", "--max-tokens", "3"])
    #expect(result.status == 0, "\(result.errors)")
    let lines = result.text.split(separator: "\n")
    #expect(lines.count == 9)
    for (index, line) in lines.enumerated() {
      #expect(line.hasPrefix(String(input[index].dropLast()) + ", \"completion\": "))
      let keys = try JSON(parsing: String(line)).objectValue?.keys.suffix(5)
      #expect(
        keys.map(Array.init)
          == ["completion", "token_ids", "finish_reason", "prompt_tokens", "completion_tokens"])
    }
  }

  @Test("A malformed line stops with its number and 65, after the lines before it")
  func malformed() throws {
    let input = "{\"prompt\": \"Hi\"}\n{\"prompt\": \n{\"prompt\": \"Ho\"}\n"
    let result = try MartletProcess(input: Data(input.utf8)).run(
      base + ["--format", "jsonl", "--max-tokens", "2"])
    #expect(result.status == 65)
    #expect(result.text.split(separator: "\n").count == 1)
    #expect(result.errors.contains("line 2"))
  }

  @Test("A prompt beyond the context is refused with both numbers, or cut and said so")
  func overflow() throws {
    let prompt = String(repeating: "swift ", count: 300)
    let refused = try MartletProcess().run(base + ["--context", "64", "--raw", "--max-tokens", "2", prompt])
    #expect(refused.status == 64)
    #expect(refused.errors.contains("64") && refused.errors.contains("30"))
    #expect(refused.output.isEmpty)
    let cut = try MartletProcess().run(
      base + ["--context", "64", "--raw", "--max-tokens", "2", "--overflow", "cut-start", prompt])
    #expect(cut.status == 0)
    #expect(cut.errors.contains("were cut"))
    let counted = try MartletProcess().run(
      base + ["--context", "64", "--raw", "--max-tokens", "2", "--overflow", "cut-start", "--json", prompt])
    let object = try JSON(parsing: counted.text)
    let (kept, missing) = (object["prompt_tokens"]?.intValue ?? 0, object["cut_prompt_tokens"]?.intValue ?? 0)
    #expect(kept <= 62 && kept + missing >= 300)
  }

  @Test("A text that ends because the context is full says so, unless it has the length that was asked for")
  func fullContext() throws {
    let arguments = base + ["--context", "32", "--raw"]
    for more in [[], ["--json"], ["--max-tokens", "100"]] {
      let full = try MartletProcess().run(arguments + more + ["1, 2, 3, 4,"])
      #expect(full.status == 0)
      #expect(full.errors.contains("The context is full after"), "\(full.errors)")
    }
    let lines = try MartletProcess(input: Data("{\"prompt\": \"1, 2, 3, 4,\"}\n".utf8)).run(
      arguments + ["--format", "jsonl"])
    #expect(lines.errors.contains("Line 1: The context is full after"), "\(lines.errors)")
    let asked = try MartletProcess().run(arguments + ["--max-tokens", "3", "1, 2, 3, 4,"])
    #expect(!asked.errors.contains("context is full"))
  }

  @Test("‘-’ and a pipe read the prompt from standard input")
  func standardInput() throws {
    let direct = try MartletProcess().run(base + ["--max-tokens", "3", "Name a bird."])
    for arguments in [["-"], []] {
      let piped = try MartletProcess(input: Data("Name a bird.\n".utf8)).run(
        base + ["--max-tokens", "3"] + arguments)
      #expect(piped.text == direct.text)
    }
  }

  @Test("A seed makes the draws repeatable")
  func seed() throws {
    let arguments = [
      "generate", "-m", Models.small, "--seed", "7", "--max-tokens", "12", "Tell me of the sea.",
    ]
    #expect(try MartletProcess().run(arguments).text == MartletProcess().run(arguments).text)
  }

  @Test("A model that is nowhere ends with 66 and names the commands that help")
  func missingModel() throws {
    let result = try MartletProcess().run("generate", "-m", "no-such-model", "Hi")
    #expect(result.status == 66)
    #expect(result.errors.contains("martlet models"))
  }
}
