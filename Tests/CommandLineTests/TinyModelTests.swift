import Foundation
import MartletJSON
import MartletTestScope
import Testing

/// Commands with the tiny model of the fixtures, a Hugging Face folder, which needs nothing to be pulled.
@Suite("Commands with a safetensors folder", .startsProcesses)
struct TinyModelTests {
  private let folder = TinyFolder.path
  private var generate: [String] { ["generate", "-m", folder, "--raw", "--temperature", "0"] }

  private func lines(_ records: [String], _ arguments: [String]) throws -> MartletProcess.Result {
    try MartletProcess(input: Data((records.joined(separator: "\n") + "\n").utf8)).run(
      generate + ["--format", "jsonl"] + arguments)
  }

  @Test("generate runs the folder from end to end")
  func endToEnd() throws {
    let result = try MartletProcess().run(generate + ["--json", "--ignore-eos", "-n", "8", "the swift"])
    #expect(result.status == 0, "\(result.errors)")
    let object = try JSON(parsing: result.text)
    #expect(object["completion_tokens"] == 8)
    // "<s>", "the", and six characters.
    #expect(object["prompt_tokens"] == 8)
  }

  private static let bert = MartletProcess.packageRoot.appendingPathComponent(
    "Tests/TransformersTests/Fixtures/bert"
  ).path

  @Test(
    "A command names the kind of model that it needs, with 64",
    arguments: [
      ["embed", "-m", TinyFolder.path, "x"], ["db", "create", "x", "--embedder", TinyFolder.path],
      ["generate", "-m", bert, "x"], ["generate", "--raw", "-m", bert, "x"], ["chat", "-m", bert],
      ["perplexity", "-m", bert, "-"],
    ])
  func wrongKind(arguments: [String]) throws {
    let result = try withTemporaryFolder { folder in
      try MartletProcess(environment: ["MARTLET_STORE": folder.path]).run(arguments)
    }
    #expect(result.status == 64)
    let command = arguments[0] == "db" ? "db create" : arguments[0]
    let isEmbedding = ["embed", "db"].contains(arguments[0])
    let (kind, other) =
      isEmbedding
      ? ("a generating", "an embedding model, such as all-minilm-l6-v2")
      : ("an embedding", "a generating model, such as qwen2.5-coder-0.5b-instruct")
    #expect(result.errors.contains("is \(kind) model; \(command) needs \(other)."), "\(result.errors)")
  }

