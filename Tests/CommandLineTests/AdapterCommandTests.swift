import Foundation
import MartletCheckpoints
import MartletJSON
import MartletTestScope
import Testing

/// `adapter` and `--adapter`, as processes.
@Suite("Adapters on the command line", .startsProcesses)
struct AdapterCommandTests {
  private static let folder = MartletProcess.packageRoot.appendingPathComponent(
    "Tests/TransformersTests/Adapters/Fixtures")

  private static func adapter(_ name: String) -> String { folder.appendingPathComponent(name).path }
  private static let gguf = TinyFolder.url.appendingPathComponent("f32.gguf").path

  /// The logits of the most probable next tokens, by id.
  private func logits(_ arguments: String...) throws -> [Int: Double] {
    let result = try MartletProcess().run(["logits", "the swift", "--json", "-k", "20"] + arguments)
    #expect(result.status == 0, "\(result.errors)")
    let next = try JSON(parsing: result.text)["next"]?.arrayValue ?? []
    return Dictionary(
      next.map { ($0["id"]?.intValue ?? -1, $0["logit"]?.doubleValue ?? .nan) }, uniquingKeysWith: { $1 })
  }

  private func expectAlike(_ a: [Int: Double], _ b: [Int: Double], within tolerance: Double = 1e-4) {
    #expect(a.count == 20 && Set(a.keys) == Set(b.keys))
    for (id, logit) in a { #expect(abs((b[id] ?? .nan) - logit) < tolerance, "\(id)") }
  }

  @Test("list tells of each adapter, and of those whose settings are not followed")
  func list() throws {
    let result = try MartletProcess().run("adapter", "list", Self.folder.path, "--json")
    let adapters = try #require(JSON(parsing: result.text).arrayValue)
    let found = try #require(adapters.first { $0["path"]?.stringValue?.hasSuffix("/rslora") == true })
    #expect(found["base"] == "qwen3" && found["rank"] == 9 && found["problem"]?.isNull == true)
    try withTemporaryFolder { folder in
      let copy = folder.appendingPathComponent("a/b")
      try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
      try Data(#"{"peft_type":"LORA","use_dora":true}"#.utf8).write(
        to: copy.appendingPathComponent("adapter_config.json"))
      let text = try MartletProcess().run("adapter", "list", folder.path).text
      #expect(text.contains("a/b"))
    }
    #expect(try MartletProcess().run("adapter", "list", "/nowhere").status == 64)
  }

  @Test("show tells settings, norms and parameters, and whether the adapter fits a model")
  func show() throws {
    let result = try MartletProcess().run("adapter", "show", Self.adapter("default-llama"), "--json")
    let object = try JSON(parsing: result.text)
    #expect(object["parameters"] == 1792 && object["layers"]?.arrayValue?.count == 4)
    #expect(object["targets"] == ["q_proj", "v_proj"] && object["fingerprint"]?.stringValue?.count == 12)
    #expect(object["layers"]?[0]?["norm"]?.doubleValue ?? 0 > 0)
    let fitting = try MartletProcess().run(
      "adapter", "show", Self.adapter("default-llama"), "-m", TinyFolder.path)
    #expect(fitting.status == 0 && fitting.text.contains("model.layers.1.self_attn.v_proj"))
    let other = try MartletProcess().run(
      "adapter", "show", Self.adapter("default-gpt2"), "-m", TinyFolder.path)
    #expect(other.status == 64 && other.errors.contains("c_attn"), "\(other.errors)")
  }

  @Test("diff of an adapter with itself is nothing, in the same direction")
  func diff() throws {
    let path = Self.adapter("default-llama")
    let same = try JSON(parsing: MartletProcess().run("adapter", "diff", path, path, "--json").text)
    #expect(abs((same["all"]?["cosine"]?.doubleValue ?? 0) - 1) < 1e-9)
    #expect((same["all"]?["difference"]?.doubleValue ?? 1) < 1e-3)
    let other = try JSON(
      parsing: MartletProcess().run("adapter", "diff", path, Self.adapter("rank-pattern"), "--json").text)
    #expect(abs(other["all"]?["cosine"]?.doubleValue ?? 1) < 0.9)
    #expect(other["layers"]?.arrayValue?.count == 6)
  }

  @Test(
    "merge makes a folder, and a GGUF file, that compute what base and adapter do",
    arguments: ["rank-pattern", "saved-head", "saved-embedding", "head", "embedding"])
  func merge(name: String) throws {
    try withTemporaryFolder { folder in
      let path = Self.adapter(name)
      for kind in ["merged", "merged.gguf"] {
        let output = folder.appendingPathComponent(kind).path
        var arguments = ["adapter", "merge", TinyFolder.path, path, "-o", output, "--json", "--type", "F32"]
        if kind.hasSuffix(".gguf") { arguments.append("--no-tokenizer") }
        let result = try MartletProcess().run(arguments)
        #expect(result.status == 0, "\(result.errors)")
        let object = try JSON(parsing: result.text)
        if name == "rank-pattern" { #expect(object["weights"]?.arrayValue?.count == 6) }
        #expect(object["agreement"]?.doubleValue == 1)
        #expect((object["divergence"]?.doubleValue ?? 1) < 1e-6)
        if kind == "merged" {
          expectAlike(try logits("-m", TinyFolder.path, "--adapter", path), try logits("-m", output))
        }
      }
    }
  }

  @Test(
    "merge keeps the types of a GGUF base, and tells what rounding costs", arguments: ["f32", "q8_0", "q4_0"])
  func mergeGGUF(type: String) throws {
    try withTemporaryFolder { folder in
      let output = folder.appendingPathComponent("merged.gguf").path
      let base = TinyFolder.url.appendingPathComponent("\(type).gguf").path
      let path = Self.adapter("rank-pattern")
      let result = try MartletProcess().run("adapter", "merge", base, path, "-o", output, "--json")
      #expect(result.status == 0, "\(result.errors)")
      let object = try JSON(parsing: result.text)
      let weights = try #require(object["weights"]?.arrayValue)
      #expect(weights.count == 6 && weights.allSatisfy { $0["to"] == $0["from"] })
      let noise = weights.compactMap { $0["noise"]?.doubleValue }.max() ?? -1
      #expect(type == "f32" ? noise == 0 : noise > 0 && noise < 0.9, "\(noise)")
      #expect((object["divergence"]?.doubleValue ?? 1) < ["f32": 1e-6, "q8_0": 0.02, "q4_0": 1][type] ?? 0)
      let again = try MartletProcess().run("adapter", "merge", base, path, "-o", output)
      #expect(again.status == 64 && again.errors.contains("--force"), "\(again.errors)")
    }
  }

  @Test("export writes llama.cpp's format, with the factor folded in and the rows in GGUF's order")
  func export() throws {
    try withTemporaryFolder { folder in
      let outputs = ["a.gguf", "b.gguf"].map { folder.appendingPathComponent($0).path }
      for (output, base) in zip(outputs, [TinyFolder.path, Self.gguf]) {
        let result = try MartletProcess().run(
          "adapter", "export", Self.adapter("rank-pattern"), "-m", base, "-o", output)
        #expect(result.status == 0, "\(result.errors)")
      }
      // The base's kind makes no difference.
      #expect(
        try Data(contentsOf: URL(filePath: outputs[0])) == Data(contentsOf: URL(filePath: outputs[1])))
      let file = try GGUFFile(path: outputs[0])
      #expect(try file.metadata.string("general.type") == "adapter")
      #expect(try file.metadata.string("adapter.type") == "lora")
      #expect(file.tensors.contains { $0.name == "blk.0.attn_q.weight.lora_a" && $0.shape == [2, 32] })
      let saved = try MartletProcess().run(
        "adapter", "export", Self.adapter("saved-head"), "-m", TinyFolder.path, "-o", outputs[0] + "2.gguf")
      #expect(saved.status == 64 && saved.errors.contains("adapter merge"), "\(saved.errors)")
    }
  }

  @Test("A factor after a colon says how much of an adapter is added, and several add up")
  func scales() throws {
    let path = Self.adapter("default-llama")
    let base = try logits("-m", TinyFolder.path)
    let half = try logits("-m", TinyFolder.path, "--adapter", path + ":0.5")
    expectAlike(base, try logits("-m", TinyFolder.path, "--adapter", path + ":0"))
    expectAlike(
      half, try logits("-m", TinyFolder.path, "--adapter", path + ":0.25", "--adapter", path + ":0.25"))
    #expect(half != base)
  }

  @Test("generate, perplexity and eval run take an adapter; an API's model does not")
  func commands() throws {
    let path = Self.adapter("default-llama")
    let generate = [
      "generate", "-m", TinyFolder.path, "--raw", "--temperature", "0", "--ignore-eos", "-n", "12", "the",
    ]
    let plain = try MartletProcess().run(generate)
    let adapted = try MartletProcess().run(generate + ["--adapter", path + ":3"])
    #expect(plain.status == 0 && adapted.status == 0 && plain.text != adapted.text, "\(adapted.errors)")
    let missing = try MartletProcess().run(generate + ["--adapter", "/nowhere"])
    #expect(missing.status == 66 && missing.errors.contains("adapter list"), "\(missing.errors)")
    let provider = try MartletProcess(environment: ["OPENAI_API_KEY": "x"]).run(
      "generate", "-m", "openai:x", "--adapter", path, "the")
    #expect(provider.status == 64 && provider.errors.contains("--adapter"), "\(provider.errors)")
    try withTemporaryFolder { folder in
      let questions = folder.appendingPathComponent("q.jsonl")
      try Data(#"{"question": "the", "equals": "x"}"#.utf8).write(to: questions)
      let run = try MartletProcess(environment: ["MARTLET_RUNS": folder.appendingPathComponent("r").path])
        .run(
          "eval", "run", questions.path, "-m", TinyFolder.path, "--adapter", path + ":0.5", "--json")
      let recipe = try JSON(parsing: run.text)["recipe"]
      #expect(recipe?["model"]?["adapter"]?.stringValue?.contains("scale 0.5") == true, "\(run.errors)")
    }
  }
}
