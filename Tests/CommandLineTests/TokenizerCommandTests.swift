import Foundation
import MartletJSON
import MartletTestScope
import Testing

@Suite("tokenizer train", .startsProcesses)
struct TokenizerCommandTests {
  private func run(_ arguments: [String], input: String = "") throws -> MartletProcess.Result {
    try MartletProcess(input: Data(input.utf8)).run(["tokenizer", "train"] + arguments)
  }

  @Test("It writes a tokenizer, and says what it learned")
  func train() throws {
    try withTemporaryFolder { folder in
      let text = folder.appendingPathComponent("text.txt").path
      try Data("a swift and a swallow\nand a martlet\n".utf8).write(to: URL(fileURLWithPath: text))
      let output = folder.appendingPathComponent("new/tokenizer").path
      let result = try run([text, "--vocab-size", "265", "--special", "<s>", "-o", output, "--json"])
      #expect(result.status == 0, "\(result.errors)")
      let object = try JSON(parsing: result.text)
      #expect(object["tokens"] == 265 && object["merges"] == 8 && object["special"] == ["<s>"])
      #expect(object["bytes"] == 36 && object["output"] == .string(output))
      let file = try JSON(
        parsing: [UInt8](Data(contentsOf: URL(fileURLWithPath: output + "/tokenizer.json"))))
      #expect(file["model"]?["vocab"]?["<s>"] == 0)
      let configuration = try JSON(
        parsing: [UInt8](Data(contentsOf: URL(fileURLWithPath: output + "/tokenizer_config.json"))))
      #expect(configuration["eos_token"] == "<s>")
      #expect(try FileManager.default.contentsOfDirectory(atPath: output).count == 2)

      let again = try run([text, "--vocab-size", "265", "-o", output])
      #expect(again.status == 64 && again.errors.contains("--force"))
      #expect(try run([text, "--vocab-size", "265", "-o", output, "--force"]).status == 0)
    }
  }

  @Test("A small text gives fewer tokens, and a warning")
  func small() throws {
    try withTemporaryFolder { folder in
      let result = try run(["-", "--vocab-size", "9000", "-o", folder.path, "--json"], input: "a b a b\n")
      #expect(result.status == 0 && result.errors.contains("not 9000"), "\(result.errors)")
    }
  }

  @Test("What cannot be learned from is named, and nothing is written")
  func errors() throws {
    try withTemporaryFolder { folder in
      let output = folder.appendingPathComponent("tokenizer").path
      let broken = folder.appendingPathComponent("broken.txt")
      try Data([0x61, 0x0A, 0x62, 0xFF, 0x0A]).write(to: broken)
      let empty = folder.appendingPathComponent("empty.txt")
      try Data().write(to: empty)
      let cases: [([String], Int32, String)] = [
        ([broken.path, "--vocab-size", "300", "-o", output], 65, "at byte 3"),
        ([empty.path, "--vocab-size", "300", "-o", output], 65, "is empty"),
        ([folder.path, "--vocab-size", "300", "-o", output], 66, "directory"),
        (["no-such-file", "--vocab-size", "300", "-o", output], 66, "no-such-file"),
        ([empty.path, "--vocab-size", "200", "-o", output], 64, "are 257"),
        ([empty.path, "-o", output], 64, "--vocab-size"), ([empty.path, "--vocab-size", "300"], 64, "-o"),
      ]
      for (arguments, status, message) in cases {
        let result = try run(arguments)
        #expect(result.status == status && result.errors.contains(message), "\(result.errors)")
      }
      #expect(!FileManager.default.fileExists(atPath: output))
    }
  }
}
