import Foundation
import MartletJSON
import MartletTestScope
import Testing

@Suite("compare, and what tune shows before it trains", .startsProcesses)
struct CompareCommandTests {
  private let program = MartletProcess()
  private static let rows =
    #"{"prompt": "abc", "completion": "def"}"# + "\n" + #"{"text": "abcdefgh"}"# + "\n"

  private func withRows(_ body: (_ data: String, _ folder: URL) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let data = folder.appending(path: "data.jsonl")
      try Data(Self.rows.utf8).write(to: data)
      try body(data.path(), folder)
    }
  }

  @Test("--preview shows ids, what counts of them, and the text")
  func preview() throws {
    try withRows { data, _ in
      let result = try program.run("tune", TinyFolder.path, "--data", data, "--preview", "2", "--json")
      #expect(result.status == 0, "\(result.errors)")
      let examples = try result.text.split(separator: "\n").map { try JSON(parsing: String($0)) }
      #expect(examples.count == 2)
      for example in examples {
        #expect(example["ids"]?.arrayValue?.count == example["mask"]?.arrayValue?.count)
        #expect(example["text"]?.stringValue?.contains("abc") == true)
      }
      let counted = examples.map { $0["mask"]?.arrayValue?.count { $0.intValue == 1 } ?? 0 }
      #expect(counted[0] < counted[1], "the prompt does not count")
    }
  }

  @Test("compare measures the model before and after, and answers the same prompts")
  func compares() throws {
    try withRows { data, folder in
      let run = folder.appending(path: "run").path()
      let tuned = try program.run(
        "tune", TinyFolder.path, "--data", data, "--steps", "12", "--learning-rate", "0.05", "-o", run)
      #expect(tuned.status == 0, "\(tuned.errors)")
      let page = folder.appending(path: "page.html").path()
      let result = try program.run(
        "compare", TinyFolder.path, "--adapter", run, "--data", data, "--json", "--html", page)
      #expect(result.status == 0, "\(result.errors)")
      let object = try JSON(parsing: result.text)
      let losses = ["before", "after"].compactMap { object[$0]?["loss"]?.doubleValue }
      #expect(losses.count == 2 && losses[1] < losses[0], "\(losses)")
      #expect(object["answers"]?.arrayValue?.isEmpty == false)
      #expect(try String(contentsOfFile: page, encoding: .utf8).contains("</html>"))
    }
  }

  @Test("--init trains a model of random weights, which a run keeps")
  func fromNothing() throws {
    try withTemporaryFolder { folder in
      let configuration = folder.appending(path: "config.json")
      try Data(
        """
        {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 300, "hidden_size": 32,
         "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 2,
         "max_position_embeddings": 64, "rms_norm_eps": 1e-5, "tie_word_embeddings": true, "hidden_act": "silu"}
        """.utf8
      ).write(to: configuration)
      let book = folder.appending(path: "book.txt")
      let sentence = "The swift sleeps on the wing. "
      try Data(String(repeating: sentence, count: 60).utf8).write(to: book)
      let run = folder.appending(path: "run").path()
      let result = try program.run(
        "tune", "--init", configuration.path(), "--data", book.path(), "--max-length", "64", "--steps", "20",
        "--learning-rate", "0.01", "-o", run, "--json")
      #expect(result.status == 0, "\(result.errors)")
      let losses = try result.text.split(separator: "\n").compactMap {
        try JSON(parsing: String($0))["loss"]?.doubleValue
      }
      #expect(losses.count == 20 && losses[19] < losses[0], "\(losses)")
      let written = try program.run(
        "generate", "-m", run + "/model", "--raw", "--temperature", "0", "--max-tokens", "4", "The swift")
      #expect(written.status == 0, "\(written.errors)")
      let both = try program.run(
        "tune", TinyFolder.path, "--init", configuration.path(), "--data", book.path(), "-o", run + "2")
      #expect(both.status == 64)
    }
  }

  @Test(
    "A format that SmolLM2 never keeps on held-out orders, it keeps on most after training on others", .slow,
    .needs("smollm2-135m-instruct"))
  func format() throws {
    try withTemporaryFolder { folder in
      let run = folder.appending(path: "run").path()
      let examples = MartletProcess.packageRoot.appending(path: "Examples/tuning")
      let tuned = try program.run(
        "tune", "smollm2-135m-instruct", "--data", examples.appending(path: "orders.jsonl").path(),
        "--target", "all-linear",
        "--learning-rate", "1e-3", "--batch-size", "8", "--epochs", "3", "-o", run)
      #expect(tuned.status == 0, "\(tuned.errors)")
      let result = try program.run(
        "compare", "smollm2-135m-instruct", "--adapter", run, "--data",
        examples.appending(path: "orders-held-out.jsonl").path(), "--json")
      let object = try JSON(parsing: result.text)
      let exact = ["before", "after"].compactMap { object[$0]?["exact_match"]?.doubleValue }
      #expect(exact.count == 2 && exact[0] < 0.1 && exact[1] > 0.8, "\(exact)")
    }
  }
}
