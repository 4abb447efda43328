import Foundation
import MartletJSON
import Testing

@Suite("martlet embed and tokens", .needs(Models.embedder))
struct FilterTests {
  private func embed(_ input: String, _ arguments: String...) throws -> MartletProcess.Result {
    try MartletProcess(input: Data(input.utf8)).run(
      ["embed", "-m", Models.embedder, "--format", "jsonl"] + arguments)
  }

  @Test("Each record comes back in order with an embedding, its other members as they were")
  func embedding() throws {
    let input = (0..<600).map { #"{"id":\#($0).0, "text": "number \#($0)", "π": "\u00e9"}"# }
    let result = try embed(input.joined(separator: "\n"))
    #expect(result.status == 0, "\(result.errors)")
    let lines = result.text.split(separator: "\n")
    #expect(lines.count == 600)
    for (index, line) in lines.enumerated() {
      #expect(
        line.hasPrefix(#"{"id":\#(index).0, "text": "number \#(index)", "π": "\u00e9", "embedding": ["#)
          || line.hasPrefix(#"{"id":\#(index).0,"text":"number \#(index)","π":"\u00e9","embedding":["#))
    }
    let vector = try JSON(parsing: String(lines[0]))["embedding"]?.arrayValue ?? []
    #expect(vector.count == 384)
    #expect(abs(vector.reduce(0) { $0 + ($1.doubleValue ?? 0) * ($1.doubleValue ?? 0) } - 1) < 1e-4)
  }

  @Test("A text beyond the limit is cut, marked, and summed up in one warning")
  func truncation() throws {
    let long = String(repeating: "swift ", count: 300)
    let result = try embed("{\"text\": \"short\"}\n{\"text\": \"\(long)\"}\n{\"text\": \"\(long)\"}\n")
    #expect(result.status == 0)
    let marks = try result.text.split(separator: "\n").map { try JSON(parsing: String($0))["truncated"] }
    #expect(marks == [nil, true, true])
    #expect(result.errors.split(separator: "\n").count == 1)
    #expect(result.errors.contains("2 of 3 texts") && result.errors.contains("256"))
  }

  @Test("--overflow error refuses such a text with its line and 65")
  func refusal() throws {
    let long = String(repeating: "swift ", count: 300)
    let result = try embed("{\"text\": \"short\"}\n{\"text\": \"\(long)\"}\n", "--overflow", "error")
    #expect(result.status == 65)
    #expect(
      result.errors.contains("line 2") && result.errors.contains("302") && result.errors.contains("256"))
  }

  @Test(
    "A malformed line stops with its number and 65, after the lines before it",
    arguments: [
      "{\"text\": 3}", "{\"txt\": \"a\"}", "[1]", "{\"text\": \"a\"", "\u{0}",
    ])
  func malformed(_ line: String) throws {
    for command in ["embed", "tokens"] {
      let result = try MartletProcess(input: Data("{\"text\": \"a\"}\n\(line)\n{\"text\": \"b\"}\n".utf8))
        .run(
          command, "-m", Models.embedder, "--format", "jsonl")
      #expect(result.status == 65)
      #expect(result.text.split(separator: "\n").count == 1)
      #expect(result.errors.contains("line 2"))
    }
  }

  @Test("-o writes NumPy's format")
  func numPy() throws {
    try withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("v.npy").path
      let result = try MartletProcess().run("embed", "-m", Models.embedder, "-o", path, "a", "b")
      #expect(result.status == 0 && result.output.isEmpty)
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      #expect(bytes.count == 128 + 2 * 384 * 4)
    }
  }

  @Test("Special tokens are added and recognised only when asked for")
  func tokens() throws {
    func ids(_ arguments: String...) throws -> [Int] {
      let process = MartletProcess(input: Data("{\"text\": \"[MASK] swift\"}\n".utf8))
      let result = try process.run(["tokens", "-m", Models.embedder, "--format", "jsonl"] + arguments)
      return try JSON(parsing: result.text)["ids"]?.arrayValue?.compactMap(\.intValue) ?? []
    }
    let plain = try ids()
    #expect(!plain.contains(103) && plain.first != 101)
    #expect(try ids("--special") == [101] + plain + [102])
    #expect(try ids("--parse-special").first == 103)
  }
}