  @Test(
    "A setting that is not known is warned of once, and one that is not followed is refused with its value")
  func settings() throws {
    let file = TinyFolder.url.appendingPathComponent("config.json")
    let config = try String(contentsOf: file, encoding: .utf8)
    func changed(_ member: String) -> [String: String] {
      ["config.json": config.replacingOccurrences(of: "{\n", with: "{\n  \(member),\n", options: .anchored)]
    }
    try TinyFolder.with(changed(#""made_up": 1"#)) { folder in
      let result = try MartletProcess().run("generate", "--raw", "-m", folder, "-n", "1", "the")
      #expect(result.status == 0)
      #expect(result.errors.components(separatedBy: "\"made_up\"").count == 2, "\(result.errors)")
      #expect(try MartletProcess().run("models", folder).text.contains("\"made_up\""))
    }
    try TinyFolder.with(changed(#""logit_scale": 0.5"#)) { folder in
      let result = try MartletProcess().run("generate", "--raw", "-m", folder, "-n", "1", "the")
      #expect(
        result.status == 65 && result.errors.contains("sets \"logit_scale\" to 0.5"), "\(result.errors)")
      #expect(try MartletProcess().run("models", folder, "--json").text.contains("\"runs\":false"))
    }
  }

  @Test("Without --raw, a model without a chat template is refused with 64 and the way out")
  func noTemplate() throws {
    let result = try MartletProcess().run("generate", "-m", folder, "Hi")
    #expect(result.status == 64 && result.errors.contains("--raw"))
  }

  @Test("A record that cannot be answered ends the run with its line and 65, after the answers before it")
  func failingRecord() throws {
    let good = (0..<5).map { #"{"n": \#($0), "prompt": "the \#($0)"}"# }
    let long = #"{"prompt": "\#(String(repeating: "swift ", count: 60))"}"#
    for bad in [#"{"n": 5}"#, long, #"{"prompt": 7}"#, #"{"prompt": ""#] {
      let result = try lines(good + [bad, #"{"n": 6, "prompt": "the"}"#], ["-n", "60"])
      #expect(result.status == 65, "\(bad)")
      #expect(result.errors.contains("line 6"), "\(result.errors)")
      let numbers = try result.text.split(separator: "\n").map {
        try JSON(parsing: String($0))["n"]?.intValue
      }
      #expect(numbers == [0, 1, 2, 3, 4], "\(bad)")
    }
  }

  @Test("A cut is reported with the line that was cut")
  func cutLine() throws {
    let long = #"{"prompt": "\#(String(repeating: "swift ", count: 60))"}"#
    let result = try lines([#"{"prompt": "the"}"#, long], ["-n", "2", "--overflow", "cut-start"])
    #expect(result.status == 0)
    #expect(result.errors.contains("Line 2: The prompt did not fit"), "\(result.errors)")
    #expect(!result.errors.contains("Line 1"))
    let cuts = try result.text.split(separator: "\n").map {
      try JSON(parsing: String($0))["cut_prompt_tokens"]?.intValue
    }
    #expect(cuts.count == 2 && cuts[0] == nil && (cuts[1] ?? 0) > 0)
  }

  @Test("Values that cannot be are refused with 64 and what may be")
  func refusals() throws {
    let cases: [([String], [String])] = [
      (["--top-p", "0"], ["--top-p", "above 0"]), (["--top-p", "1e-60"], ["top_p", "above 0"]),
      (["--context", "129"], ["129", "128"]),
      (["--ignore-eos", "-n", "500"], ["500", "128", "8 tokens"]),
    ]
    for (arguments, parts) in cases {
      let result = try MartletProcess().run(generate + arguments + ["the swift"])
      #expect(result.status == 64, "\(arguments): \(result.errors)")
      for part in parts { #expect(result.errors.contains(part), "\(arguments): \(result.errors)") }
      #expect(result.output.isEmpty)
    }
    let text = Data(String(repeating: "the swift ", count: 100).utf8)
    let perplexity = try MartletProcess(input: text).run("perplexity", "-", "--context", "512", "-m", folder)
    #expect(perplexity.status == 64)
    #expect(perplexity.errors.contains("512") && perplexity.errors.contains("128"))
    // Without the option a window is as long as the model's context allows.
    #expect(try MartletProcess(input: text).run("perplexity", "-", "-m", folder).status == 0)
  }

  @Test("tokens --count counts each record, too")
  func counts() throws {
    let input = "{\"text\": \"the\"}\n{\"text\": \"a b\", \"n\": 1.0}\n"
    let result = try MartletProcess(input: Data(input.utf8)).run(
      "tokens", "-m", folder, "--format", "jsonl", "--count")
    #expect(
      result.text == "{\"text\": \"the\", \"count\": 1}\n{\"text\": \"a b\", \"n\": 1.0, \"count\": 3}\n")
  }

  @Test("models tells whether a model runs, and what its context takes")
  func details() throws {
    let details = try JSON(parsing: try MartletProcess().run("models", folder, "--json").text)
    #expect(details["runs"] == true)
    // Two layers, one head of 16 for keys and one for values, two bytes each; 128 tokens.
    #expect(details["context_cache_bytes"]?.intValue == 2 * 16 * 2 * 2 * 128)
    let list = try MartletProcess().run("models")
    let gpt2 = try #require(list.text.split(separator: "\n").first { $0.contains("distilgpt2") })
    #expect(!gpt2.contains("do not run") && gpt2.contains("no SHA-256"))
    let small = try #require(list.text.split(separator: "\n").first { $0.contains("smollm2-135m-instruct") })
    #expect(!small.contains("do not run") && !small.contains("SHA-256"))
    let unpulled = try MartletProcess(environment: ["MARTLET_HOME": "/nonexistent"]).run("models", "gpt2")
    #expect(unpulled.text.contains("not in the catalogue"))
    try withTemporaryFolder { copy in
      let other = copy.appending(path: "olmo")
      try FileManager.default.copyItem(atPath: folder, toPath: other.path)
      let file = other.appending(path: "config.json")
      let text = try String(contentsOf: file, encoding: .utf8)
      try text.replacing("\"llama\"", with: "\"olmo\"").write(to: file, atomically: true, encoding: .utf8)
      #expect(try MartletProcess().run("models", other.path).text.contains("no: olmo models do not run yet"))
    }
  }
}
