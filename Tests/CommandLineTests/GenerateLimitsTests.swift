import Foundation
import MartletCheckpoints
import MartletJSON
import Testing

@testable import MartletCommandLine

/// The models of the tests' own cache, whatever a test sets MARTLET_HOME to.
enum ModelsOfTests {
  static let folder = Places.models
}

@Suite("What generate may take, and how it is stopped", .serialized, .needs(Models.small))
struct GenerateLimitsTests {
  @Test(
    "Peak memory at a prompt of 512 tokens is at most 1.3 times the file and 60 MB",
    arguments: [Models.small, "qwen2.5-coder-0.5b-instruct"].filter(Models.has))
  func memory(model: String) throws {
    let prompt = "swift" + String(repeating: " swift", count: 511)
    let result = try MartletProcess().run(
      "generate", "-m", model, "--raw", "--json", "--temperature", "0", "-n", "8", prompt)
    let object = try JSON(parsing: result.text)
    #expect((object["prompt_tokens"]?.intValue ?? 0) >= 512, "\(result.errors)")
    let file = URL(fileURLWithPath: "\(Places.models)/\(model)/model.gguf")
    let size = try #require(try file.resourceValues(forKeys: [.fileSizeKey]).fileSize)
    let peak = try #require(object["peak_memory_bytes"]?.intValue)
    #expect(Double(peak) <= 1.3 * Double(size) + 60e6, "\(peak) bytes for a file of \(size)")
  }

  @Test("Ctrl-C in the middle of an answer ends with 130, and what was written stays")
  func interruption() throws {
    let result = try MartletProcess().interrupt([
      "generate", "-m", Models.small, "--temperature", "0", "--ignore-eos", "-n", "4000",
      "Tell me of the sea.",
    ])
    #expect(result.status == 130)
    #expect(!result.output.isEmpty)
    #expect(result.errors.contains("Interrupted."))
  }

  @Test("--system stands before messages that have no instructions, and gives way with a warning")
  func systemForMessages() throws {
    let question = #"{"role": "user", "content": "Who are you?"}"#
    let lines = [
      #"{"messages": [\#(question)]}"#,
      #"{"messages": [{"role": "system", "content": "Be brief."}, \#(question)]}"#,
    ]
    let result = try MartletProcess(input: Data(lines.joined(separator: "\n").utf8)).run(
      "generate", "-m", Models.small, "--format", "jsonl", "--temperature", "0", "-n", "2", "--system",
      "You are a naturalist who knows swifts, martins, swallows and all that flies.")
    #expect(result.status == 0, "\(result.errors)")
    let counts = try result.text.split(separator: "\n").map {
      try JSON(parsing: String($0))["prompt_tokens"]?.intValue ?? 0
    }
    #expect(counts.count == 2 && counts[0] > counts[1])
    #expect(result.errors.contains("Line 2:") && result.errors.contains("--system"))
    #expect(!result.errors.contains("Line 1:"))
  }
}
